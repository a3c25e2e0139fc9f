package check

import "slices"

// All returns every control, sorted by id. One family is one file; a new family is a
// line here.
func All() []*Control {
	all := slices.Concat(
		encRestControls, kmsControls, encTransitControls, exposeControls, xacctControls, iamControls, secretControls,
		funcControls, logControls, retControls, copyControls, flowControls, availControls, xferControls, protectControls, statementControls, policyControls,
	)
	slices.SortFunc(all, func(a, b *Control) int {
		switch {
		case a.ID < b.ID:
			return -1
		case a.ID > b.ID:
			return 1
		}
		return 0
	})
	return all
}

// ByID finds a control.
func ByID(id string) (*Control, bool) {
	for _, c := range All() {
		if c.ID == id {
			return c, true
		}
	}
	return nil, false
}
