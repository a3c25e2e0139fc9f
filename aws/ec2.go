package aws

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/flowdeed/flowdeed/graph"
)

var ec2Service = &Service{
	Name: "ec2",
	Doc:  "Networks as far as functions and databases need them: subnets, routes, security groups, endpoints, peerings; what flow logs hold.",
	Calls: []Call{
		{Operation: "DescribeRegions", Action: "ec2:DescribeRegions"},
		{Operation: "DescribeVpcs", Action: "ec2:DescribeVpcs", Optional: true},
		{Operation: "DescribeSubnets", Action: "ec2:DescribeSubnets"},
		{Operation: "DescribeRouteTables", Action: "ec2:DescribeRouteTables"},
		{Operation: "DescribeSecurityGroups", Action: "ec2:DescribeSecurityGroups"},
		{Operation: "DescribeVpcEndpoints", Action: "ec2:DescribeVpcEndpoints"},
		{Operation: "DescribeFlowLogs", Action: "ec2:DescribeFlowLogs", Optional: true},
	},
	Collect: func(ctx context.Context, c *Collector) {
		api := ec2.NewFromConfig(c.Config)
		pages(ctx, c, "DescribeVpcs", "", ec2.NewDescribeVpcsPaginator(api, &ec2.DescribeVpcsInput{}))
		pages(ctx, c, "DescribeSubnets", "", ec2.NewDescribeSubnetsPaginator(api, &ec2.DescribeSubnetsInput{}))
		pages(ctx, c, "DescribeRouteTables", "", ec2.NewDescribeRouteTablesPaginator(api, &ec2.DescribeRouteTablesInput{}))
		pages(ctx, c, "DescribeSecurityGroups", "", ec2.NewDescribeSecurityGroupsPaginator(api, &ec2.DescribeSecurityGroupsInput{}))
		pages(ctx, c, "DescribeVpcEndpoints", "", ec2.NewDescribeVpcEndpointsPaginator(api, &ec2.DescribeVpcEndpointsInput{}))
		pages(ctx, c, "DescribeFlowLogs", "", ec2.NewDescribeFlowLogsPaginator(api, &ec2.DescribeFlowLogsInput{}))
	},
	Build: buildEC2,
}

type portRange struct {
	IpProtocol       string
	FromPort, ToPort *int
	IpRanges         []struct{ CidrIp string }
	Ipv6Ranges       []struct{ CidrIpv6 string }
	UserIdGroupPairs []struct{ GroupId string }
}

// admits tells whether a rule covers a port. Protocol -1 covers everything.
func (p portRange) admits(port int) bool {
	if p.IpProtocol == "-1" {
		return true
	}
	return p.FromPort != nil && p.ToPort != nil && *p.FromPort <= port && port <= *p.ToPort
}

// open tells whether a rule admits the whole internet.
func (p portRange) open() bool {
	for _, r := range p.IpRanges {
		if r.CidrIp == "0.0.0.0/0" {
			return true
		}
	}
	for _, r := range p.Ipv6Ranges {
		if r.CidrIpv6 == "::/0" {
			return true
		}
	}
	return false
}

func (p portRange) String() string {
	if p.IpProtocol == "-1" {
		return "all traffic"
	}
	from, to := "0", "65535"
	if p.FromPort != nil && p.ToPort != nil {
		from, to = strconv.Itoa(*p.FromPort), strconv.Itoa(*p.ToPort)
	}
	return fmt.Sprintf("%s %s-%s", p.IpProtocol, from, to)
}

type securityGroup struct {
	GroupId, GroupName, VpcId string
	IpPermissions             []portRange
}

// network is what one region's answers say about its networks.
type network struct {
	zones  map[string]string // subnet -> availability zone
	groups map[string]securityGroup
	unread string // why the security groups are not known
}

// listener is a store that is reached by socket.
type listener struct {
	region *Region
	node   *graph.Node
	groups []string
	port   int
	source graph.Source
}

// listensOn records that a store is reached by socket, behind security groups.
func (r *Region) listensOn(n *graph.Node, groups []string, port int, source graph.Source) {
	if groups == nil {
		groups = []string{}
	}
	graph.SecurityGroups.Set(&n.Facts, groups, source)
	at := place{n.Account, n.Region}
	r.listeners[at] = append(r.listeners[at], &listener{r, n, groups, port, source})
}

func buildEC2(r *Region) {
	if r.Region == GlobalRegion {
		return // the call that finds the regions
	}
	net := &network{zones: map[string]string{}, groups: map[string]securityGroup{}}
	for _, a := range r.each("DescribeSubnets") {
		for _, s := range decode[struct {
			Subnets []struct{ SubnetId, AvailabilityZone string }
		}](a).Subnets {
			net.zones[s.SubnetId] = s.AvailabilityZone
		}
	}
	for _, a := range r.each("DescribeSecurityGroups") {
		for _, g := range decode[struct{ SecurityGroups []securityGroup }](a).SecurityGroups {
			net.groups[g.GroupId] = g
		}
		if !a.OK() {
			net.unread = r.why("DescribeSecurityGroups", a)
		}
	}
	r.afterNodes(func() { r.placeInNetwork(net) })
	r.afterNodes(r.flowLogFields)
}

// placeInNetwork sets the facts of the region's nodes that follow from its networks,
// and notes which functions a security group lets reach which store.
func (r *Region) placeInNetwork(net *network) {
	here := place{r.Account, r.Region}
	for _, n := range r.index.placed[here] {
		subnets := graph.SubnetIDs.Get(&n.Facts)
		if n.Class == graph.Function && subnets.Known {
			zones := map[string]bool{}
			for _, s := range subnets.V {
				zones[net.zones[s]] = true
			}
			if zones[""] {
				graph.Zones.Unknown(&n.Facts, "ec2:DescribeSubnets did not show every subnet", r.source("DescribeSubnets", "Subnets[].AvailabilityZone"))
			} else {
				graph.Zones.Set(&n.Facts, len(zones), r.source("DescribeSubnets", "Subnets[].AvailabilityZone"))
			}
		}
	}
	for _, l := range r.listeners[here] {
		r.openIngress(l, net)
	}
}

func (r *Region) openIngress(l *listener, net *network) {
	src := r.source("DescribeSecurityGroups", "SecurityGroups[].IpPermissions[].IpRanges[].CidrIp")
	open := []string{}
	for _, id := range l.groups {
		g, ok := net.groups[id]
		if !ok || net.unread != "" {
			graph.OpenIngress.Unknown(&l.node.Facts, orElse(net.unread, "ec2:DescribeSecurityGroups did not show group "+id), src)
			return
		}
		for _, p := range g.IpPermissions {
			if p.open() && (l.port == 0 || p.admits(l.port)) {
				open = append(open, p.String())
			}
			for _, pair := range p.UserIdGroupPairs {
				if l.port == 0 || p.admits(l.port) {
					at := place{l.node.Account, l.node.Region}
					r.admitted[at] = append(r.admitted[at], admission{from: pair.GroupId, to: l, port: l.port})
				}
			}
		}
	}
	slices.Sort(open)
	graph.OpenIngress.Set(&l.node.Facts, slices.Compact(open), src)
}

// admission says that members of a security group may connect to a store.
type admission struct {
	from string
	to   *listener
	port int
}

func orElse(s, other string) string {
	if s != "" {
		return s
	}
	return other
}
