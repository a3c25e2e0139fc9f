package proof

import (
	"bytes"
	"encoding/json"
	"errors"
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
	out := &Inventory{Snapshot: inv.Snapshot, Never: inv.Never, Documents: map[string]string{}, Holders: map[string]Holder{}, Assets: map[string]Asset{}, Accounts: map[string]Account{}, Nodes: map[string]Node{}}
	note := func(refs ...Ref) {
		for _, r := range refs {
			if text, ok := inv.Documents[r.SHA256]; ok {
				out.Documents[r.SHA256] = text
			}
		}
	}
	account := func(id string) {
		a, ok := inv.Accounts[id]
		if !ok {
			return
		}
		out.Accounts[id] = a
		for _, levels := range [][]Level{a.SCPs, a.RCPs} {
			for _, l := range levels {
				note(l.Policies...)
			}
		}
	}
	var asset func(arn string)
	asset = func(arn string) {
		a, ok := inv.Assets[arn]
		if _, done := out.Assets[arn]; !ok || done {
			return
		}
		out.Assets[arn] = a
		account(a.Account)
		if a.Policy != nil {
			note(*a.Policy)
		}
		for _, p := range a.AccessPoints {
			if account(p.Account); p.Policy != nil {
				note(*p.Policy)
			}
		}
		asset(a.Key)
	}
	holder := func(who string) {
		if h, ok := inv.Holders[who]; ok {
			out.Holders[who] = h
			account(h.Account)
			note(h.Policies...)
			note(h.Boundary...)
			note(h.Sessions...)
		}
	}
	ends := map[string]bool{}
	for _, p := range list {
		p.each(func(s *Step) {
			holder(s.Principal)
			holder(s.Becomes)
			asset(s.Asset)
			for _, end := range []string{s.Principal, s.Asset, s.Workload} {
				ends[end] = ends[end] || s.Flow != nil || s.Kind == "runs-under" || end == s.Workload && end != ""
			}
		})
	}
	for _, f := range inv.Flows { // all at these nodes: what is open there hangs on them
		if !ends[f.From] && !ends[f.To] {
			continue
		}
		out.Flows = append(out.Flows, f)
		for _, end := range []string{f.From, f.To} {
			out.Nodes[end] = inv.Nodes[end]
		}
		if f.Kind == "assumes" {
			holder(f.To)
		}
	}
	return &Bundle{Proofs: list, Inventory: out}
}
