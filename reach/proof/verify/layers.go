package verify

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"github.com/flowdeed/flowdeed/reach/proof"
	"github.com/flowdeed/flowdeed/reach/proof/terms"
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
			s, before := &list[i], a.Stuck
			a.Stuck, a.Partial = nil, nil
			t, failing, by := a.Weigh(s, principals)
			cite := proof.Cite{Document: d, Statement: i, Sid: s.Sid, Pointer: s.Pointer, By: strings.Join(by, " "), Because: failing}
			switch {
			case t == terms.Yes && s.Effect == "deny":
				return nil, fmt.Errorf("%s of %s denies it", s.Pointer, ref.Policy)
			case t == terms.Open && s.Effect != "allow":
				return nil, fmt.Errorf("%s of %s may deny it", s.Pointer, ref.Policy)
			case t == terms.Yes:
				g.Allows = append(g.Allows, cite)
				for _, way := range by {
					in[way] = true
				}
			case s.Effect == "deny" && failing != "":
				g.Denies = append(g.Denies, cite)
			}
			if before != nil || t != terms.Open {
				a.Stuck = before
			}
		}
	}
	a.out.Gates = append(a.out.Gates, g)
	return in, nil
}

// document reads a document and holds it against its hash.
func (a *ask) document(ref proof.Ref) ([]proof.Statement, error) {
	if list, ok := a.read[ref.SHA256]; ok {
		return list, nil
	}
	text, ok := a.inv.Documents[ref.SHA256]
	for _, supposed := range []string{proof.Everything, proof.Everybody} {
		if ref == proof.Supposed(supposed) {
			text, ok = supposed, true
		}
	}
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

// derive weighs every layer in turn.
func (a *ask) derive() error {
	service, operation, _ := strings.Cut(strings.ToLower(a.Action), ":")
	h, foreign, linked := a.who, a.who.Account != a.out.Owner, strings.Contains(a.Principal, ":role/aws-service-role/")
	mine, scanned := a.inv.Accounts[h.Account]
	theirs, owned := a.inv.Accounts[a.out.Owner]
	limited := a.Person() && !h.Away && !mine.Management && !linked
	bound := !terms.Unlimited(service) && !theirs.Management && !linked && !(service == "kms" && a.asset.AWSKey)
	switch {
	case a.Person() && scanned == h.Away, !owned:
		return errors.New("the inventory does not know the account of " + a.Principal + " or of " + a.Resource)
	case h.Unread+a.asset.Unread != "", limited && mine.SCPsUnread != "", bound && theirs.RCPsUnread != "":
		return errors.New("the inventory is incomplete: " + h.Unread + a.asset.Unread + mine.SCPsUnread + theirs.RCPsUnread)
	}
	if limited {
		for _, l := range mine.SCPs {
			if in, err := a.gate("scp", l.ID, l.Policies, false); err != nil || !in[""] {
				return cmp.Or(err, errors.New("no control policy of level "+l.ID+" allows it"))
			}
		}
	}
	if bound {
		for _, l := range theirs.RCPs {
			if _, err := a.gate("rcp", l.ID, l.Policies, true); err != nil {
				return err
			}
		}
	}
	if err := a.publicBlock(foreign); err != nil {
		return err
	}
	a.Stuck = nil
	if vpc := a.asset.VPC; vpc != "" && a.Atom(proof.Literal{Key: "aws:SourceVpc", Operator: "StringEquals", Values: []string{vpc}}) != terms.Yes {
		return errors.New("the access point takes requests from " + vpc + " only")
	}
	var own []proof.Ref
	if a.asset.Policy != nil {
		own = append(own, *a.asset.Policy)
	}
	in, err := a.gate("resource", "", own, true)
	if err != nil {
		return err
	}
	if beside := a.Beside(&a.asset, service, operation); len(beside) > 0 {
		a.out.Gates, in["any"] = append(a.out.Gates, proof.Gate{Layer: "grant", Documents: []proof.Ref{}, Allows: beside}), true
	}
	if !a.Person() {
		return a.unless(len(in) > 0, "the resource's own policy does not admit the caller")
	}
	may := map[string]bool{"identity": h.Kind == "root" || h.Away && a.Atom(proof.Literal{Key: "account " + h.Account, Operator: "allows"}) == terms.Yes}
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
	wanted := service == "sts" && strings.Contains(a.about, ":role/") || service == "kms" && strings.Contains(a.about, ":key/")
	return a.unless(foreign && len(in) > 0 && caller || !foreign && (named || caller && (!wanted || in["account"])), "the policies of the caller and of the resource do not allow it together")
}

func (a *ask) unless(ok bool, reason string) error {
	if ok {
		return nil
	}
	a.Partial = a.Narrow
	return errors.New(reason)
}

// publicBlock closes a bucket that is open to everybody for all but services and the
// owner's own principals.
func (a *ask) publicBlock(foreign bool) error {
	if !a.asset.BlockPublic || a.asset.Policy == nil || a.Kind == "service" || a.Person() && !foreign {
		return nil
	}
	list, err := a.document(*a.asset.Policy)
	if err == nil && terms.Public(list) {
		err = errors.New("the bucket policy is open to everybody and public access is blocked")
	}
	return err
}
