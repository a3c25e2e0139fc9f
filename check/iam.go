package check

import (
	"fmt"
	"slices"
	"strings"

	"github.com/flowdeed/flowdeed/graph"
)

const (
	iamWhy   = "Art. 25 and 32(1)(b): code and people get the rights their task needs. Whatever a role may do beyond that is open to whoever takes it over."
	iamFix   = "Replace the policy by one that lists the actions and ARNs the task needs."
	usersWhy = "Art. 32(4) and 25(2): data is processed by those who are instructed to, and by default is not open to others; Art. 30 wants the recipients named."
)

var iamReads = []Read{
	{"iam:GetAccountAuthorizationDetails", "RoleDetailList[].RolePolicyList[].PolicyDocument"}, {"iam:GetAccountAuthorizationDetails", "Policies[].PolicyVersionList[].Document"},
	{"lambda:ListFunctions", "Functions[].Role"},
}

// runners are the classes of nodes that run under a role.
var runners = []graph.Class{graph.Function, graph.ContainerService, graph.Instance, graph.ETLJob, graph.StateMachine, graph.Pipe}

var iamControls = []*Control{
	{
		ID: "IAM-ADMIN-001", Title: "Function has no administrator privileges", Severity: Critical, Moves: Fixed, Articles: []string{"32(1)(b)", "25"},
		Doc: "Reads the policies of the role something runs under, and of users and other roles, which count one grade less: everything on everything, AdministratorAccess, PowerUserAccess or IAMFullAccess, unless a permissions boundary takes it back.",
		Why: iamWhy, Fix: iamFix, Reads: iamReads, Classes: append([]graph.Class{graph.Principal}, runners...),
		Node: func(in *Input, n *graph.Node) Result {
			return in.powersOf(n, -1, " is an administrator: ", " is no administrator", func(p Powers) []string { return p.Admin })
		},
	},
	{
		ID: "IAM-WILD-001", Title: "No wildcard actions or resources on data services", Severity: Medium, Moves: WithData, Articles: []string{"25", "5(1)(c)", "32(1)(b)"},
		Doc: "Looks for statements without conditions that give all actions of a service that holds data, or actions on data with every resource: in the policies of roles that something runs under, of users and of other roles. Administrators are IAM-ADMIN-001.",
		Why: iamWhy, Fix: iamFix, Reads: iamReads, Classes: append([]graph.Class{graph.Principal}, runners...),
		Node: func(in *Input, n *graph.Node) Result {
			return in.powersOf(n, 0, " has wildcards: ", " names actions and resources of data services", func(p Powers) []string {
				if len(p.Admin) > 0 {
					return p.Admin
				}
				return p.Wild
			})
		},
	},
	{
		ID: "IAM-SHARE-001", Title: "Functions do not share an execution role", Severity: Medium, Moves: WithData, Articles: []string{"25", "32(1)(b)"},
		Doc: "Compares the execution roles of functions. What one function needs, the others that share its role get as well.",
		Why: iamWhy, Fix: "Give each function its own role.", Reads: []Read{{"lambda:ListFunctions", "Functions[].Role"}},
		Classes: []graph.Class{graph.Function}, Node: sharedRole,
	},
	{
		ID: "IAM-ESC-001", Title: "Function role cannot escalate", Severity: High, Moves: WithData, Articles: []string{"32(1)(b)"},
		Doc: "Tries the known sets of permissions that lead to other rights: handing a role to something one starts, changing code or definitions that run under a role, own policies, trust policies, credentials of users. " +
			"Administrators need none of it and are not asked about. What hangs on conditions counts.",
		Why: "Art. 32(1)(b): such a principal has the rights of every principal it can become, and no list of readers is true any more.",
		Fix: "Take one permission of the set away, or bind iam:PassRole to the roles that are meant, with iam:PassedToService.", Reads: iamReads,
		Classes: append([]graph.Class{graph.Principal}, runners...), Node: escalates,
	},
	{
		ID: "IAM-READ-001", Title: "Readers of a personal-data store are all declared", Severity: Medium, Moves: WithData, Articles: []string{"32(1)(b)", "32(4)", "25(2)", "30"},
		Doc: "Lists who may read the store, its key included, by permissions, roles and resource policies, and compares them with the readers declared for it. A store without declared readers fails from special categories up; below that the list is shown and nothing is asked.",
		Why: usersWhy, Fix: "Declare the reader under readers: of the store, or remove the right.",
		Reads: []Read{
			{"iam:GetAccountAuthorizationDetails", "RoleDetailList[].RolePolicyList[].PolicyDocument"}, {"s3:GetBucketPolicy", "Policy"}, {"kms:GetKeyPolicy", "Policy"}, {"kms:ListGrants", "Grants[].GranteePrincipal"},
		},
		Classes: []graph.Class{graph.Bucket, graph.Table, graph.Queue, graph.Stream, graph.Topic, graph.UserPool, graph.LogGroup, graph.Secret},
		Node:    func(in *Input, n *graph.Node) Result { return in.declaredUsers(n, "read", "read it", false) },
	},
	{
		ID: "IAM-HUMAN-001", Title: "People reach special-category data only with MFA and a named role", Severity: High, Moves: WithData, Articles: []string{"32(1)(b)", "32(4)", "29"},
		Doc: "Lists the IAM users who may read a store of personal data, its key included, and how they sign in: a console password without a second factor and a long-lived access key fail. " +
			"Roles, and users who may read only under conditions, are looked at by IAM-READ-001; who signs in through IAM Identity Center is not read.",
		Why: "Art. 29 and 32(4): people process data on instructions, so it must be certain who they are. A password or a key that leaks is whoever has it.",
		Fix: "Let people sign in through a federation or IAM Identity Center, require MFA, and deactivate access keys.",
		Reads: []Read{
			{"iam:GetCredentialReport", "Content"}, {"iam:GetAccountAuthorizationDetails", "UserDetailList[].UserName"}, {"kms:GetKeyPolicy", "Policy"},
		},
		Classes: []graph.Class{graph.Bucket, graph.Table, graph.Queue, graph.Stream, graph.Topic, graph.UserPool, graph.LogGroup, graph.Secret},
		Node:    provenPeople,
	},
	{
		ID: "IAM-INVOKE-001", Title: "Only declared principals may invoke a function that handles personal data", Severity: Medium, Moves: WithData, Articles: []string{"32(1)(b)", "25"},
		Doc: "Lists who may invoke the function by permissions. Its event sources in the map and the principals declared under readers: of the function are expected; where nobody is declared, it fails from special categories up.",
		Why: usersWhy, Fix: "Scope invoke rights to the ARNs that are meant, or declare the principal under readers: of the function.",
		Reads:   []Read{{"lambda:GetPolicy", "Policy"}, {"iam:GetAccountAuthorizationDetails", "RoleDetailList[].RolePolicyList[].PolicyDocument"}},
		Classes: []graph.Class{graph.Function},
		Node:    func(in *Input, n *graph.Node) Result { return in.declaredUsers(n, "invoke", "invoke it", true) },
	},
	{
		ID: "IAM-CHANGE-001", Title: "Only the delivery pipeline may change a function that handles personal data", Severity: Medium, Moves: WithData, Articles: []string{"32(1)(b)", "32(1)(d)"},
		Doc: "Lists who may change code, configuration, policy or address of the function. The delivery pipeline is expected when it is declared under readers: of the function; where nobody is declared, it fails from special categories up.",
		Why: "Art. 32(1)(b) and (d): whoever changes the code decides what happens with the data, past every review.", Fix: "Reserve the change rights to the pipeline role and declare it.",
		Reads: iamReads, Classes: []graph.Class{graph.Function},
		Node: func(in *Input, n *graph.Node) Result { return in.declaredUsers(n, "admin", "change it", true) },
	},
}

