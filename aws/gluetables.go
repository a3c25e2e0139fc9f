package aws

import (
	"context"
	"maps"
	"regexp"
	"slices"
	"strings"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue"

	"github.com/flowdeed/flowdeed/graph"
)

// A table of the Glue Data Catalog describes data that is kept elsewhere: in a folder of a
// bucket, in a table, a stream or a database. Its columns are names of fields there.

func collectGlueTables(ctx context.Context, c *Collector, api *glue.Client) {
	var names []string
	for _, p := range pages(ctx, c, "GetDatabases", "", glue.NewGetDatabasesPaginator(api, &glue.GetDatabasesInput{})) {
		for _, d := range p.DatabaseList {
			names = append(names, awssdk.ToString(d.Name))
		}
	}
	each(ctx, names, func(name string) {
		pages(ctx, c, "GetTables", name, glue.NewGetTablesPaginator(api, &glue.GetTablesInput{DatabaseName: awssdk.String(name)}))
	})
	if len(names) > 0 {
		pages(ctx, c, "GetConnections", "", glue.NewGetConnectionsPaginator(api, &glue.GetConnectionsInput{HidePassword: true}))
	}
}

func keepDatabaseNames(answer map[string]any) {
	for _, d := range entriesOf(answer, "DatabaseList") {
		keep(d, "Name")
	}
}

// keepConnections leaves of a connection where it leads to.
func keepConnections(answer map[string]any) {
	for _, x := range entriesOf(answer, "ConnectionList") {
		keep(x, "Name", "ConnectionType", "ConnectionProperties")
		if p, ok := x["ConnectionProperties"].(map[string]any); ok {
			keep(p, "JDBC_CONNECTION_URL", "HOST", "CONNECTION_URL")
		}
	}
}

// keepColumns leaves of a catalog table its columns and where its data is. Queries of
// views, statistics and descriptions may hold values, and nothing here needs them.
func keepColumns(answer map[string]any) {
	for _, t := range entriesOf(answer, "TableList") {
		keep(t, "Name", "DatabaseName", "TableType", "Parameters", "PartitionKeys", "StorageDescriptor")
		if p, ok := t["Parameters"].(map[string]any); ok {
			keep(p, "classification", "connectionName")
		}
		keepColumnNames(t, "PartitionKeys")
		s, ok := t["StorageDescriptor"].(map[string]any)
		if !ok {
			continue
		}
		keep(s, "Columns", "Location", "AdditionalLocations", "Parameters", "SchemaReference")
		keepColumnNames(s, "Columns")
		if p, ok := s["Parameters"].(map[string]any); ok {
			keep(p, "streamARN", "streamName", "typeOfData")
		}
	}
}

func keepColumnNames(of map[string]any, list string) {
	for _, c := range entriesOf(of, list) {
		keep(c, "Name", "Type", "Comment")
		if text, ok := c["Comment"].(string); ok && !plainComment.MatchString(text) || text == hiveComment {
			delete(c, "Comment")
		}
	}
}

// plainComment is a remark of a few words that names what a column holds. Longer ones,
// and those with numbers or addresses in them, may hold anything.
var plainComment = regexp.MustCompile(`^[\p{L} ,()/'-]{3,60}$`)

// hiveComment is what tools write where nobody commented.
const hiveComment = "from deserializer"

type glueColumn struct{ Name, Type, Comment string }

type glueTable struct {
	Name, DatabaseName, TableType string
	Parameters                    struct{ Classification, ConnectionName string }
	PartitionKeys                 []glueColumn
	StorageDescriptor             *struct {
		Columns             []glueColumn
		Location            string
		AdditionalLocations []string
		Parameters          struct{ StreamARN, StreamName, TypeOfData string }
		SchemaReference     *struct {
			SchemaVersionId string
			SchemaId        *struct{ SchemaArn, RegistryName, SchemaName string }
		}
	}
}

func (t *glueTable) label() string { return "Glue table " + t.DatabaseName + "." + t.Name }

// catalogKey names a table of the catalog of an account and Region.
type catalogKey struct{ account, region, database, table string }

// conversion is a delivery stream that writes by the columns of a catalog table.
type conversion struct {
	node *graph.Node
	key  catalogKey
}

