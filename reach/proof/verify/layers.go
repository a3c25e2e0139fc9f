package verify

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/flowdeed/flowdeed/reach/proof"
)

// gate weighs the documents of one layer and returns how they let the caller in. It
// fails on a Deny that applies, or that may.
func (a *ask) gate(layer, level string, docs []proof.Ref, principals bool) (map[string]bool, error) {
	g := proof.Gate{Layer: layer, Level: level, Documents: append([]proof.Ref{}, docs...)}
	in := map[string]bool{}
	for d, ref := range docs {
		list, err := a.document(ref)
		if err != nil {
			return nil, err
		}
		for i := range list {
			s, before := &list[i], a.stuck
			a.stuck, a.partial = nil, nil
			t, failing, by := a.weigh(s, principals)
			cite := proof.Cite{Document: d, Statement: i, Sid: s.Sid, Pointer: s.Pointer, By: strings.Join(by, " "), Because: failing}
			switch {
			case t == yes && s.Effect == "deny":
				return nil, fmt.Errorf("%s of %s denies it", s.Pointer, ref.Policy)
			case t == open && s.Effect != "allow":
				return nil, fmt.Errorf("%s of %s may deny it", s.Pointer, ref.Policy)
			case t == yes:
				g.Allows = append(g.Allows, cite)
				for _, way := range by {
					in[way] = true
				}
			case s.Effect == "deny" && failing != "":
				g.Denies = append(g.Denies, cite)
			}
			if before != nil || t != open {
				a.stuck = before
			}
		}
	}
	a.Gates = append(a.Gates, g)
	return in, nil
}

// weigh tells whether a statement applies, where it fails if it is by a condition, and
// how it takes the caller in.
func (a *ask) weigh(s *proof.Statement, principals bool) (t truth, failing string, by []string) {
	if t = a.takes(s); t == no && !s.Unread {
		return no, "", nil
	}
	ways := map[string]truth{"": yes}
	if not, inverted := s.Principals["notprincipal"]; inverted && principals {
		spared := no
		for way, x := range a.ways(not) {
			if way != "account" {
				spared = max(spared, x)
			}
		}
		if s.Effect == "deny" && len(a.who.Boundary) > 0 && a.who.Kind != "root" {
			spared = no
		}
		ways = map[string]truth{"any": -spared}
	} else if principals {
		ways = a.ways(s.Principals["principal"])
	}
	for _, want := range []truth{yes, open} {
		for way, x := range ways {
			if x == want && (want == yes || len(by) == 0) {
				by, t = append(by, way), min(t, want)
			}
		}
	}
	if sort.Strings(by); len(by) == 0 && !s.Unread {
		return no, "", nil
	}
	for i := range s.Conditions {
		x := a.condition(&s.Conditions[i], s.Variables)
		if t = min(t, x); x == no && failing == "" {
			failing = s.Conditions[i].Pointer
		}
	}
	if s.Unread {
		t = min(t, open)
	}
	return t, failing, by
}

// document reads a document and holds it against its hash.
func (a *ask) document(ref proof.Ref) ([]proof.Statement, error) {
	if list, ok := a.read[ref.SHA256]; ok {
		return list, nil
	}
	text, ok := a.inv.Documents[ref.SHA256]
	if !ok || proof.Hash(text) != ref.SHA256 {
		return nil, fmt.Errorf("the document of %s with hash %s is not there", ref.Policy, ref.SHA256)
	}
	list, err := proof.Read(text)
	if err != nil {
		return nil, fmt.Errorf("%s cannot be read: %w", ref.Policy, err)
	}
	a.read[ref.SHA256] = list
	return list, nil
}

// unlimited are services whose resources no RCP limits.
var unlimited = []string{"sns", "kinesis", "lambda", "states", "ssm", "rds", "iam"}