// powersOf judges the roles of a node by one of their powers, or a user or role by its
// own, which counts for people. What is wrong with a role that something runs under is
// said there; a role is in order whatever is known of what runs under it.
func (in *Input) powersOf(n *graph.Node, people int, bad, good string, pick func(Powers) []string) Result {
	t, who, lift := tally{}, "its role", 0
	if n.Class == graph.Function {
		t.known(graph.RoleARN.Get(&n.Facts).Fact)
	}
	roles := rolesOf(in, n)
	if n.Class == graph.Principal {
		if m := graph.ManagedBy.Get(&n.Facts); m.Known {
			return doesNotApply("a role that AWS manages", m.Fact)
		}
		roles, who, lift = []graph.ID{n.ID}, "it", people
	}
	if len(roles) == 0 && len(t.gaps) == 0 {
		return doesNotApply("it runs under no role")
	}
	for _, role := range roles {
		p, complete := in.powers(role)
		found := pick(p)
		switch runs := in.runsUnder(n.ID); {
		case len(found) > 0 && runs != "":
			return doesNotApply("the role of " + name(in, runs) + ", where it is judged")
		case len(found) > 0:
			t.against(lift, who+bad+strings.Join(found, "; "))
		case !complete:
			t.gap("the policies of " + name(in, role) + " are not known in full")
		}
	}
	return t.result(who + good)
}

