package check

import (
	"github.com/flowdeed/flowdeed/graph"
)

// customerKey has everything right for a key of the home account.
func customerKey(n *graph.Node) {
	for _, f := range []func(*graph.Node){
		with(graph.KeyManager, "CUSTOMER"), with(graph.KeyState, "Enabled"), with(graph.KeyOrigin, "AWS_KMS"), with(graph.KeySpec, "SYMMETRIC_DEFAULT"),
		with(graph.KeyRotates, true), with(graph.KeyPeriod, 365), with(graph.KeyExpires, ""), with(graph.KeyDeletion, ""),
		with(graph.PublicStatements, []string{}), with(graph.ForeignDecrypt, []string{}),
	} {
		f(n)
	}
}

func awsManaged(n *graph.Node) { graph.KeyManager.Set(&n.Facts, "AWS", "test") }

// usedKey adds a store and the key that encrypts it.
func (s *scene) usedKey(set ...func(*graph.Node)) {
	s.node("k", graph.EncryptionKey, append([]func(*graph.Node){customerKey}, set...)...)
	s.node("t", graph.Table, with(graph.KeyID, "k"))
	s.flow(graph.EncryptsWith, "t", "k")
}

// ownedBy puts a node into another account.
func ownedBy(account string) func(*graph.Node) { return func(n *graph.Node) { n.Account = account } }

const stranger, partner = "999988887777", "444455556666"

func (s *scene) knowPartner() { s.KnownAccounts[partner] = "party: Partner" }

// foreignKey is a store whose key belongs to another account.
func (s *scene) foreignKey(account string) {
	s.node("t", graph.Table, with(graph.KeyID, "k"))
	s.outside("k", graph.EncryptionKey, account, region)
	s.flow(graph.EncryptsWith, "t", "k")
}

func owned(class graph.KeyClass) func(*graph.Node) { return with(graph.KeyOwner, class) }

