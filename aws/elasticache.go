package aws

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/elasticache"

	"github.com/flowdeed/flowdeed/graph"
)

var elasticacheService = &Service{
	Name: "elasticache",
	Doc:  "Caches: encryption at rest and in transit, key, client authentication. No connection is ever made.",
	Calls: []Call{
		{Operation: "DescribeReplicationGroups", Action: "elasticache:DescribeReplicationGroups"},
		{Operation: "DescribeCacheClusters", Action: "elasticache:DescribeCacheClusters"},
		{Operation: "DescribeServerlessCaches", Action: "elasticache:DescribeServerlessCaches"},
	},
	Collect: func(ctx context.Context, c *Collector) {
		api := elasticache.NewFromConfig(c.Config)
		pages(ctx, c, "DescribeReplicationGroups", "", elasticache.NewDescribeReplicationGroupsPaginator(api, &elasticache.DescribeReplicationGroupsInput{}))
		pages(ctx, c, "DescribeCacheClusters", "", elasticache.NewDescribeCacheClustersPaginator(api, &elasticache.DescribeCacheClustersInput{}))
		pages(ctx, c, "DescribeServerlessCaches", "", elasticache.NewDescribeServerlessCachesPaginator(api, &elasticache.DescribeServerlessCachesInput{}))
	},
	Build: buildElastiCache,
}

type endpoint struct {
	Address string
	Port    int
}

type cacheCluster struct {
	CacheClusterId, ARN, Engine, EngineVersion, ReplicationGroupId, TransitEncryptionMode string
	AtRestEncryptionEnabled, TransitEncryptionEnabled, AuthTokenEnabled                   *bool
	SecurityGroups                                                                        []struct{ SecurityGroupId string }
	ConfigurationEndpoint                                                                 *endpoint
	CacheNodes                                                                            []struct{ Endpoint *endpoint }
}

func buildElastiCache(r *Region) {
	groups := map[string][]string{}
	for _, list := range r.each("DescribeCacheClusters") {
		for _, c := range decode[struct{ CacheClusters []cacheCluster }](list).CacheClusters {
			for _, g := range c.SecurityGroups {
				groups[c.ReplicationGroupId] = append(groups[c.ReplicationGroupId], g.SecurityGroupId)
			}
			if c.ReplicationGroupId == "" {
				r.cacheCluster(c, list)
			}
		}
	}
	for _, list := range r.each("DescribeReplicationGroups") {
		r.replicationGroups(list, groups)
	}
	for _, list := range r.each("DescribeServerlessCaches") {
		r.serverlessCaches(list)
	}
}

func (r *Region) replicationGroups(list *Answer, groups map[string][]string) {
	const op, at = "DescribeReplicationGroups", "ReplicationGroups[]."
	for _, g := range decode[struct {
		ReplicationGroups []struct {
			ReplicationGroupId, ARN, Engine, KmsKeyId, TransitEncryptionMode    string
			AtRestEncryptionEnabled, TransitEncryptionEnabled, AuthTokenEnabled *bool
			UserGroupIds                                                        []string
			ConfigurationEndpoint                                               *endpoint
			NodeGroups                                                          []struct{ PrimaryEndpoint, ReaderEndpoint *endpoint }
		}
	}](list).ReplicationGroups {
		n := r.node(graph.Node{
			ID: graph.ID(g.ARN), Class: graph.Cache, Kind: "elasticache.replication_group", Type: "AWS::ElastiCache::ReplicationGroup", Name: g.ReplicationGroupId,
		})
		port := 6379
		ends := []*endpoint{g.ConfigurationEndpoint}
		for _, ng := range g.NodeGroups {
			ends = append(ends, ng.PrimaryEndpoint, ng.ReaderEndpoint)
		}
		for _, e := range ends {
			if e != nil && e.Address != "" {
				n.Aliases = append(n.Aliases, strings.ToLower(e.Address))
				port = e.Port
			}
		}
		src := r.source(op, at+"AtRestEncryptionEnabled")
		switch {
		case !on(g.AtRestEncryptionEnabled):
			r.clear(n, src)
		case g.KmsKeyId != "":
			r.encrypted(n, "KMS", g.KmsKeyId, r.source(op, at+"KmsKeyId"))
		default:
			r.encryptedBy(n, "default", graph.KeyProviderOwned, "no key named: the service's own key", src)
		}
		r.cacheTransit(n, g.TransitEncryptionEnabled, g.TransitEncryptionMode, r.source(op, at+"TransitEncryptionEnabled"))
		graph.ClientAuth.Set(&n.Facts, on(g.AuthTokenEnabled) || len(g.UserGroupIds) > 0, r.source(op, at+"AuthTokenEnabled"))
		graph.Engine.Set(&n.Facts, orElse(g.Engine, "redis"), r.source(op, at+"Engine"))
		r.listensOn(n, groups[g.ReplicationGroupId], port, r.source("DescribeCacheClusters", "CacheClusters[].SecurityGroups[].SecurityGroupId"))
	}
}

