package proof

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
)

// ReadFile finds the proofs in a file: one proof, a bundle, or the answers of a
// question about access, of which those without a proof are passed over. inv is nil
// when the file brings none.
func ReadFile(data []byte) (list []*Proof, inv *Inventory, err error) {
	var file struct {
		Bundle
		Proof
		Answers []struct {
			Proof *Proof `json:"proof"`
		} `json:"answers"`
	}
	d := json.NewDecoder(bytes.NewReader(data))
	if err := d.Decode(&file); err != nil {
		return nil, nil, err
	}
	list = file.Proofs
	for _, a := range file.Answers {
		if a.Proof != nil {
			list = append(list, a.Proof)
		}
	}
	if file.Format != "" {
		list = append(list, &file.Proof)
	}
	if len(list) == 0 {
		return nil, nil, errors.New("it holds no proof")
	}
	return list, file.Inventory, nil
}

// each visits the steps, and the steps they require.
func (p *Proof) each(visit func(s *Step)) {
	var all func(list []Step)
	all = func(list []Step) {
		for i := range list {
			visit(&list[i])
			all(list[i].Requires)
		}
	}
	all(p.Steps)
}

// AdmitAll admits whoever takes a step of a proof by policies.
func (inv *Inventory) AdmitAll(p *Proof) {
	p.each(func(s *Step) {
		if len(s.Grants) > 0 {
			inv.Admit(s.Principal)
		}
	})
}

// Pack makes a bundle: the proofs and what they rest on, and nothing else.
func Pack(list []*Proof, inv *Inventory) *Bundle {
	p := &packing{from: inv, into: &Inventory{
		Snapshot: inv.Snapshot, Never: inv.Never, Documents: map[string]string{}, Holders: map[string]Holder{},
		Assets: map[string]Asset{}, Accounts: map[string]Account{}, Groups: map[string]Group{}, Nodes: map[string]Node{},
	}}
	ends := map[string]bool{}
	for _, x := range list {
		x.each(func(s *Step) {
			p.holder(s.Principal)
			p.holder(s.Becomes)
			p.asset(s.Asset)
			p.group(s.Workload)
			p.group(s.Joined)
			s.onFlows(ends)
		})
	}
	p.flows(ends)
	return &Bundle{Proofs: list, Inventory: p.into}
}

// onFlows notes the nodes of a step whose flows the checker looks at.
func (s *Step) onFlows(ends map[string]bool) {
	if s.Flow != nil || s.Kind == "runs-under" {
		ends[s.Principal], ends[s.Asset], ends[s.Workload] = true, true, true
	}
	if s.Workload != "" {
		ends[s.Workload] = true
	}
}

// packing copies what proofs rest on out of an inventory.
type packing struct{ from, into *Inventory }

func (p *packing) documents(refs ...Ref) {
	for _, r := range refs {
		if text, ok := p.from.Documents[r.SHA256]; ok {
			p.into.Documents[r.SHA256] = text
		}
	}
}

// account copies an account with the policies of its organisation.
func (p *packing) account(id string) {
	a, ok := p.from.Accounts[id]
	if !ok {
		return
	}
	p.into.Accounts[id] = a
	for _, l := range slices.Concat(a.SCPs, a.RCPs) {
		p.documents(l.Policies...)
	}
}

// asset copies an asset with its policies, and its key in turn.
func (p *packing) asset(arn string) {
	a, ok := p.from.Assets[arn]
	if _, done := p.into.Assets[arn]; !ok || done {
		return
	}
	p.into.Assets[arn] = a
	p.account(a.Account)
	if a.Policy != nil {
		p.documents(*a.Policy)
	}
	for _, point := range a.AccessPoints {
		if p.account(point.Account); point.Policy != nil {
			p.documents(*point.Policy)
		}
	}
	p.asset(a.Key)
}

// holder copies a principal with its policies.
func (p *packing) holder(who string) {
	h, ok := p.from.Holders[who]
	if !ok {
		return
	}
	p.into.Holders[who] = h
	p.account(h.Account)
	p.documents(slices.Concat(h.Policies, h.Boundary, h.Sessions)...)
}

// group copies a group with its policies.
func (p *packing) group(name string) {
	if g, ok := p.from.Groups[name]; ok {
		p.into.Groups[name] = g
		p.documents(g.Policies...)
	}
}

// flows copies all flows at some nodes: what is open there hangs on them.
func (p *packing) flows(ends map[string]bool) {
	for _, f := range p.from.Flows {
		if !ends[f.From] && !ends[f.To] {
			continue
		}
		p.into.Flows = append(p.into.Flows, f)
		for _, end := range []string{f.From, f.To} {
			p.into.Nodes[end] = p.from.Nodes[end]
		}
		if f.Kind == "assumes" {
			p.holder(f.To)
		}
	}
}
