package aws

import (
	"context"
	"slices"
	"strconv"
	"strings"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"

	"github.com/flowdeed/flowdeed/graph"
)

var rdsService = &Service{
	Name: "rds",
	Doc:  "Relational, document and graph databases with their snapshots: encryption, TLS parameter, exposure, backups and audit logs. No connection is ever made.",
	Calls: []Call{
		{Operation: "DescribeDBInstances", Action: "rds:DescribeDBInstances", Drop: []string{"DBInstances[].MasterUsername"}},
		{Operation: "DescribeDBClusters", Action: "rds:DescribeDBClusters", Drop: []string{"DBClusters[].MasterUsername"}},
		{Operation: "DescribeDBParameters", Action: "rds:DescribeDBParameters"},
		{Operation: "DescribeDBClusterParameters", Action: "rds:DescribeDBClusterParameters"},
		{Operation: "DescribeDBSnapshots", Action: "rds:DescribeDBSnapshots", Drop: []string{"DBSnapshots[].MasterUsername"}},
		{Operation: "DescribeDBSnapshotAttributes", Action: "rds:DescribeDBSnapshotAttributes"},
		{Operation: "DescribeDBClusterSnapshots", Action: "rds:DescribeDBClusterSnapshots", Drop: []string{"DBClusterSnapshots[].MasterUsername"}},
		{Operation: "DescribeDBClusterSnapshotAttributes", Action: "rds:DescribeDBClusterSnapshotAttributes"},
		{Operation: "DescribeDBProxies", Action: "rds:DescribeDBProxies", Optional: true},
		{Operation: "DescribeDBProxyTargets", Action: "rds:DescribeDBProxyTargets", Optional: true},
		{Operation: "DescribeGlobalClusters", Action: "rds:DescribeGlobalClusters", Optional: true},
		{Operation: "DescribeExportTasks", Action: "rds:DescribeExportTasks", Optional: true},
	},
	Collect: collectRDS,
	Build:   buildRDS,
}

func collectRDS(ctx context.Context, c *Collector) {
	api := rds.NewFromConfig(c.Config)
	groups, clusterGroups := map[string]bool{}, map[string]bool{}
	for _, p := range pages(ctx, c, "DescribeDBInstances", "", rds.NewDescribeDBInstancesPaginator(api, &rds.DescribeDBInstancesInput{})) {
		for _, d := range p.DBInstances {
			for _, g := range d.DBParameterGroups {
				groups[awssdk.ToString(g.DBParameterGroupName)] = true
			}
		}
	}
	for _, p := range pages(ctx, c, "DescribeDBClusters", "", rds.NewDescribeDBClustersPaginator(api, &rds.DescribeDBClustersInput{})) {
		for _, d := range p.DBClusters {
			clusterGroups[awssdk.ToString(d.DBClusterParameterGroup)] = true
		}
	}
	collectDBSnapshots(ctx, c, api)
	if len(groups)+len(clusterGroups) == 0 {
		return
	}
	for _, g := range sorted(groups) {
		pages(ctx, c, "DescribeDBParameters", g, rds.NewDescribeDBParametersPaginator(api, &rds.DescribeDBParametersInput{DBParameterGroupName: awssdk.String(g)}))
	}
	for _, g := range sorted(clusterGroups) {
		pages(ctx, c, "DescribeDBClusterParameters", g, rds.NewDescribeDBClusterParametersPaginator(api, &rds.DescribeDBClusterParametersInput{DBClusterParameterGroupName: awssdk.String(g)}))
	}
	collectProxies(ctx, c, api)
	if len(clusterGroups) > 0 {
		pages(ctx, c, "DescribeGlobalClusters", "", rds.NewDescribeGlobalClustersPaginator(api, &rds.DescribeGlobalClustersInput{}))
	}
	pages(ctx, c, "DescribeExportTasks", "", rds.NewDescribeExportTasksPaginator(api, &rds.DescribeExportTasksInput{}))
}