// runsUnder is something that runs under a role; empty when nothing does.
func (in *Input) runsUnder(role graph.ID) graph.ID {
	for _, f := range in.Graph.In(role) {
		if from := in.Graph.Node(f.From); f.Kind == graph.Assumes && from != nil && slices.Contains(runners, from.Class) {
			return from.ID
		}
	}
	return ""
}

func (in *Input) powers(role graph.ID) (Powers, bool) {
	if in.Powers == nil || !in.roleRead(string(role)) {
		return Powers{}, false
	}
	return in.Powers(role)
}

func sharedRole(in *Input, n *graph.Node) Result {
	role := graph.RoleARN.Get(&n.Facts)
	switch {
	case !role.Known:
		return missing(role.Fact)
	case role.V == "":
		return doesNotApply("it runs under no role", role.Fact)
	}
	var others []graph.ID
	for _, f := range in.Graph.In(graph.ID(role.V)) {
		if from := in.Graph.Node(f.From); f.Kind == graph.Assumes && from != nil && from.Class == graph.Function && from != n {
			others = append(others, from.ID)
		}
	}
	slices.Sort(others)
	if others = slices.Compact(others); len(others) > 0 {
		return fails("its role is shared with "+names(in, others), role.Fact)
	}
	return passes("no other function has its role", role.Fact)
}

func escalates(in *Input, n *graph.Node) Result {
	if m := graph.ManagedBy.Get(&n.Facts); n.Class == graph.Principal && m.Known {
		return doesNotApply("a role that AWS manages", m.Fact)
	}
	t := tally{}
	roles := []graph.ID{n.ID}
	if n.Class != graph.Principal {
		roles = rolesOf(in, n)
	}
	if len(roles) == 0 {
		return doesNotApply("it runs under no role")
	}
	admins := 0
	for _, role := range roles {
		p, complete := in.powers(role)
		switch {
		case len(p.Admin) > 0:
			admins++
		case len(p.Escalations) > 0:
			t.against(0, "it gets other rights by "+strings.Join(p.Escalations, "; "))
		case !complete:
			t.gap("the policies of " + name(in, role) + " are not known in full")
		default:
			if principal := in.Graph.Node(role); principal != nil {
				if read := graph.PermissionsRead.Get(&principal.Facts); read.Source != "" {
					t.known(read.Fact)
				}
			}
		}
	}
	if admins == len(roles) {
		return doesNotApply("an administrator: it has every right already")
	}
	return t.result("no set of permissions that leads to other rights was found")
}

// declaredUsers compares who may use a node with who is declared to. Where nobody is,
// it fails from special categories up. With sources, what the map shows to start the
// node needs no declaration.
func (in *Input) declaredUsers(n *graph.Node, access, words string, sources bool) Result {
	profile := in.Labels.Profile(n.ID)
	switch {
	case !profile.Personal():
		return doesNotApply("no personal data is known there")
	case in.Users == nil:
		return cannotTell("who may " + words + " was not worked out")
	}
	declared := in.DeclaredUsers[n.ID]
	if len(declared) == 0 && !profile.Special() {
		return doesNotApply("nobody is declared to " + words + "; flowdeed who-can lists who may")
	}
	users, undecided := in.Users(n.ID, access)
	var others []string
	for _, u := range users {
		if !in.isDeclared(declared, u.Principal) && !(sources && in.inMap(n, u.Principal)) {
			others = append(others, in.who(u))
		}
	}
	found := listed(others)
	switch {
	case len(others) > 0 && len(declared) == 0:
		return fails(fmt.Sprintf("nobody is declared; %s may %s: %s", plural(len(others), "principal"), words, found))
	case len(others) > 0:
		return fails(fmt.Sprintf("%s may %s undeclared: %s", plural(len(others), "principal"), words, found))
	case len(undecided) > 0:
		return cannotTell(fmt.Sprintf("of %s it is not known whether they may %s: %s", plural(len(undecided), "principal"), words, listed(undecided)))
	}
	return passes(fmt.Sprintf("all who may %s are declared: %d", words, len(users)))
}