var kmsTrials = []trial{
	{"KMS-OWN-001", "customer key, personal data", "t", Pass, 0, "personal data needs aws-managed", func(s *scene) { s.node("t", graph.Table, owned(graph.KeyCustomer)); s.holds("t", email) }},
	{"KMS-OWN-001", "aws-managed, personal data", "t", Pass, 0, "key class aws-managed", func(s *scene) { s.node("t", graph.Table, owned(graph.KeyAWSManaged)); s.holds("t", email) }},
	{"KMS-OWN-001", "external store, health data", "t", Pass, 0, "special-category data needs customer-managed", func(s *scene) { s.node("t", graph.Table, owned(graph.KeyExternal)); s.holds("t", health) }},
	{"KMS-OWN-001", "provider's key, personal data", "t", Fail, Medium, "provider-owned is below aws-managed", func(s *scene) { s.node("t", graph.Table, owned(graph.KeyProviderOwned)); s.holds("t", email) }},
	{"KMS-OWN-001", "aws-managed, health data", "t", Fail, High, "below customer-managed", func(s *scene) { s.node("t", graph.Table, owned(graph.KeyAWSManaged)); s.holds("t", health) }},
	{"KMS-OWN-001", "key of another account, health data", "t", Fail, High, "customer-managed-foreign is below", func(s *scene) {
		s.node("t", graph.Table, owned(graph.KeyCustomerForeign))
		s.holds("t", health)
	}},
	{"KMS-OWN-001", "none, personal data", "q", Fail, Medium, "key class none", func(s *scene) { s.node("q", graph.Queue, owned(graph.KeyNone)); s.holds("q", email) }},
	{"KMS-OWN-001", "not read", "t", Unknown, 0, "key_class", func(s *scene) { s.node("t", graph.Table, without(graph.KeyOwner)); s.holds("t", email) }},
	{"KMS-OWN-001", "policy without a level", "t", Unknown, 0, "names no key class", func(s *scene) {
		s.Policy = Policy{}
		s.node("t", graph.Table, owned(graph.KeyNone))
		s.holds("t", email)
	}},
	{"KMS-OWN-001", "no label", "t", NotApplicable, 0, "no personal data is known", func(s *scene) { s.node("t", graph.Table, owned(graph.KeyNone)) }},
	{"KMS-OWN-001", "declared empty", "t", NotApplicable, 0, "declared to hold no", func(s *scene) { s.node("t", graph.Table, owned(graph.KeyNone)); s.empty("t") }},

	{"KMS-OWN-002", "same account", "t", Pass, 0, "same account", func(s *scene) { s.usedKey() }},
	{"KMS-OWN-002", "declared account", "t", Pass, 0, "party: Partner", func(s *scene) { s.knowPartner(); s.foreignKey(partner) }},
	{"KMS-OWN-002", "stranger", "t", Fail, High, "cannot be described from here", func(s *scene) { s.foreignKey(stranger) }},
	{"KMS-OWN-002", "stranger, personal data", "t", Fail, Critical, "nobody declared", func(s *scene) { s.foreignKey(stranger); s.holds("t", email) }},
	{"KMS-OWN-002", "stranger, declared empty", "t", Fail, Medium, "nobody declared", func(s *scene) { s.foreignKey(stranger); s.empty("t") }},
	{"KMS-OWN-002", "account not known", "t", Unknown, 0, "account of the key", func(s *scene) { s.foreignKey("") }},
	{"KMS-OWN-002", "an end is missing", "t", Unknown, 0, "not in the graph", func(s *scene) {
		s.node("t", graph.Table)
		s.flow(graph.EncryptsWith, "t", "gone")
	}},

	{"KMS-POL-001", "closed", "k", Pass, 0, "admits nobody unnamed", func(s *scene) { s.node("k", graph.EncryptionKey, customerKey) }},
	{"KMS-POL-001", "open", "k", Fail, Critical, "admits anybody: Open", func(s *scene) {
		s.node("k", graph.EncryptionKey, customerKey, with(graph.PublicStatements, []string{"Open"}))
	}},
	{"KMS-POL-001", "open, declared empty", "k", Fail, Critical, "admits anybody", func(s *scene) {
		s.node("k", graph.EncryptionKey, customerKey, with(graph.PublicStatements, []string{"Open"}))
		s.empty("k")
	}},
	{"KMS-POL-001", "not read", "k", Unknown, 0, "public_statements", func(s *scene) { s.node("k", graph.EncryptionKey, customerKey, without(graph.PublicStatements)) }},
	{"KMS-POL-001", "of AWS", "k", NotApplicable, 0, "AWS-managed", func(s *scene) { s.node("k", graph.EncryptionKey, awsManaged) }},

	{"KMS-POL-002", "nobody", "k", Pass, 0, "no other account", func(s *scene) { s.node("k", graph.EncryptionKey, customerKey) }},
	{"KMS-POL-002", "known account", "k", Pass, 0, "only known accounts: arn:aws:iam::" + partner + ":role/r (party: Partner)", func(s *scene) {
		s.knowPartner()
		s.node("k", graph.EncryptionKey, customerKey, with(graph.ForeignDecrypt, []string{"arn:aws:iam::" + partner + ":role/r"}))
	}},
	{"KMS-POL-002", "stranger", "k", Fail, High, stranger, func(s *scene) {
		s.node("k", graph.EncryptionKey, customerKey, with(graph.ForeignDecrypt, []string{stranger}))
	}},
	{"KMS-POL-002", "not read", "k", Unknown, 0, "foreign_decrypt", func(s *scene) { s.node("k", graph.EncryptionKey, customerKey, without(graph.ForeignDecrypt)) }},
	{"KMS-POL-002", "of AWS", "k", NotApplicable, 0, "AWS-managed", func(s *scene) { s.node("k", graph.EncryptionKey, awsManaged) }},

	{"KMS-ROT-001", "yearly", "k", Pass, 0, "every 365 days", func(s *scene) { s.node("k", graph.EncryptionKey, customerKey) }},
	{"KMS-ROT-001", "off", "k", Fail, Low, "off", func(s *scene) { s.node("k", graph.EncryptionKey, customerKey, with(graph.KeyRotates, false)) }},
	{"KMS-ROT-001", "too rare", "k", Fail, Low, "every 2560 days", func(s *scene) { s.node("k", graph.EncryptionKey, customerKey, with(graph.KeyPeriod, 2560)) }},
	{"KMS-ROT-001", "not read", "k", Unknown, 0, "key_rotates", func(s *scene) { s.node("k", graph.EncryptionKey, customerKey, without(graph.KeyRotates)) }},
	{"KMS-ROT-001", "period not read", "k", Unknown, 0, "key_rotation_days", func(s *scene) { s.node("k", graph.EncryptionKey, customerKey, without(graph.KeyPeriod)) }},
	{"KMS-ROT-001", "off, spec not read", "k", Unknown, 0, "key_spec", func(s *scene) {
		s.node("k", graph.EncryptionKey, customerKey, with(graph.KeyRotates, false), without(graph.KeySpec))
	}},
	{"KMS-ROT-001", "of AWS", "k", NotApplicable, 0, "rotated by AWS", func(s *scene) { s.node("k", graph.EncryptionKey, awsManaged) }},
	{"KMS-ROT-001", "asymmetric", "k", NotApplicable, 0, "RSA_2048", func(s *scene) { s.node("k", graph.EncryptionKey, customerKey, with(graph.KeySpec, "RSA_2048")) }},
	{"KMS-ROT-001", "imported", "k", NotApplicable, 0, "EXTERNAL", func(s *scene) { s.node("k", graph.EncryptionKey, customerKey, with(graph.KeyOrigin, "EXTERNAL")) }},

	{"KMS-LIFE-001", "enabled", "k", Pass, 0, "enabled", func(s *scene) { s.usedKey() }},
	{"KMS-LIFE-001", "material expires later", "k", Pass, 0, "expires on 2027-11-24", func(s *scene) { s.usedKey(with(graph.KeyExpires, "2027-11-24T00:00:00Z")) }},
	{"KMS-LIFE-001", "connected store", "k", Pass, 0, "enabled", func(s *scene) {
		s.usedKey(with(graph.KeyOrigin, "AWS_CLOUDHSM"), with(graph.KeyStoreUp, true))
	}},
	{"KMS-LIFE-001", "pending deletion", "k", Fail, Critical, "PendingDeletion (deleted on 2026-12-01T00:00:00Z)", func(s *scene) {
		s.usedKey(with(graph.KeyState, "PendingDeletion"), with(graph.KeyDeletion, "2026-12-01T00:00:00Z"))
	}},
	{"KMS-LIFE-001", "disabled", "k", Fail, Critical, "Disabled", func(s *scene) { s.usedKey(with(graph.KeyState, "Disabled")) }},
	{"KMS-LIFE-001", "material expires", "k", Fail, Critical, "expires on 2026-12-01", func(s *scene) { s.usedKey(with(graph.KeyExpires, "2026-12-01T00:00:00Z")) }},
	{"KMS-LIFE-001", "store disconnected", "k", Fail, Critical, "disconnected", func(s *scene) { s.usedKey(with(graph.KeyStoreUp, false)) }},
	{"KMS-LIFE-001", "not read", "k", Unknown, 0, "key_state", func(s *scene) { s.usedKey(without(graph.KeyState)) }},
	{"KMS-LIFE-001", "unheard-of state", "k", Unknown, 0, "Resting", func(s *scene) { s.usedKey(with(graph.KeyState, "Resting")) }},
	{"KMS-LIFE-001", "expiry unreadable", "k", Unknown, 0, "next year", func(s *scene) { s.usedKey(with(graph.KeyExpires, "next year")) }},
	{"KMS-LIFE-001", "store not read", "k", Unknown, 0, "key_store_connected", func(s *scene) { s.usedKey(with(graph.KeyOrigin, "EXTERNAL_KEY_STORE")) }},
	{"KMS-LIFE-001", "broken, stores not all read", "k", Unknown, 0, "dynamodb:DescribeTable: denied", func(s *scene) {
		s.node("k", graph.EncryptionKey, customerKey, with(graph.KeyState, "PendingDeletion"))
		s.Lost = func(account, at, operation string) string {
			if account == home && at == region && operation == "dynamodb:*" {
				return "dynamodb:DescribeTable: denied"
			}
			return ""
		}
	}},
	{"KMS-LIFE-001", "healthy, stores not all read", "k", NotApplicable, 0, "no store", func(s *scene) {
		s.node("k", graph.EncryptionKey, customerKey)
		s.Lost = func(string, string, string) string { return "dynamodb:DescribeTable: denied" }
	}},
	{"KMS-POL-001", "whose key not read", "k", Unknown, 0, "key_manager", func(s *scene) {
		s.node("k", graph.EncryptionKey, customerKey, without(graph.KeyManager), with(graph.PublicStatements, []string{"Open"}))
	}},
	{"KMS-POL-002", "whose key not read", "k", Unknown, 0, "key_manager", func(s *scene) { s.node("k", graph.EncryptionKey, customerKey, without(graph.KeyManager)) }},
	{"KMS-LIFE-001", "unused", "k", NotApplicable, 0, "no store", func(s *scene) { s.node("k", graph.EncryptionKey, customerKey, with(graph.KeyState, "Disabled")) }},
}