func sorted(set map[string]bool) []string {
	var out []string
	for k := range set {
		if k != "" {
			out = append(out, k)
		}
	}
	slices.Sort(out)
	return out
}

func collectDBSnapshots(ctx context.Context, c *Collector, api *rds.Client) {
	for _, p := range pages(ctx, c, "DescribeDBSnapshots", "", rds.NewDescribeDBSnapshotsPaginator(api, &rds.DescribeDBSnapshotsInput{})) {
		for _, s := range p.DBSnapshots {
			if awssdk.ToString(s.SnapshotType) == "manual" { // automated ones cannot be shared
				ask(ctx, c, "DescribeDBSnapshotAttributes", awssdk.ToString(s.DBSnapshotIdentifier), api.DescribeDBSnapshotAttributes,
					&rds.DescribeDBSnapshotAttributesInput{DBSnapshotIdentifier: s.DBSnapshotIdentifier})
			}
		}
	}
	for _, p := range pages(ctx, c, "DescribeDBClusterSnapshots", "", rds.NewDescribeDBClusterSnapshotsPaginator(api, &rds.DescribeDBClusterSnapshotsInput{})) {
		for _, s := range p.DBClusterSnapshots {
			if awssdk.ToString(s.SnapshotType) == "manual" {
				ask(ctx, c, "DescribeDBClusterSnapshotAttributes", awssdk.ToString(s.DBClusterSnapshotIdentifier), api.DescribeDBClusterSnapshotAttributes,
					&rds.DescribeDBClusterSnapshotAttributesInput{DBClusterSnapshotIdentifier: s.DBClusterSnapshotIdentifier})
			}
		}
	}
}

type dbInstance struct {
	DBInstanceIdentifier, DBInstanceArn, DbiResourceId, Engine, EngineVersion, KmsKeyId, StorageEncryptionType, DBClusterIdentifier string
	StorageEncrypted, PubliclyAccessible, DeletionProtection                                                                        *bool
	BackupRetentionPeriod                                                                                                           *int
	EnabledCloudwatchLogsExports, ReadReplicaDBInstanceIdentifiers                                                                  []string
	ReadReplicaSourceDBInstanceIdentifier, ReadReplicaSourceDBClusterIdentifier                                                     string
	DBInstanceAutomatedBackupsReplications                                                                                          []struct{ DBInstanceAutomatedBackupsArn string }
	Endpoint                                                                                                                        *struct {
		Address string
		Port    int
	}
	DBParameterGroups []struct{ DBParameterGroupName string }
	VpcSecurityGroups []struct{ VpcSecurityGroupId string }
	MasterUserSecret  *struct{ SecretArn string }
	DBSubnetGroup     *struct {
		VpcId   string
		Subnets []struct{ SubnetIdentifier string }
	}
	TagList []keyValue
}

type dbCluster struct {
	DBClusterIdentifier, DBClusterArn, DbClusterResourceId, Engine, EngineVersion, KmsKeyId, DBClusterParameterGroup, Endpoint, ReaderEndpoint, ActivityStreamStatus, ActivityStreamKinesisStreamName string
	StorageEncrypted, DeletionProtection                                                                                                                                                              *bool
	BackupRetentionPeriod                                                                                                                                                                             *int
	EnabledCloudwatchLogsExports, ReadReplicaIdentifiers                                                                                                                                              []string
	ReplicationSourceIdentifier                                                                                                                                                                       string
	VpcSecurityGroups                                                                                                                                                                                 []struct{ VpcSecurityGroupId string }
	DBClusterMembers                                                                                                                                                                                  []struct{ DBInstanceIdentifier string }
	MasterUserSecret                                                                                                                                                                                  *struct{ SecretArn string }
	Port                                                                                                                                                                                              int
	TagList                                                                                                                                                                                           []keyValue
}