// cacheTransit: on and required, on and preferred (clear text still answered), or off.
// Source: Amazon ElastiCache User Guide, "In-transit encryption (TLS)".
func (r *Region) cacheTransit(n *graph.Node, enabled *bool, mode string, src graph.Source) {
	verdict := graph.TransitPlain
	switch {
	case on(enabled) && mode == "preferred":
		verdict = graph.TransitOffered
	case on(enabled):
		verdict = graph.TransitEnforced
	}
	graph.ClientTransit.Set(&n.Facts, verdict, src)
}

func (r *Region) cacheCluster(c cacheCluster, list *Answer) {
	const op, at = "DescribeCacheClusters", "CacheClusters[]."
	n := r.node(graph.Node{
		ID: graph.ID(c.ARN), Class: graph.Cache, Kind: "elasticache.cluster", Type: "AWS::ElastiCache::CacheCluster", Name: c.CacheClusterId,
	})
	if c.ConfigurationEndpoint != nil {
		n.Aliases = append(n.Aliases, strings.ToLower(c.ConfigurationEndpoint.Address))
	}
	for _, x := range c.CacheNodes {
		if x.Endpoint != nil {
			n.Aliases = append(n.Aliases, strings.ToLower(x.Endpoint.Address))
		}
	}
	if on(c.AtRestEncryptionEnabled) {
		r.encryptedBy(n, "default", graph.KeyProviderOwned, "", r.source(op, at+"AtRestEncryptionEnabled"))
	} else {
		r.clear(n, r.source(op, at+"AtRestEncryptionEnabled"))
	}
	r.cacheTransit(n, c.TransitEncryptionEnabled, c.TransitEncryptionMode, r.source(op, at+"TransitEncryptionEnabled"))
	graph.ClientAuth.Set(&n.Facts, on(c.AuthTokenEnabled), r.source(op, at+"AuthTokenEnabled"))
	graph.Engine.Set(&n.Facts, c.Engine+" "+c.EngineVersion, r.source(op, at+"Engine"))
	var groups []string
	for _, g := range c.SecurityGroups {
		groups = append(groups, g.SecurityGroupId)
	}
	r.listensOn(n, groups, 0, r.source(op, at+"SecurityGroups[].SecurityGroupId"))
}

// serverlessCaches always encrypt, at rest and in transit.
// Source: Amazon ElastiCache User Guide, "At-rest encryption in ElastiCache".
func (r *Region) serverlessCaches(list *Answer) {
	const op, at = "DescribeServerlessCaches", "ServerlessCaches[]."
	for _, s := range decode[struct {
		ServerlessCaches []struct {
			ServerlessCacheName, ARN, Engine, KmsKeyId, UserGroupId string
			Endpoint                                                *endpoint
			SecurityGroupIds                                        []string
		}
	}](list).ServerlessCaches {
		n := r.node(graph.Node{
			ID: graph.ID(s.ARN), Class: graph.Cache, Kind: "elasticache.serverless", Type: "AWS::ElastiCache::ServerlessCache", Name: s.ServerlessCacheName,
		})
		port := 0
		if s.Endpoint != nil {
			n.Aliases = append(n.Aliases, strings.ToLower(s.Endpoint.Address))
			port = s.Endpoint.Port
		}
		graph.ProviderEnforced.Set(&n.Facts, true, r.source(op, at+"KmsKeyId"))
		if s.KmsKeyId != "" {
			r.encrypted(n, "KMS", s.KmsKeyId, r.source(op, at+"KmsKeyId"))
		} else {
			r.encryptedBy(n, "default", graph.KeyProviderOwned, "serverless caches are always encrypted", r.source(op, at+"KmsKeyId"))
		}
		graph.ClientTransit.SetNote(&n.Facts, graph.TransitEnforced, "serverless caches answer TLS only", r.source(op, at+"Endpoint"))
		graph.ClientAuth.Set(&n.Facts, s.UserGroupId != "", r.source(op, at+"UserGroupId"))
		graph.Engine.Set(&n.Facts, s.Engine, r.source(op, at+"Engine"))
		r.listensOn(n, s.SecurityGroupIds, port, r.source(op, at+"SecurityGroupIds[]"))
	}
}
