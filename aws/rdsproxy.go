package aws

import (
	"context"
	"strings"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"

	"github.com/flowdeed/flowdeed/graph"
)

// collectProxies reads the proxies before databases and what stands behind each.
func collectProxies(ctx context.Context, c *Collector, api *rds.Client) {
	for _, p := range pages(ctx, c, "DescribeDBProxies", "", rds.NewDescribeDBProxiesPaginator(api, &rds.DescribeDBProxiesInput{})) {
		for _, x := range p.DBProxies {
			name := awssdk.ToString(x.DBProxyName)
			pages(ctx, c, "DescribeDBProxyTargets", name, rds.NewDescribeDBProxyTargetsPaginator(api, &rds.DescribeDBProxyTargetsInput{DBProxyName: x.DBProxyName}))
		}
	}
}

type dbProxy struct {
	DBProxyName, DBProxyArn, EngineFamily, Endpoint, RoleArn, VpcId string
	RequireTLS, DebugLogging                                        *bool
	VpcSecurityGroupIds, VpcSubnetIds                               []string
	Auth                                                            []struct{ SecretArn string }
}

// proxyPorts are where a proxy listens. Source: Amazon RDS User Guide, "Connecting to
// a database through RDS Proxy".
var proxyPorts = map[string]int{"MYSQL": 3306, "POSTGRESQL": 5432, "SQLSERVER": 1433}

// dbProxies makes nodes of the proxies: what connects to one reaches the database
// behind it, with the secrets the proxy holds.
func (r *Region) dbProxies() {
	const op = "DescribeDBProxies"
	for _, list := range r.each(op) {
		for _, d := range decode[struct{ DBProxies []dbProxy }](list).DBProxies {
			src := func(field string) graph.Source { return r.source(op, "DBProxies[]."+field) }
			n := r.node(graph.Node{
				ID: graph.ID(d.DBProxyArn), Class: graph.DatabaseProxy, Kind: "rds.proxy", Type: "AWS::RDS::DBProxy", Name: d.DBProxyName,
				Aliases: []string{strings.ToLower(d.Endpoint)},
			})
			x := &n.Facts
			graph.ClientTransit.Set(x, enforcedIf(on(d.RequireTLS)), src("RequireTLS"))
			graph.PayloadLogging.Set(x, on(d.DebugLogging), src("DebugLogging"))
			graph.VPCID.Set(x, d.VpcId, src("VpcId"))
			r.listensOn(n, d.VpcSecurityGroupIds, proxyPorts[d.EngineFamily], src("VpcSecurityGroupIds[]"))
			for _, a := range d.Auth {
				if a.SecretArn != "" {
					r.flow(graph.UsesSecret, d.DBProxyArn, a.SecretArn, "proxy authentication", src("Auth[].SecretArn"), "")
				}
			}
			if d.RoleArn != "" {
				r.flow(graph.Assumes, d.DBProxyArn, d.RoleArn, "", src("RoleArn"), "")
			}
			r.proxyTargets(d)
		}
	}
}

// proxyTargets draws a proxy to the cluster it follows, or to its instance.
func (r *Region) proxyTargets(d dbProxy) {
	const op = "DescribeDBProxyTargets"
	for _, t := range decode[struct {
		Targets []struct{ Type, RdsResourceId, TrackedClusterId string }
	}](r.answer(op, d.DBProxyName)).Targets {
		target := ""
		switch {
		case t.TrackedClusterId != "":
			target = r.arn("rds", "cluster:"+t.TrackedClusterId)
		case t.Type == "TRACKED_CLUSTER":
			target = r.arn("rds", "cluster:"+t.RdsResourceId)
		case t.RdsResourceId != "":
			target = r.arn("rds", "db:"+t.RdsResourceId)
		}
		r.flow(graph.Accesses, d.DBProxyArn, target, "proxy target", r.source(op, "Targets[].RdsResourceId"), t.Type)
	}
}