func buildRDS(r *Region) {
	for _, list := range r.each("DescribeDBClusters") {
		for _, d := range decode[struct{ DBClusters []dbCluster }](list).DBClusters {
			r.dbCluster(d, list)
		}
	}
	for _, list := range r.each("DescribeDBInstances") {
		for _, d := range decode[struct{ DBInstances []dbInstance }](list).DBInstances {
			r.dbInstance(d, list)
		}
	}
	r.dbProxies()
	r.globalClusters()
	r.dbSnapshots()
	r.dbExports()
}

func (r *Region) dbInstance(d dbInstance, list *Answer) {
	const op = "DescribeDBInstances"
	n := r.node(graph.Node{
		ID: graph.ID(d.DBInstanceArn), Class: graph.Database, Kind: "rds.instance", Type: "AWS::RDS::DBInstance", Name: d.DBInstanceIdentifier,
		Aliases: []string{d.DbiResourceId},
	})
	tagNode(n, keyValues(d.TagList))
	x := &n.Facts
	if d.Endpoint != nil {
		n.Aliases = append(n.Aliases, strings.ToLower(d.Endpoint.Address))
	}
	graph.Engine.Set(x, strings.TrimSpace(d.Engine+" "+d.EngineVersion), r.source(op, "DBInstances[].Engine"))
	r.dbEncryption(n, d.StorageEncrypted, d.KmsKeyId, d.StorageEncryptionType, op, list, "DBInstances[]")
	fact(r, x, graph.InternetFacing, boolOf(list.OK(), d.PubliclyAccessible), op, list, "DBInstances[].PubliclyAccessible")
	fact(r, x, graph.DeleteProtect, boolOf(list.OK(), d.DeletionProtection), op, list, "DBInstances[].DeletionProtection")
	fact(r, x, graph.BackupDays, d.BackupRetentionPeriod, op, list, "DBInstances[].BackupRetentionPeriod")
	graph.AuditExport.Set(x, hasAudit(d.EnabledCloudwatchLogsExports), r.source(op, "DBInstances[].EnabledCloudwatchLogsExports[]"))
	var groups []string
	for _, g := range d.VpcSecurityGroups {
		groups = append(groups, g.VpcSecurityGroupId)
	}
	port := 0
	if d.Endpoint != nil {
		port = d.Endpoint.Port
	}
	r.listensOn(n, groups, port, r.source(op, "DBInstances[].VpcSecurityGroups[].VpcSecurityGroupId"))
	if d.DBSubnetGroup != nil {
		graph.VPCID.Set(x, d.DBSubnetGroup.VpcId, r.source(op, "DBInstances[].DBSubnetGroup.VpcId"))
		subnets := []string{}
		for _, s := range d.DBSubnetGroup.Subnets {
			subnets = append(subnets, s.SubnetIdentifier)
		}
		graph.SubnetIDs.Set(x, subnets, r.source(op, "DBInstances[].DBSubnetGroup.Subnets[].SubnetIdentifier"))
	}
	if d.MasterUserSecret != nil {
		r.managedSecret[n.ID] = d.MasterUserSecret.SecretArn
		r.flow(graph.UsesSecret, string(n.ID), d.MasterUserSecret.SecretArn, "master user", r.source(op, "DBInstances[].MasterUserSecret.SecretArn"), "")
	}
	var params []string
	for _, g := range d.DBParameterGroups {
		params = append(params, g.DBParameterGroupName)
	}
	if d.DBClusterIdentifier == "" {
		r.dbTLS(n, d.Engine, d.EngineVersion, "DescribeDBParameters", params)
	} else {
		cluster := r.arn("rds", "cluster:"+d.DBClusterIdentifier)
		r.memberOf[n.ID] = graph.ID(cluster)
		r.afterNodes(func() { inherit(n, r.sys.Graph.Node(graph.ID(cluster)), graph.ClientTransit) })
	}
	r.dbInstanceCopies(n, d)
	r.dbLogs(n, "instance", d.DBInstanceIdentifier, d.EnabledCloudwatchLogsExports, r.source(op, "DBInstances[].EnabledCloudwatchLogsExports[]"))
}