// derive weighs every layer in turn.
func (a *ask) derive() error {
	service, operation, _ := strings.Cut(strings.ToLower(a.Action), ":")
	h, foreign, linked := a.who, a.who.Account != a.Owner, strings.Contains(a.Principal, ":role/aws-service-role/")
	mine, scanned := a.inv.Accounts[h.Account]
	theirs, owned := a.inv.Accounts[a.Owner]
	switch {
	case a.person() && scanned == h.Away, !owned:
		return errors.New("the inventory does not know the account of " + a.Principal + " or of " + a.Resource)
	case h.Unread+theirs.Unread+a.asset.Unread != "", !h.Away && mine.Unread != "":
		return errors.New("the inventory is incomplete: " + h.Unread + theirs.Unread + a.asset.Unread + mine.Unread)
	}
	if a.person() && !h.Away && !mine.Management && !linked {
		for _, l := range mine.SCPs {
			if in, err := a.gate("scp", l.ID, l.Policies, false); err != nil || !in[""] {
				return cmp.Or(err, errors.New("no control policy of level "+l.ID+" allows it"))
			}
		}
	}
	if !slices.Contains(unlimited, service) && !theirs.Management && !linked && !(service == "kms" && a.asset.AWSKey) {
		for _, l := range theirs.RCPs {
			if _, err := a.gate("rcp", l.ID, l.Policies, true); err != nil {
				return err
			}
		}
	}
	if err := a.publicBlock(foreign); err != nil {
		return err
	}
	a.stuck = nil
	in, err := a.gate("resource", "", refs(a.asset.Policy), true)
	if err != nil {
		return err
	}
	a.beside(service, operation, in)
	if !a.person() {
		return a.unless(len(in) > 0, "the resource's own policy does not admit the caller")
	}
	may := map[string]bool{"identity": h.Kind == "root" || h.Away && a.atom(proof.Literal{Key: "account " + h.Account, Operator: "allows"}) == yes}
	for i, docs := range [][]proof.Ref{h.Policies, h.Boundary, h.Sessions} {
		layer := []string{"identity", "boundary", "session"}[i]
		if h.Kind == "root" || h.Away || i > 0 && len(docs) == 0 {
			may[layer] = may[layer] || i > 0
			continue
		}
		x, err := a.gate(layer, "", docs, false)
		if err != nil {
			return err
		}
		may[layer] = may[layer] || x[""]
	}
	limits := may["boundary"] && may["session"]
	caller := may["identity"] && limits
	named := in["any"] || in["name"] || in["role"] && limits
	own := service == "sts" && strings.Contains(a.about, ":role/") || service == "kms" && strings.Contains(a.about, ":key/")
	return a.unless(foreign && len(in) > 0 && caller || !foreign && (named || caller && (!own || in["account"])), "the policies of the caller and of the resource do not allow it together")
}

func (a *ask) unless(ok bool, reason string) error {
	if ok {
		return nil
	}
	a.partial = a.narrow
	return errors.New(reason)
}

func refs(r *proof.Ref) []proof.Ref {
	if r == nil {
		return nil
	}
	return []proof.Ref{*r}
}

// beside adds what grants beside the policy: grants of a key, access-control lists.
func (a *ask) beside(service, operation string, in map[string]bool) {
	g := proof.Gate{Layer: "grant", Documents: []proof.Ref{}}
	for i, x := range a.asset.Grants {
		ways := a.ways([][2]string{{"aws", x.Grantee}, {"service", x.Grantee}})
		t := max(ways["name"], ways["role"])
		for k, v := range x.Context {
			c := proof.Condition{Operator: "StringEquals", Key: "kms:EncryptionContext:" + k, Values: []string{v}}
			t = min(t, a.condition(&c, false))
		}
		if service == "kms" && t == yes && slices.ContainsFunc(x.Operations, func(o string) bool { return strings.EqualFold(o, operation) }) {
			g.Allows = append(g.Allows, proof.Cite{Statement: i, Pointer: "grant " + x.ID})
		}
	}
	for i, x := range a.asset.ACL {
		actions := map[string]string{"READ false": "listbucket listbucketversions listbucketmultipartuploads", "WRITE false": "putobject deleteobject",
			"READ true": "getobject getobjectversion"}[fmt.Sprint(x.Permission, " ", x.Object)]
		meant := x.Grantee == "AllUsers" || x.Grantee == "AuthenticatedUsers" && a.person()
		if meant && service == "s3" && slices.Contains(strings.Fields(actions), operation) {
			g.Allows = append(g.Allows, proof.Cite{Statement: i, Pointer: "acl " + x.Grantee})
		}
	}
	if len(g.Allows) > 0 {
		a.Gates, in["any"] = append(a.Gates, g), true
	}
}

// pinned are keys whose fixed values mean that not everybody comes in.
var pinned = strings.Fields(`aws:principalaccount kms:calleraccount aws:principalorgid aws:principalorgpaths aws:sourceaccount aws:sourceowner
	aws:sourceorgid aws:principalarn aws:sourcearn s3:dataaccesspointaccount s3:dataaccesspointarn aws:sourcevpc aws:sourcevpce aws:vpceaccount aws:vpceorgid`)

// publicBlock closes a bucket that is open to everybody for all but services and the
// owner's own principals. Only a fixed value in an Allow counts as closing it.
func (a *ask) publicBlock(foreign bool) error {
	if !a.asset.BlockPublic || a.asset.Policy == nil || a.who.Kind == "service" || a.person() && !foreign {
		return nil
	}
	list, err := a.document(*a.asset.Policy)
	for i, s := range list {
		open := s.Effect != "deny" && (len(s.Principals["notprincipal"]) > 0 || slices.Contains(s.Principals["principal"], [2]string{"aws", "*"}))
		for _, c := range s.Conditions {
			if strings.EqualFold(c.Key, "aws:SourceIp") && strings.EqualFold(c.Operator, "IpAddress") {
				open = open && slices.ContainsFunc(c.Values, func(v string) bool {
					n, ok := network(v) // wider than /8, or /32 of IPv6, is everybody
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
		if open && err == nil {
			err = errors.New("the bucket policy is open to everybody and public access is blocked")
		}
	}
	return err
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
