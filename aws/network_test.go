package aws_test

import (
	"testing"
)

// TestNetworkFlows: a path through security groups draws nothing alone; with a
// variable that speaks of a database it does where one database only is in reach, and
// a cluster stands for its members.
func TestNetworkFlows(t *testing.T) {
	const fn, db = "arn:aws:lambda:eu-west-1:111111111111:function:f", "arn:aws:rds:eu-west-1:111111111111:"
	instance := func(name, more string) string {
		return `{"DBInstanceIdentifier":"` + name + `","DBInstanceArn":"` + db + `db:` + name + `","Engine":"postgres","Endpoint":{"Address":"` + name + `.abc.eu-west-1.rds.amazonaws.com","Port":5432},"VpcSecurityGroups":[{"VpcSecurityGroupId":"sg-db"}]` + more + `}`
	}
	one, two := instance("one", ""), instance("two", "")
	for _, x := range []struct {
		name, variables, instances, clusters string
		port                                 string
		want                                 []string
	}{
		{"a path alone", `"STAGE":{"masked":""}`, one, "", "5432", nil},
		{"a path and a database variable", `"DB_USER":{"masked":""}`, one, "", "5432", []string{"accesses " + db + "db:one"}},
		{"a variable in camel case", `"dbPassword":{"masked":""}`, one, "", "5432", []string{"accesses " + db + "db:one"}},
		{"another port", `"DB_USER":{"masked":""}`, one, "", "3306", nil},
		{"two in reach", `"DB_USER":{"masked":""}`, one + "," + two, "", "5432", nil},
		{"two in reach, one named", `"DB_USER":{"masked":""},"DB_HOST":{"masked":"","refs":["two.abc.eu-west-1.rds.amazonaws.com"]}`, one + "," + two, "", "5432", []string{"accesses " + db + "db:two"}},
		{"a cluster and its member", `"DATABASE_NAME":{"masked":""}`, instance("one", `,"DBClusterIdentifier":"c"`),
			`{"DBClusterIdentifier":"c","DBClusterArn":"` + db + `cluster:c","Engine":"aurora-postgresql","Port":5432,"VpcSecurityGroups":[{"VpcSecurityGroupId":"sg-db"}]}`, "5432", []string{"accesses " + db + "cluster:c"}},
		{"a word that only begins so", `"DBT_TARGET":{"masked":""}`, one, "", "5432", nil},
	} {
		m := built(
			answersOf("ec2", said("ec2:DescribeSecurityGroups", "", `{"SecurityGroups":[{"GroupId":"sg-app"},{"GroupId":"sg-db","IpPermissions":[{"IpProtocol":"tcp","FromPort":`+x.port+`,"ToPort":`+x.port+`,"UserIdGroupPairs":[{"GroupId":"sg-app"}]}]}]}`)),
			answersOf("lambda", said("lambda:ListFunctions", "", `{"Functions":[{"FunctionName":"f","FunctionArn":"`+fn+`","VpcConfig":{"VpcId":"vpc-1","SecurityGroupIds":["sg-app"],"SubnetIds":[]},"Environment":{"Variables":{`+x.variables+`}}}]}`)),
			answersOf("rds", said("rds:DescribeDBInstances", "", `{"DBInstances":[`+x.instances+`]}`), said("rds:DescribeDBClusters", "", `{"DBClusters":[`+x.clusters+`]}`)),
		)
		t.Run(x.name, func(t *testing.T) { wantFlows(t, m, fn, x.want...) })
	}
}