// inherit copies a fact from the cluster to a member.
func inherit[T graph.Value](n, from *graph.Node, k graph.Key[T]) {
	if from == nil {
		return
	}
	if a := k.Get(&from.Facts); a.Known {
		k.SetNote(&n.Facts, a.V, a.Why, a.Source)
	} else {
		k.Unknown(&n.Facts, a.Why, a.Source)
	}
}

func (r *Region) dbCluster(d dbCluster, list *Answer) {
	const op = "DescribeDBClusters"
	n := r.node(graph.Node{
		ID: graph.ID(d.DBClusterArn), Class: graph.Database, Kind: "rds.cluster", Type: "AWS::RDS::DBCluster", Name: d.DBClusterIdentifier,
		Aliases: []string{d.DbClusterResourceId, strings.ToLower(d.Endpoint), strings.ToLower(d.ReaderEndpoint)},
	})
	tagNode(n, keyValues(d.TagList))
	x := &n.Facts
	graph.Engine.Set(x, strings.TrimSpace(d.Engine+" "+d.EngineVersion), r.source(op, "DBClusters[].Engine"))
	r.dbEncryption(n, d.StorageEncrypted, d.KmsKeyId, "", op, list, "DBClusters[]")
	fact(r, x, graph.DeleteProtect, boolOf(list.OK(), d.DeletionProtection), op, list, "DBClusters[].DeletionProtection")
	fact(r, x, graph.BackupDays, d.BackupRetentionPeriod, op, list, "DBClusters[].BackupRetentionPeriod")
	graph.AuditExport.Set(x, hasAudit(d.EnabledCloudwatchLogsExports) || d.ActivityStreamStatus == "started", r.source(op, "DBClusters[].EnabledCloudwatchLogsExports[]"))
	if d.ActivityStreamKinesisStreamName != "" {
		r.flow(graph.Streams, string(n.ID), r.arn("kinesis", "stream/"+d.ActivityStreamKinesisStreamName), "activity stream", r.source(op, "DBClusters[].ActivityStreamKinesisStreamName"), "")
	}
	var groups []string
	for _, g := range d.VpcSecurityGroups {
		groups = append(groups, g.VpcSecurityGroupId)
	}
	r.listensOn(n, groups, d.Port, r.source(op, "DBClusters[].VpcSecurityGroups[].VpcSecurityGroupId"))
	if d.MasterUserSecret != nil {
		r.managedSecret[n.ID] = d.MasterUserSecret.SecretArn
		r.flow(graph.UsesSecret, string(n.ID), d.MasterUserSecret.SecretArn, "master user", r.source(op, "DBClusters[].MasterUserSecret.SecretArn"), "")
	}
	r.dbTLS(n, d.Engine, d.EngineVersion, "DescribeDBClusterParameters", []string{d.DBClusterParameterGroup})
	r.dbClusterCopies(n, d)
	r.dbLogs(n, "cluster", d.DBClusterIdentifier, d.EnabledCloudwatchLogsExports, r.source(op, "DBClusters[].EnabledCloudwatchLogsExports[]"))
}

func (r *Region) dbEncryption(n *graph.Node, on *bool, key, kind, op string, list *Answer, at string) {
	src := r.source(op, at+".StorageEncrypted")
	switch {
	case on == nil && !list.OK():
		r.restUnknown(n, r.why(op, list), src)
	case on == nil || !*on:
		r.clear(n, src)
	case kind == "sse-rds":
		r.encryptedBy(n, "sse-rds", graph.KeyProviderOwned, "", src)
	case key != "":
		r.encrypted(n, "KMS", key, r.source(op, at+".KmsKeyId"))
	default:
		r.restUnknown(n, op+" reported encryption without a key", src)
	}
}

func hasAudit(exports []string) bool {
	return slices.ContainsFunc(exports, func(s string) bool { return s == "audit" || s == "profiler" || strings.HasSuffix(s, "audit") })
}