// provenPeople judges how the IAM users sign in who may read a store.
func provenPeople(in *Input, n *graph.Node) Result {
	switch {
	case !in.Labels.Profile(n.ID).Personal():
		return doesNotApply("no personal data is known there")
	case in.Users == nil:
		return cannotTell("who may read it was not worked out")
	}
	users, undecided := in.Users(n.ID, "read")
	t, people := tally{}, 0
	for _, u := range users {
		x := in.Graph.Node(graph.ID(u.Principal))
		if x == nil || !signsIn(x) {
			continue
		}
		people++
		signIn(&t, in.who(u), x, u.Conditional)
	}
	if len(undecided) > 0 {
		t.gap(fmt.Sprintf("of %s it is not known whether they may read it: %s", plural(len(undecided), "principal"), listed(undecided)))
	}
	if people == 0 && len(undecided) == 0 {
		return doesNotApply("no IAM user may read it by permissions")
	}
	return t.result(fmt.Sprintf("%s may read it, with a second factor and without long-lived keys", plural(people, "IAM user")))
}

// signsIn tells whether a principal has credentials of its own, known or not.
func signsIn(n *graph.Node) bool {
	_, set := n.Facts.Lookup(graph.ConsolePassword.Name)
	return set
}

// signIn judges how one user signs in. What is weak about one who may read only under
// conditions is for a person to judge: the condition may ask for the second factor.
func signIn(t *tally, who string, n *graph.Node, conditional bool) {
	password, factor, keys := graph.ConsolePassword.Get(&n.Facts), graph.SecondFactor.Get(&n.Facts), graph.ActiveKeys.Get(&n.Facts)
	weak := func(why string) {
		if conditional {
			t.gap(who + " " + why)
			return
		}
		t.against(0, who+" "+why)
	}
	if !t.known(password.Fact) || !t.known(factor.Fact) || !t.known(keys.Fact) {
		return
	}
	if password.V && !factor.V {
		weak("signs in with a password alone")
	}
	if keys.V > 0 {
		weak("has " + plural(keys.V, "long-lived access key"))
	}
}

// who names a user in a reason.
func (in *Input) who(u User) string {
	s := name(in, graph.ID(u.Principal))
	if u.Conditional {
		s += " (under conditions)"
	}
	return s
}

// isDeclared tells whether a principal is in a declared list: by ARN, by name, or by
// account.
func (in *Input) isDeclared(list []string, principal string) bool {
	short := principal[strings.LastIndexByte(principal, '/')+1:]
	return slices.ContainsFunc(list, func(d string) bool {
		return d == principal || strings.EqualFold(d, short) || principal == "arn:aws:iam::"+d+":root"
	})
}

// inMap tells whether a principal is what something in the map runs under that starts
// the node: its event source.
func (in *Input) inMap(n *graph.Node, principal string) bool {
	for _, f := range in.Graph.In(n.ID) {
		if f.Kind != graph.Invokes && f.Kind != graph.Triggers && f.Kind != graph.Delivers {
			continue
		}
		if from := in.Graph.Node(f.From); from != nil && slices.Contains(rolesOf(in, from), graph.ID(principal)) {
			return true
		}
	}
	return false
}

func listed(list []string) string {
	if n := len(list); n > shown {
		return strings.Join(list[:shown], ", ") + fmt.Sprintf(" and %d more", n-shown)
	}
	return strings.Join(list, ", ")
}
