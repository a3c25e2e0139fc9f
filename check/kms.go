package check

import (
	"fmt"
	"strings"
	"time"

	"github.com/flowdeed/flowdeed/classify"
	"github.com/flowdeed/flowdeed/graph"
)

// keyedStores are the classes whose key class is held against the data.
var keyedStores = []graph.Class{
	graph.Bucket, graph.Table, graph.Database, graph.Cache, graph.Search, graph.FileSystem, graph.Snapshot, graph.Backup,
	graph.Queue, graph.Topic, graph.Stream, graph.DeliveryStream, graph.EventBus, graph.Archive, graph.LogGroup, graph.UserPool, graph.Secret,
}

var kmsControls = []*Control{
	{
		ID: "KMS-OWN-001", Title: "Key ownership meets the level its data class needs", Severity: Medium, Moves: OnlyWithData, Articles: []string{"32(1)(a)", "25"},
		Doc:     "Compares the key class of a store with the level its data needs: by default an AWS-managed key for personal data and a customer-managed key for special categories. One finding a store.",
		Why:     "Whoever holds the key decides who can read. Art. 32 asks for protection that fits the risk, and special categories carry more of it.",
		Fix:     "Move the store to a key of the needed class; for a bucket: put-bucket-encryption with the ARN of a customer key.",
		Reads:   []Read{{"kms:DescribeKey", "KeyMetadata.KeyManager"}, {"kms:DescribeKey", "KeyMetadata.Origin"}, {"kms:ListAliases", "Aliases[].TargetKeyId"}},
		Classes: keyedStores, Node: keyOwnership,
	},
	{
		ID: "KMS-OWN-002", Title: "Key lives in a known account", Severity: High, Moves: WithData, Articles: []string{"28", "32(1)(b)"},
		Doc:   "A store whose key belongs to another account depends on that account: it can end availability and may read through the key.",
		Why:   "Art. 28: who can take the data away or open it processes it, and needs a contract.",
		Fix:   "Re-encrypt with a key of your own account, or declare the account as a party with its role and contract.",
		Reads: []Read{{"kms:DescribeKey", "KeyMetadata.AWSAccountId"}, {"kms:DescribeKey", "KeyMetadata.Arn"}},
		Kinds: []graph.FlowKind{graph.EncryptsWith},
		Flow: func(in *Input, f *graph.Flow) Result {
			store, key := in.Graph.Node(f.From), in.Graph.Node(f.To)
			id := graph.KeyID.Get(&store.Facts)
			switch {
			case key == nil || key.Account == "":
				return cannotTell("the account of the key is not known", id.Fact)
			case key.Account == store.Account:
				return passes("the key belongs to the same account", id.Fact)
			case in.KnownAccounts[key.Account] != "":
				return passes("the key belongs to account "+key.Account+", known as "+in.KnownAccounts[key.Account], id.Fact)
			}
			return fails("the key belongs to account "+key.Account+", which nobody declared", id.Fact)
		},
	},
	{
		ID: "KMS-POL-001", Title: "Key policy does not admit everyone", Severity: Critical, Moves: Fixed, Articles: []string{"32(1)(b)", "5(1)(f)"},
		Doc:     "Looks for allow statements of the key policy that reach any principal without a condition that pins an account, organisation, service or endpoint.",
		Why:     "A key anybody may use is no key. Art. 5(1)(f) asks for confidentiality.",
		Fix:     "Name the principals in the statement, or add a kms:CallerAccount condition: aws kms put-key-policy.",
		Reads:   []Read{{"kms:GetKeyPolicy", "Policy"}},
		Classes: []graph.Class{graph.EncryptionKey},
		Node: func(_ *Input, n *graph.Node) Result {
			if awsKey(n) {
				return doesNotApply("AWS-managed key: its policy is AWS's", graph.KeyManager.Get(&n.Facts).Fact)
			}
			return publicStatements(n, "the key policy")
		},
	},
	{
		ID: "KMS-POL-002", Title: "Decrypt granted only to known accounts", Severity: High, Moves: WithData, Articles: []string{"28", "32(1)(b)"},
		Doc:     "Looks for accounts in the key policy and the grants that may decrypt, re-encrypt or create grants and are neither scanned, of the same organisation, nor declared.",
		Why:     "Who may decrypt may read. Art. 28 asks that processors are known and bound by contract.",
		Fix:     "Retire the grant or take the principal out of the policy, or declare the account as a party.",
		Reads:   []Read{{"kms:GetKeyPolicy", "Policy"}, {"kms:ListGrants", "Grants[].GranteePrincipal"}},
		Classes: []graph.Class{graph.EncryptionKey},
		Node: func(in *Input, n *graph.Node) Result {
			if awsKey(n) {
				return doesNotApply("AWS-managed key: nobody outside can be admitted", graph.KeyManager.Get(&n.Facts).Fact)
			}
			who := graph.ForeignDecrypt.Get(&n.Facts)
			return foreign(in, who, "may decrypt")
		},
	},
	{
		ID: "KMS-ROT-001", Title: "Customer key rotates", Severity: Low, Moves: WithData, Articles: []string{"32(1)(a)", "32(1)(d)"},
		Doc:     "Asks for automatic rotation of symmetric customer keys with material from KMS, at least once in the period of the policy (365 days).",
		Why:     "Rotation limits what one leaked key opens; Art. 32(1)(d) asks to keep measures effective.",
		Fix:     "aws kms enable-key-rotation --key-id <key> --rotation-period-in-days 365.",
		Reads:   []Read{{"kms:GetKeyRotationStatus", "KeyRotationEnabled"}, {"kms:DescribeKey", "KeyMetadata.KeySpec"}, {"kms:DescribeKey", "KeyMetadata.Origin"}},
		Classes: []graph.Class{graph.EncryptionKey}, Node: keyRotation,
	},
	{
		ID: "KMS-LIFE-001", Title: "Key in use is healthy", Severity: Critical, Moves: Fixed, Articles: []string{"32(1)(b)", "32(1)(c)"},
		Doc:     "Looks for keys that stores use and that are pending deletion, disabled, unavailable, about to expire, or in a disconnected key store.",
		Why:     "Without the key the data is lost for good. Art. 32(1)(b) and (c) ask for availability and recovery.",
		Fix:     "aws kms cancel-key-deletion, enable-key, re-import the material, or reconnect the key store.",
		Reads:   []Read{{"kms:DescribeKey", "KeyMetadata.KeyState"}, {"kms:DescribeKey", "KeyMetadata.ValidTo"}, {"kms:DescribeCustomKeyStores", "CustomKeyStores[].ConnectionState"}},
		Classes: []graph.Class{graph.EncryptionKey}, Node: keyHealth,
	},
}

