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

// Pack makes a bundle: the proofs and what they rest on, and nothing else.
func Pack(list []*Proof, inv *Inventory) *Bundle {
	out := &Inventory{Snapshot: inv.Snapshot, Never: inv.Never, Documents: map[string]string{}, Holders: map[string]Holder{}, Assets: map[string]Asset{}, Accounts: map[string]Account{}}
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
	for _, p := range list {
		for _, s := range p.Steps {
			if h, ok := inv.Holders[s.Principal]; ok {
				out.Holders[s.Principal] = h
				account(h.Account)
				note(h.Policies...)
				note(h.Boundary...)
				note(h.Sessions...)
			}
			asset(s.Asset)
		}
	}
	return &Bundle{Proofs: list, Inventory: out}
}
