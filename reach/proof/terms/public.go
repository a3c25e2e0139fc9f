package terms

import (
	"slices"
	"strings"

	"github.com/flowdeed/flowdeed/reach/proof"
)

// pinned are keys whose fixed values mean that not everybody comes in.
var pinned = strings.Fields(`aws:principalaccount kms:calleraccount aws:principalorgid aws:principalorgpaths aws:sourceaccount aws:sourceowner
	aws:sourceorgid aws:principalarn aws:sourcearn s3:dataaccesspointaccount s3:dataaccesspointarn aws:sourcevpc aws:sourcevpce aws:vpceaccount aws:vpceorgid`)

// Public tells whether a policy is open to everybody (S3 User Guide, "The meaning of
// public"). Only a fixed value in an Allow, or a Deny over all of it, counts as closing
// it; where that is not clear it is public.
func Public(list []proof.Statement) bool {
	for i, s := range list {
		open := s.Effect != "deny" && (len(s.Principals["notprincipal"]) > 0 || slices.Contains(s.Principals["principal"], [2]string{"aws", "*"}))
		for _, c := range s.Conditions {
			if strings.EqualFold(c.Key, "aws:SourceIp") && strings.EqualFold(c.Operator, "IpAddress") {
				open = open && slices.ContainsFunc(c.Values, func(v string) bool {
					n, ok := Network(v) // wider than /8, or /32 of IPv6, is everybody
					return !ok || n.Bits() < 8 || n.Addr().Is6() && n.Bits() < 32
				})
			}
			closes := (strings.HasPrefix(c.Operator, "String") || strings.HasPrefix(c.Operator, "Arn")) && !strings.Contains(c.Operator, "Not") && !strings.HasSuffix(c.Operator, "IfExists")
			open = open && !(closes && slices.Contains(pinned, strings.ToLower(c.Key)) && !slices.ContainsFunc(c.Values, func(v string) bool {
				parts := strings.Split(v, ":")
				return strings.ContainsAny(v, "*?$") && (len(parts) < 6 || strings.Trim(parts[4], "0123456789") != "" || parts[4] == "")
			}))
		}
		open = open && !slices.ContainsFunc(list, func(d proof.Statement) bool { return shuts(&d, &list[i]) })
		if open {
			return true
		}
	}
	return false
}

// shuts tells that a Deny for everybody takes in all that an Allow opens.
func shuts(d, s *proof.Statement) bool {
	if d.Effect != "deny" || d.Unread || len(d.Conditions) > 0 || !slices.Contains(d.Principals["principal"], [2]string{"aws", "*"}) {
		return false
	}
	for _, e := range []string{"action", "resource"} {
		if !slices.Contains(d.Elements[e], "*") && (len(s.Elements[e]) == 0 || slices.ContainsFunc(s.Elements[e], func(x string) bool { return !slices.Contains(d.Elements[e], x) })) {
			return false
		}
	}
	return true
}
