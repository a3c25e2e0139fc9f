package aws

import "github.com/flowdeed/flowdeed/graph"

// logRights sets whether the role a node runs under may write to its log group. Both
// actions are asked about a stream of the group, which is what policies name.
// Source: Service Authorization Reference, "Actions, resources, and condition keys
// for Amazon CloudWatch Logs".
func (r *Region) logRights(n *graph.Node, role, group string) {
	r.afterNodes(func() {
		src := graph.From("iam:GetAccountAuthorizationDetails", "RoleDetailList[].RolePolicyList[].PolicyDocument")
		id, ok := r.sys.Identities[role]
		if !ok {
			graph.LogRights.Unknown(&n.Facts, "the policies of its role were not read", src)
			return
		}
		if who := r.sys.Graph.Node(graph.ID(role)); who != nil {
			if read := graph.PermissionsRead.Get(&who.Facts); !read.Known {
				graph.LogRights.Unknown(&n.Facts, read.Why, src)
				return
			}
		}
		stream := r.arn("logs", "log-group:"+group+":log-stream:any")
		open := ""
		for _, action := range []string{"logs:CreateLogStream", "logs:PutLogEvents"} {
			g := id.Grants(action, stream)
			switch {
			case !g.Allowed || g.Denied:
				graph.LogRights.SetNote(&n.Facts, false, action+" is not allowed", src)
				return
			case g.Conditional:
				open = action
			}
		}
		if open != "" {
			graph.LogRights.Unknown(&n.Facts, open+" is allowed under conditions that are not known here", src)
			return
		}
		graph.LogRights.Set(&n.Facts, true, src)
	})
}