func awsKey(n *graph.Node) bool { return graph.Is(graph.KeyManager.Get(&n.Facts), "AWS") }

func keyOwnership(in *Input, n *graph.Node) Result {
	owner := graph.KeyOwner.Get(&n.Facts)
	if !owner.Known {
		return missing(owner.Fact)
	}
	need, kind := in.Policy.KeyForPersonal, "personal data"
	if p := in.Labels.Profile(n.ID); p.Special() {
		need, kind = in.Policy.KeyForSpecial, map[classify.Profile]string{classify.ProfileSpecial: "special-category data", classify.ProfileCriminal: "criminal-offence data"}[p]
	}
	if owner.V.Rank() >= need.Rank() {
		return passes(fmt.Sprintf("key class %s; %s needs %s", owner.V, kind, need), owner.Fact)
	}
	return fails(fmt.Sprintf("key class %s is below %s, which %s needs", owner.V, need, kind), owner.Fact)
}

func keyRotation(in *Input, n *graph.Node) Result {
	spec, origin := graph.KeySpec.Get(&n.Facts), graph.KeyOrigin.Get(&n.Facts)
	rotates, period := graph.KeyRotates.Get(&n.Facts), graph.KeyPeriod.Get(&n.Facts)
	switch {
	case awsKey(n):
		return doesNotApply("AWS-managed keys are rotated by AWS", graph.KeyManager.Get(&n.Facts).Fact)
	case spec.Known && spec.V != "SYMMETRIC_DEFAULT":
		return doesNotApply("only symmetric keys rotate by themselves: "+spec.V, spec.Fact)
	case origin.Known && origin.V != "AWS_KMS":
		return doesNotApply("imported and external material does not rotate by itself: "+origin.V, origin.Fact)
	case !rotates.Known:
		return missing(rotates.Fact)
	case !rotates.V:
		return fails("automatic rotation is off", rotates.Fact)
	case !period.Known:
		return missing(period.Fact)
	case period.V > in.Policy.RotationDays:
		return fails(fmt.Sprintf("rotates every %d days; the policy asks for %d", period.V, in.Policy.RotationDays), period.Fact)
	}
	return passes(fmt.Sprintf("rotates every %d days", period.V), rotates.Fact, period.Fact)
}

