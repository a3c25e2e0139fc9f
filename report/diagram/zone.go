package diagram

import (
	"cmp"

	"github.com/flowdeed/flowdeed/graph"
)

// zone finds or makes the trust boundary of a node: account and region, or outside.
func (s *scene) zone(p *Picture, n *graph.Node) int {
	if n.ID == graph.Schedule {
		return -1
	}
	if n.External && n.Account == "" || n.Class.Role() == graph.RoleExternal {
		return s.addZone(p, Zone{Title: "Outside AWS", Parent: -1, Third: true})
	}
	account := s.addZone(p, Zone{Title: "Account " + cmp.Or(n.Account, "not known"), Parent: -1, Account: true})
	region := cmp.Or(n.Region, "region not known")
	if region == "global" {
		return account
	}
	title, third := region, false
	if s.opt.Area != nil {
		country, status, known := s.opt.Area(region)
		third = !known || status != "eea" && status != "adequate"
		switch {
		case !known:
			title += ", COUNTRY ?"
		case third:
			title = "THIRD COUNTRY " + country + ", " + region
		default:
			title += " (" + country + ")"
		}
	}
	return s.addZone(p, Zone{Title: title, Parent: account, Third: third})
}

func (s *scene) addZone(p *Picture, z Zone) int {
	for i, have := range p.Zones {
		if have.Title == z.Title && have.Parent == z.Parent {
			return i
		}
	}
	p.Zones = append(p.Zones, z)
	return len(p.Zones) - 1
}