// catalog is what the tables of a Region refer to: databases by the names of connections,
// fields of registered schemas by the ARNs of the schemas and the ids of their versions.
type catalog struct {
	*Region
	connections map[string]*graph.Node
	schemas     map[string][]graph.Field
}

// catalogTables reads the tables of a Region and what refers to them.
func (r *Region) catalogTables(found findings) {
	const op = "GetTables"
	src := r.source(op, "TableList[].StorageDescriptor.Columns[].Name")
	cat := catalog{r, r.glueConnections(), r.schemaVersions()}
	tables := map[catalogKey]*glueTable{}
	for _, a := range r.each(op) {
		for _, t := range decode[struct{ TableList []glueTable }](a).TableList {
			if t.DatabaseName == "" {
				t.DatabaseName = a.Subject
			}
			tables[catalogKey{r.Account, r.Region, t.DatabaseName, t.Name}] = &t
			cat.tableStores(&t, found, src)
		}
	}
	lost := r.lostTables()
	for _, why := range lost {
		for _, n := range r.index.placed[place{r.Account, r.Region}] {
			if n.Class == graph.Bucket {
				found.lose(n, why, src)
			}
		}
	}
	for _, c := range r.conversions {
		if c.key.account != r.Account || c.key.region != r.Region {
			continue
		}
		if t := tables[c.key]; t != nil {
			found.add(c.node, t.label(), src, cat.columns(t, "", ""))
		} else if len(lost) > 0 {
			found.lose(c.node, lost[0], src)
		}
	}
}

// lostTables says which calls about the catalog gave no answer.
func (r *Region) lostTables() []string {
	var out []string
	for _, op := range []string{"GetDatabases", "GetTables"} {
		for _, a := range r.each(op) {
			if why := r.whyNot(op, a); why != "" {
				out = append(out, why)
			}
		}
	}
	return out
}

// tableStores adds the columns of a table to what keeps its data.
func (r *catalog) tableStores(t *glueTable, found findings, src graph.Source) {
	s := t.StorageDescriptor
	if s == nil || t.TableType == "VIRTUAL_VIEW" {
		return
	}
	for _, location := range append([]string{s.Location}, s.AdditionalLocations...) {
		if bucket, folder, ok := bucketFolder(location); ok {
			n := r.resolve(reference{ARN{r.Partition, "s3", "", "", bucket}.String(), r.Account, r.Region.Region})
			found.add(n, t.label(), src, r.columns(t, folder, ""))
		}
	}
	if n := r.streamOrTable(t); n != nil {
		found.add(n, t.label(), src, r.columns(t, "", ""))
	} else if n := r.connections[t.Parameters.ConnectionName]; n != nil {
		// Source: AWS Glue developer guide, "Crawling JDBC data stores": the location is
		// database.table or database.schema.table.
		record := s.Location[strings.LastIndexByte(s.Location, '.')+1:]
		found.add(n, t.label(), src, r.columns(t, "", orElse(record, t.Name)))
	}
}

var s3Location = regexp.MustCompile(`^s3[an]?://([^/]+)(?:/(.*))?$`)

// bucketFolder splits a location in S3 into bucket and folder.
func bucketFolder(location string) (bucket, folder string, ok bool) {
	m := s3Location.FindStringSubmatch(location)
	if m == nil {
		return "", "", false
	}
	return m[1], strings.Trim(m[2], "/"), true
}

// streamOrTable is the stream or table of DynamoDB a catalog table describes. Source: AWS
// Glue developer guide, "Adding Glue tables" for streaming sources, and "DynamoDB" crawlers.
func (r *Region) streamOrTable(t *glueTable) *graph.Node {
	s := t.StorageDescriptor
	for _, arn := range []string{s.Location, s.Parameters.StreamARN} {
		if strings.HasPrefix(arn, "arn:") {
			if n := r.resolve(reference{arn, r.Account, r.Region}); n != nil {
				return n
			}
		}
	}
	switch name := orElse(s.Parameters.StreamName, s.Location); {
	case s.Parameters.TypeOfData == "kinesis" && name != "":
		return r.resolve(reference{r.arn("kinesis", "stream/"+name), r.Account, r.Region})
	case t.Parameters.Classification == "dynamodb" && s.Location != "":
		return r.resolve(reference{r.arn("dynamodb", "table/"+s.Location), r.Account, r.Region})
	}
	return nil
}

