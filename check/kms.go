package check

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/flowdeed/flowdeed/classify"
	"github.com/flowdeed/flowdeed/graph"
	"github.com/flowdeed/flowdeed/iam"
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
		Kinds: []graph.FlowKind{graph.EncryptsWith}, Never: everyNode, Flow: keyAccount,
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
			if m := graph.KeyManager.Get(&n.Facts); !m.Known {
				return missing(m.Fact) // it may be AWS's own
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
			if m := graph.KeyManager.Get(&n.Facts); !m.Known {
				return missing(m.Fact) // it may be AWS's own
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

func keyAccount(in *Input, f *graph.Flow) Result {
	store, key := in.Graph.Node(f.From), in.Graph.Node(f.To)
	if store == nil || key == nil {
		return cannotTell("an end of the flow is not in the graph")
	}
	id := graph.KeyID.Get(&store.Facts)
	switch {
	case key.Account == "" || store.Account == "":
		return cannotTell("the account of the key or of the store is not known", id.Fact)
	case key.Account == store.Account:
		return passes("the key belongs to the same account", id.Fact)
	case in.KnownAccounts[key.Account] != "":
		return passes("the key belongs to account "+key.Account+", known as "+in.KnownAccounts[key.Account], id.Fact)
	case key.External:
		return fails("the key belongs to account "+key.Account+", which nobody declared, and cannot be described from here", id.Fact)
	}
	return fails("the key belongs to account "+key.Account+", which nobody declared", id.Fact)
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
	if need == "" {
		return cannotTell("the policy names no key class for "+kind, owner.Fact)
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
	case !rotates.V && !(spec.Known && origin.Known):
		// Keys that cannot rotate report false as well.
		return missing(unread(spec.Fact, origin.Fact)...)
	case !rotates.V:
		return fails("automatic rotation is off", rotates.Fact)
	case !period.Known:
		return missing(period.Fact)
	case period.V > in.Policy.RotationDays:
		return fails(fmt.Sprintf("rotates every %d days; the policy asks for %d", period.V, in.Policy.RotationDays), period.Fact)
	}
	return passes(fmt.Sprintf("rotates every %d days", period.V), rotates.Fact, period.Fact)
}

// brokenStates are the key states in which nothing can be decrypted.
// Source: AWS KMS Developer Guide, "Key states of AWS KMS keys".
var brokenStates = []string{"Disabled", "PendingDeletion", "PendingImport", "PendingReplicaDeletion", "Unavailable"}

func keyHealth(in *Input, n *graph.Node) Result {
	used := slices.ContainsFunc(in.Graph.In(n.ID), func(f *graph.Flow) bool { return f.Kind == graph.EncryptsWith })
	if !used {
		return unusedKey(in, n)
	}
	state, expires, store := graph.KeyState.Get(&n.Facts), graph.KeyExpires.Get(&n.Facts), graph.KeyStoreUp.Get(&n.Facts)
	origin := graph.KeyOrigin.Get(&n.Facts)
	inStore := origin.Known && (origin.V == "AWS_CLOUDHSM" || origin.V == "EXTERNAL_KEY_STORE")
	switch {
	case state.Known && slices.Contains(brokenStates, state.V):
		return fails("the key is "+state.V+until(n)+" and stores depend on it", state.Fact)
	case store.Known && !store.V:
		return fails("its custom key store is disconnected", store.Fact)
	case !state.Known:
		return missing(state.Fact)
	case state.V != "Enabled" && state.V != "Updating":
		return cannotTell("nothing is known of keys in state "+state.V, state.Fact)
	case !store.Known && (inStore || askedInVain(&n.Facts, store.Name)):
		return missing(store.Fact)
	case !expires.Known:
		return missing(expires.Fact)
	case expires.V == "":
		return passes("enabled", state.Fact, expires.Fact)
	}
	t, err := time.Parse(time.RFC3339, expires.V)
	switch {
	case err != nil:
		return cannotTell("the time at which the key material expires cannot be read: "+expires.V, expires.Fact)
	case t.Before(in.Now.AddDate(0, 0, 30)):
		return fails("imported key material expires on "+t.Format(time.DateOnly), expires.Fact)
	}
	return passes("enabled; its material expires on "+t.Format(time.DateOnly), state.Fact, expires.Fact)
}

// unusedKey is the answer for a key that no store is known to use. Whether a broken key
// is missed cannot be told while some stores were not read.
func unusedKey(in *Input, n *graph.Node) Result {
	const unused = "no store is known to use this key"
	state, up := graph.KeyState.Get(&n.Facts), graph.KeyStoreUp.Get(&n.Facts)
	if broken := state.Known && slices.Contains(brokenStates, state.V) || graph.Is(up, false); !broken {
		return doesNotApply(unused)
	}
	if lost := in.lost(n.Account, n.Region, encryptedServices); lost != "" {
		return cannotTell(unused+", but not every store could be read: "+lost, state.Fact)
	}
	return doesNotApply(unused, state.Fact)
}

// encryptedServices are the services whose resources name the key that encrypts them.
var encryptedServices = []string{
	"s3:*", "dynamodb:*", "rds:*", "elasticache:*", "sqs:*", "sns:*", "kinesis:*", "firehose:*", "events:*", "logs:*", "secretsmanager:*", "ssm:*", "lambda:*", "stepfunctions:*", "cloudtrail:*",
}

// until says when a key will be deleted, if that is known.
func until(n *graph.Node) string {
	if d := graph.KeyDeletion.Get(&n.Facts); d.Known && d.V != "" {
		return " (deleted on " + d.V + ")"
	}
	return ""
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

// knownAs says who the party behind a principal is: its account, an organisation by
// its id, or an account of an AWS service. Empty: nobody declared it.
func (in *Input) knownAs(principal string) string {
	account := cmp.Or(accountOf(principal), principal)
	if who := in.KnownAccounts[account]; who != "" {
		return who
	}
	what, _ := iam.ServiceAccount(account)
	return what
}

// foreign is the decision on principals of other accounts: known accounts pass, all
// others fail.
func foreign(in *Input, who graph.Answer[[]string], may string) Result {
	if !who.Known {
		return missing(who.Fact)
	}
	var strangers, known []string
	for _, p := range who.V {
		if name := in.knownAs(p); name != "" {
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