// tlsParameter names the parameter that makes an engine refuse clients without TLS,
// the values that switch it on, and the engine's default by major version.
// Source: Amazon RDS User Guide, "Using SSL/TLS to encrypt a connection to a DB
// instance or cluster", and the engine pages it links to.
type tlsParameter struct {
	engines   []string
	name      string
	on        []string
	defaultOn func(major int) bool
}

var tlsParameters = []tlsParameter{
	{[]string{"postgres", "aurora-postgresql"}, "rds.force_ssl", []string{"1"}, func(m int) bool { return m >= 15 }},
	{[]string{"sqlserver"}, "rds.force_ssl", []string{"1"}, func(int) bool { return false }},
	{[]string{"mysql", "mariadb", "aurora-mysql"}, "require_secure_transport", []string{"ON", "1", "on"}, func(int) bool { return false }},
	{[]string{"docdb"}, "tls", []string{"enabled", "tls1.2+", "tls1.3+", "fips-140-3"}, func(int) bool { return true }},
	{[]string{"neptune"}, "neptune_enforce_ssl", []string{"1"}, func(int) bool { return true }},
}

// dbTLS decides whether clients of a database must use TLS.
func (r *Region) dbTLS(n *graph.Node, engine, version, op string, groups []string) {
	src := r.source(op, "Parameters[].ParameterValue")
	var p *tlsParameter
	for i := range tlsParameters {
		if slices.ContainsFunc(tlsParameters[i].engines, func(e string) bool { return strings.HasPrefix(engine, e) }) {
			p = &tlsParameters[i]
		}
	}
	if p == nil {
		graph.ClientTransit.Unknown(&n.Facts, "engine "+engine+" sets TLS in an option group, which is not read", src)
		return
	}
	for _, g := range groups {
		a := r.answer(op, g)
		if !a.OK() {
			graph.ClientTransit.Unknown(&n.Facts, r.why(op, a), src)
			return
		}
		for _, x := range decode[struct {
			Parameters []struct{ ParameterName, ParameterValue string }
		}](a).Parameters {
			if x.ParameterName == p.name && x.ParameterValue != "" {
				graph.ClientTransit.SetNote(&n.Facts, enforcedIf(slices.Contains(p.on, x.ParameterValue)), p.name+" = "+x.ParameterValue, src)
				return
			}
		}
		if len(a.Value) <= len(`{"Parameters":[]}`) {
			graph.ClientTransit.Unknown(&n.Facts, r.Service.Name+":"+op+" returned no parameters for group "+g, src)
			return
		}
	}
	major, err := strconv.Atoi(strings.SplitN(version, ".", 2)[0])
	if err != nil || len(groups) == 0 {
		graph.ClientTransit.Unknown(&n.Facts, r.Service.Name+":"+op+" did not report "+p.name, src)
		return
	}
	graph.ClientTransit.SetNote(&n.Facts, enforcedIf(p.defaultOn(major)), p.name+" is at the default of the engine version", src)
}

func enforcedIf(on bool) graph.Transit {
	if on {
		return graph.TransitEnforced
	}
	return graph.TransitOffered
}

type dbSnapshot struct {
	DBSnapshotIdentifier, DBSnapshotArn, DBInstanceIdentifier, DBClusterSnapshotIdentifier, DBClusterSnapshotArn, DBClusterIdentifier, SnapshotType, KmsKeyId, SnapshotCreateTime string
	Encrypted, StorageEncrypted                                                                                                                                                   *bool
	TagList                                                                                                                                                                       []keyValue
}

func (r *Region) dbSnapshots() {
	for _, list := range r.each("DescribeDBSnapshots") {
		for _, s := range decode[struct{ DBSnapshots []dbSnapshot }](list).DBSnapshots {
			r.dbSnapshot(s, s.DBSnapshotArn, s.DBSnapshotIdentifier, r.arn("rds", "db:"+s.DBInstanceIdentifier), s.Encrypted, "DescribeDBSnapshots", "DBSnapshots[]", list)
		}
	}
	for _, list := range r.each("DescribeDBClusterSnapshots") {
		for _, s := range decode[struct{ DBClusterSnapshots []dbSnapshot }](list).DBClusterSnapshots {
			r.dbSnapshot(s, s.DBClusterSnapshotArn, s.DBClusterSnapshotIdentifier, r.arn("rds", "cluster:"+s.DBClusterIdentifier), s.StorageEncrypted, "DescribeDBClusterSnapshots", "DBClusterSnapshots[]", list)
		}
	}
}