func keyHealth(in *Input, n *graph.Node) Result {
	if users := len(in.Graph.In(n.ID)); users == 0 {
		return doesNotApply("no store is known to use this key")
	}
	state, expires, store := graph.KeyState.Get(&n.Facts), graph.KeyExpires.Get(&n.Facts), graph.KeyStoreUp.Get(&n.Facts)
	switch {
	case !state.Known:
		return missing(state.Fact)
	case state.V != "Enabled":
		return fails("the key is "+state.V+" and stores depend on it", state.Fact, graph.KeyDeletion.Get(&n.Facts).Fact)
	case askedInVain(&n.Facts, graph.KeyStoreUp.Name):
		return missing(store.Fact)
	case store.Known && !store.V:
		return fails("its custom key store is disconnected", store.Fact)
	case !expires.Known:
		return missing(expires.Fact)
	}
	if t, err := time.Parse(time.RFC3339, expires.V); err == nil && t.Before(in.Now.AddDate(0, 0, 30)) {
		return fails("imported key material expires on "+t.Format(time.DateOnly), expires.Fact)
	}
	return passes("enabled", state.Fact)
}

// publicStatements is the decision on a resource policy that admits anybody.
func publicStatements(n *graph.Node, what string) Result {
	open := graph.PublicStatements.Get(&n.Facts)
	switch {
	case !open.Known:
		return missing(open.Fact)
	case len(open.V) > 0:
		return fails(what+" admits anybody: "+strings.Join(open.V, ", "), open.Fact)
	}
	return passes(what+" admits nobody unnamed", open.Fact)
}

// accountOf returns the account of a principal: its ARN, a bare id, or "".
func accountOf(principal string) string {
	if p := strings.Split(principal, ":"); len(p) >= 6 && p[0] == "arn" {
		return p[4]
	}
	if len(principal) == 12 && strings.Trim(principal, "0123456789") == "" {
		return principal
	}
	return ""
}

// foreign is the decision on principals of other accounts: known accounts pass, all
// others fail.
func foreign(in *Input, who graph.Answer[[]string], may string) Result {
	if !who.Known {
		return missing(who.Fact)
	}
	var strangers, known []string
	for _, p := range who.V {
		account := accountOf(p)
		if name := in.KnownAccounts[account]; name != "" {
			known = append(known, p+" ("+name+")")
		} else {
			strangers = append(strangers, p)
		}
	}
	switch {
	case len(strangers) > 0:
		return fails(strings.Join(strangers, ", ")+" "+may+" and nobody declared the account", who.Fact)
	case len(known) > 0:
		return passes("only known accounts: "+strings.Join(known, ", "), who.Fact)
	}
	return passes("no other account "+may, who.Fact)
}