// glueConnections are the databases that connections lead to.
func (r *Region) glueConnections() map[string]*graph.Node {
	out := map[string]*graph.Node{}
	for _, a := range r.each("GetConnections") {
		for _, c := range decode[struct {
			ConnectionList []struct {
				Name                 string
				ConnectionProperties map[string]Value
			}
		}](a).ConnectionList {
			for _, key := range slices.Sorted(maps.Keys(c.ConnectionProperties)) {
				for _, ref := range c.ConnectionProperties[key].Refs {
					if n := r.resolve(reference{ref, r.Account, r.Region}); n != nil && out[c.Name] == nil {
						out[c.Name] = n
					}
				}
			}
		}
	}
	return out
}

// columns are the columns of a table as fields: below a folder of a bucket, or below a
// table of a database. Partition keys are columns, too: they stand in the names of objects.
func (r *catalog) columns(t *glueTable, folder, table string) []graph.Field {
	var out []graph.Field
	for _, c := range slices.Concat(t.StorageDescriptor.Columns, t.PartitionKeys) {
		for _, f := range hiveFields(c.Name, c.Type) {
			f.Comment = c.Comment
			out = append(out, f)
		}
	}
	if len(t.StorageDescriptor.Columns) == 0 {
		out = append(out, r.referredSchema(t)...)
	}
	for i := range out {
		f := &out[i]
		f.Record, f.Name, f.Of = t.Name, orElse(f.Name, f.Path), "column"
		switch {
		case folder != "":
			f.Path = safeFolder.Replace(folder) + "/**:" + f.Path
		case table != "":
			f.Path = below("", table) + "." + f.Path
		}
	}
	return out
}

// safeFolder takes out of a folder's name what has a meaning in field paths.
var safeFolder = strings.NewReplacer(":", "?", "*", "?", "[", "?", "]", "?", "{", "?", "}", "?")

// hiveFields lists the fields of a column: those inside a struct, or the column itself.
// Source: AWS Glue developer guide, "Column structure", which uses Hive's types.
func hiveFields(path, kind string) []graph.Field {
	h := hiveType{rest: kind}
	h.read(below("", path), 0)
	if len(h.out) == 0 || h.broken {
		return []graph.Field{{Path: below("", path), Type: kind}}
	}
	return h.out
}

type hiveType struct {
	rest   string
	out    []graph.Field
	broken bool
}

var hiveWord = regexp.MustCompile(`^\s*([A-Za-z_][\w ]*(?:\([0-9, ]*\))?)\s*`)

// read takes one type off the front of what is left.
func (h *hiveType) read(path string, depth int) {
	m := hiveWord.FindStringSubmatch(h.rest)
	if m == nil || depth > deepest {
		h.broken = true
		return
	}
	h.rest = h.rest[len(m[0]):]
	kind := strings.ToLower(strings.TrimSpace(m[1]))
	if !strings.HasPrefix(h.rest, "<") {
		h.out = append(h.out, graph.Field{Path: path, Type: kind})
		return
	}
	h.rest = h.rest[1:]
	for first := true; !h.broken && !h.closes(first); first = false {
		switch kind {
		case "struct":
			name, rest, ok := strings.Cut(h.rest, ":")
			if h.rest = rest; !ok {
				h.broken = true
				return
			}
			h.read(below(path, strings.Trim(name, " `")), depth+1)
		case "array":
			h.read(path+"[]", depth+1)
		case "map":
			if first { // the type of the keys
				keys := hiveType{rest: h.rest}
				keys.read("", depth+1)
				h.rest, h.broken = keys.rest, keys.broken
			} else {
				h.read(path, depth+1)
			}
		default:
			h.broken = true
		}
	}
}

// closes takes the ">" that ends a type, or the comma before its next part.
func (h *hiveType) closes(first bool) bool {
	h.rest = strings.TrimLeft(h.rest, " ")
	switch {
	case strings.HasPrefix(h.rest, ">"):
		h.rest = h.rest[1:]
		return true
	case first:
		return false
	case strings.HasPrefix(h.rest, ","):
		h.rest = h.rest[1:]
		return false
	}
	h.broken = true
	return true
}