func (r *Region) dbSnapshot(s dbSnapshot, arn, name, source string, encrypted *bool, op, at string, list *Answer) {
	typ := "AWS::RDS::DBSnapshot"
	if s.DBClusterSnapshotArn != "" {
		typ = "AWS::RDS::DBClusterSnapshot"
	}
	n := r.node(graph.Node{ID: graph.ID(arn), Class: graph.Snapshot, Kind: "rds.snapshot", Type: typ, Name: name})
	tagNode(n, keyValues(s.TagList))
	x := &n.Facts
	r.dbEncryption(n, encrypted, s.KmsKeyId, "", op, list, at)
	fact(r, x, graph.ManualCopy, when(s.SnapshotType != "", s.SnapshotType == "manual"), op, list, at+".SnapshotType")
	fact(r, x, graph.CreatedAt, nilIfEmpty(s.SnapshotCreateTime), op, list, at+".SnapshotCreateTime")
	graph.SourceID.Set(x, source, r.source(op, at))
	r.copiedFrom(n, source, r.source(op, at))
	r.snapshotSharing(n, name, s)
}

func (r *Region) snapshotSharing(n *graph.Node, name string, s dbSnapshot) {
	type attributes struct {
		AttributeName   string
		AttributeValues []string
	}
	op, field := "DescribeDBSnapshotAttributes", "DBSnapshotAttributesResult.DBSnapshotAttributes[].AttributeValues[]"
	if s.DBClusterSnapshotArn != "" {
		op, field = "DescribeDBClusterSnapshotAttributes", "DBClusterSnapshotAttributesResult.DBClusterSnapshotAttributes[].AttributeValues[]"
	}
	a := r.answer(op, name)
	got := decode[struct {
		DBSnapshotAttributesResult        *struct{ DBSnapshotAttributes []attributes }
		DBClusterSnapshotAttributesResult *struct{ DBClusterSnapshotAttributes []attributes }
	}](a)
	shared := []string{}
	var all []attributes
	if got.DBSnapshotAttributesResult != nil {
		all = got.DBSnapshotAttributesResult.DBSnapshotAttributes
	}
	if got.DBClusterSnapshotAttributesResult != nil {
		all = got.DBClusterSnapshotAttributesResult.DBClusterSnapshotAttributes
	}
	for _, x := range all {
		if x.AttributeName == "restore" {
			shared = append(shared, x.AttributeValues...)
		}
	}
	switch {
	case s.SnapshotType == "automated":
		graph.SharedWith.SetNote(&n.Facts, []string{}, "automated snapshots cannot be shared", r.source(op, field))
	case known(a):
		graph.SharedWith.Set(&n.Facts, shared, r.source(op, field))
	default:
		graph.SharedWith.Unknown(&n.Facts, r.why(op, a), r.source(op, field))
	}
	for _, who := range shared {
		if accountID.MatchString(who) {
			r.flow(graph.SharesWith, string(n.ID), who, "restore", r.source(op, field), "")
		} else if who == "all" {
			r.flow(graph.SharesWith, string(n.ID), string(graph.Internet), "restore", r.source(op, field), "")
		}
	}
}

func (r *Region) dbExports() {
	const op = "DescribeExportTasks"
	for _, a := range r.each(op) {
		for _, e := range decode[struct {
			ExportTasks []struct{ ExportTaskIdentifier, SourceArn, S3Bucket string }
		}](a).ExportTasks {
			r.flow(graph.Exports, e.SourceArn, ARN{r.Partition, "s3", "", "", e.S3Bucket}.String(), "export task", r.source(op, "ExportTasks[].S3Bucket"), "")
		}
	}
}
