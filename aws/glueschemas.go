package aws

import (
	"context"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"

	"github.com/flowdeed/flowdeed/graph"
)

// collectGlueSchemas asks for the schemas of all registries in one list, and for the
// latest version of each.
func collectGlueSchemas(ctx context.Context, c *Collector, api *glue.Client) {
	var arns []string
	for _, p := range pages(ctx, c, "ListSchemas", "", glue.NewListSchemasPaginator(api, &glue.ListSchemasInput{})) {
		for _, s := range p.Schemas {
			arns = append(arns, awssdk.ToString(s.SchemaArn))
		}
	}
	each(ctx, arns, func(arn string) {
		ask(ctx, c, "GetSchemaVersion", arn, api.GetSchemaVersion, &glue.GetSchemaVersionInput{
			SchemaId: &types.SchemaId{SchemaArn: awssdk.String(arn)}, SchemaVersionNumber: &types.SchemaVersionNumber{LatestVersion: true},
		})
	})
}

func keepSchemaNames(answer map[string]any) {
	for _, s := range entriesOf(answer, "Schemas") {
		keep(s, "SchemaName", "RegistryName", "SchemaArn", "SchemaStatus")
	}
}

// keepSchemaFields leaves of a schema the names of its fields.
func keepSchemaFields(answer map[string]any) {
	fields := registryFields(text(answer["DataFormat"]), text(answer["SchemaDefinition"]))
	keep(answer, "DataFormat", "SchemaArn", "SchemaVersionId", "VersionNumber", "Status")
	answer["Fields"] = fieldTree(fields)
}

type glueSchema struct {
	SchemaVersionId string
	Fields          []graph.Field
}

// schemaVersions are the fields of the latest versions of the registered schemas.
func (r *Region) schemaVersions() map[string][]graph.Field {
	out := map[string][]graph.Field{}
	for _, a := range r.each("GetSchemaVersion") {
		s := decode[glueSchema](a)
		out[a.Subject] = s.Fields
		if s.SchemaVersionId != "" {
			out[s.SchemaVersionId] = s.Fields
		}
	}
	return out
}

// referredSchema are the fields of a table that takes its columns from the registry. Source:
// AWS Glue API reference, "SchemaReference" and "SchemaId".
func (r *catalog) referredSchema(t *glueTable) []graph.Field {
	ref := t.StorageDescriptor.SchemaReference
	if ref == nil {
		return nil
	}
	keys := []string{ref.SchemaVersionId}
	if id := ref.SchemaId; id != nil {
		keys = append(keys, id.SchemaArn, r.arn("glue", "schema/"+orElse(id.RegistryName, "default-registry")+"/"+id.SchemaName))
	}
	for _, k := range keys {
		if f := r.schemas[k]; k != "" && f != nil {
			return f
		}
	}
	return nil
}

// registrySchemas adds the fields of a registered schema to the stream of its name.
// Source: AWS Glue developer guide, "How the schema registry works": a schema is
// registered under the name of the destination unless the producer gives another one.
func (r *Region) registrySchemas(found findings) {
	const op = "GetSchemaVersion"
	src := r.source(op, "SchemaDefinition")
	for _, list := range r.each("ListSchemas") {
		for _, s := range decode[struct {
			Schemas []struct{ SchemaName, RegistryName, SchemaArn string }
		}](list).Schemas {
			a := r.answer(op, s.SchemaArn)
			for _, n := range r.index.aliases[inAccount{r.Account, s.SchemaName}] {
				switch {
				case n.External || n.Region != r.Region || n.Class != graph.Stream && n.Class != graph.DeliveryStream:
				case r.whyNot(op, a) != "":
					found.lose(n, r.whyNot(op, a), src)
				default:
					found.add(n, "Glue schema "+s.RegistryName+"/"+s.SchemaName, src, messageFields(decode[glueSchema](a).Fields, s.SchemaName))
				}
			}
		}
		if why := r.whyNot("ListSchemas", list); why != "" {
			for _, n := range r.index.placed[place{r.Account, r.Region}] {
				if n.Class == graph.Stream {
					found.lose(n, why, src)
				}
			}
		}
	}
}

// messageFields makes the fields of a schema those of messages of a name.
func messageFields(fields []graph.Field, record string) []graph.Field {
	out := make([]graph.Field, 0, len(fields))
	for _, f := range fields {
		f.Name, f.Record, f.Of = orElse(f.Name, f.Path), orElse(f.Record, record), "message field"
		out = append(out, f)
	}
	return out
}
