package aws

import (
	"strings"

	"github.com/flowdeed/flowdeed/graph"
)

// dbName makes an ARN of the name of an instance or a cluster; across Regions AWS
// reports ARNs.
func (r *Region) dbName(prefix, name string) string {
	if name == "" || strings.HasPrefix(name, "arn:") {
		return name
	}
	return r.arn("rds", prefix+name)
}

// dbInstanceCopies draws where the data of an instance is kept again. Both sides of a
// replication are read, because the other one may be in a Region nobody scanned.
func (r *Region) dbInstanceCopies(n *graph.Node, d dbInstance) {
	const op, at = "DescribeDBInstances", "DBInstances[]."
	for _, rep := range d.ReadReplicaDBInstanceIdentifiers {
		r.flow(graph.Replicates, string(n.ID), r.dbName("db:", rep), "read replica", r.source(op, at+"ReadReplicaDBInstanceIdentifiers[]"), "")
	}
	if s := r.dbName("db:", d.ReadReplicaSourceDBInstanceIdentifier); s != "" {
		r.flow(graph.Replicates, s, string(n.ID), "read replica", r.source(op, at+"ReadReplicaSourceDBInstanceIdentifier"), "")
	}
	if s := r.dbName("cluster:", d.ReadReplicaSourceDBClusterIdentifier); s != "" {
		r.flow(graph.Replicates, s, string(n.ID), "read replica", r.source(op, at+"ReadReplicaSourceDBClusterIdentifier"), "")
	}
	for _, b := range d.DBInstanceAutomatedBackupsReplications {
		r.flow(graph.BacksUp, string(n.ID), b.DBInstanceAutomatedBackupsArn, "automated backups in another Region", r.source(op, at+"DBInstanceAutomatedBackupsReplications[].DBInstanceAutomatedBackupsArn"), "")
	}
}

func (r *Region) dbClusterCopies(n *graph.Node, d dbCluster) {
	const op, at = "DescribeDBClusters", "DBClusters[]."
	for _, rep := range d.ReadReplicaIdentifiers {
		r.flow(graph.Replicates, string(n.ID), r.dbName("cluster:", rep), "read replica", r.source(op, at+"ReadReplicaIdentifiers[]"), "")
	}
	if s := r.dbName("cluster:", d.ReplicationSourceIdentifier); s != "" {
		r.flow(graph.Replicates, s, string(n.ID), "read replica", r.source(op, at+"ReplicationSourceIdentifier"), "")
	}
}

// dbLogs draws the logs a database sends to CloudWatch. Source: Amazon RDS User Guide,
// "Publishing database logs to Amazon CloudWatch Logs".
func (r *Region) dbLogs(n *graph.Node, what, name string, exports []string, src graph.Source) {
	for _, kind := range exports {
		r.logsTo(n, "/aws/rds/"+what+"/"+name+"/"+kind, src)
	}
}

// globalClusters draws the copies of a cluster in other Regions. Source: Amazon Aurora
// User Guide, "Using Amazon Aurora Global Database": data flows from the primary
// cluster to every secondary one.
func (r *Region) globalClusters() {
	const op = "DescribeGlobalClusters"
	for _, list := range r.each(op) {
		for _, g := range decode[struct {
			GlobalClusters []struct {
				GlobalClusterMembers []struct {
					DBClusterArn string
					IsWriter     *bool
				}
			}
		}](list).GlobalClusters {
			src := r.source(op, "GlobalClusters[].GlobalClusterMembers[].DBClusterArn")
			for _, from := range g.GlobalClusterMembers {
				for _, to := range g.GlobalClusterMembers {
					if on(from.IsWriter) && !on(to.IsWriter) && from.DBClusterArn != "" && to.DBClusterArn != "" {
						r.flow(graph.Replicates, from.DBClusterArn, to.DBClusterArn, "global database", src, "")
					}
				}
			}
		}
	}
}
