package reach

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/flowdeed/flowdeed/iam"
	"github.com/flowdeed/flowdeed/reach/proof"
	"github.com/flowdeed/flowdeed/reach/proof/verify"
)

// drawn is a small random world: every document is kept as text, and both engines read
// that text.
type drawn struct {
	*rand.Rand
	identity, boundary []string // of the caller
	scps, rcps         [][]string
	bucket, key, point string // policies; empty: none
	vpc                string // the access point takes requests from it only
	pointsRead         bool   // there is no other access point
	keyed              bool   // the bucket is encrypted with the key
	grants             []iam.KeyGrant
	block              bool
	who                iam.Principal
	away               bool // the caller's account was not scanned
	tags, bucketTags   map[string]string
	action, resource   string
}

const (
	own      = "111122223333"
	foreign  = "999999999999"
	ana      = "arn:aws:iam::111122223333:user/ana"
	eve      = "arn:aws:iam::999999999999:user/eve"
	reader   = "arn:aws:iam::111122223333:role/team/reader"
	records  = "arn:aws:s3:::records"
	pointARN = "arn:aws:s3:eu-west-1:111122223333:accesspoint/p"
	keyARN   = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
)

func draw(seed uint64) *drawn {
	d := &drawn{Rand: rand.New(rand.NewPCG(seed, 3)), action: "s3:GetObject", tags: map[string]string{}, bucketTags: map[string]string{"class": "pii"}}
	for range 1 + d.IntN(2) {
		d.identity = append(d.identity, d.document(false, false))
	}
	if d.IntN(4) == 0 {
		d.boundary = []string{d.document(false, true)}
	}
	for d.IntN(3) == 0 {
		d.scps = append(d.scps, []string{d.document(false, true)})
	}
	for d.IntN(3) == 0 {
		d.rcps = append(d.rcps, []string{d.document(true, true)})
	}
	if d.IntN(3) > 0 {
		d.bucket = d.document(true, false)
	}
	d.key, d.keyed = d.document(true, false), d.IntN(3) == 0
	if d.IntN(3) == 0 {
		d.grants = append(d.grants, iam.KeyGrant{ID: "g1", Grantee: d.of(ana, reader, eve), Operations: []string{"Decrypt", "GenerateDataKey"}, Equals: map[string]string{}})
	}
	d.block = d.IntN(3) == 0
	if d.IntN(5) == 0 {
		d.point = d.document(true, d.IntN(2) == 0)
	}
	d.caller()
	if d.IntN(4) == 0 {
		d.action = "s3:PutObject"
	}
	d.resource = d.of(records+"/*", records+"/*", records+"/a/1", records+"/a/*")
	if d.IntN(6) == 0 {
		d.action, d.resource = "kms:Decrypt", keyARN
	}
	if d.pointsRead = seed%2 == 0; d.point != "" && seed%4 > 1 {
		d.vpc = "vpc-1"
	}
	return d
}

func (d *drawn) caller() {
	switch d.IntN(8) {
	case 0:
		d.who = iam.Principal{Kind: iam.User, ARN: eve, Account: foreign}
	case 1:
		d.who, d.away, d.identity, d.boundary, d.scps = iam.Principal{Kind: iam.User, ARN: eve, Account: foreign}, true, nil, nil, nil
	case 2:
		d.who, d.identity, d.boundary = iam.Principal{Kind: iam.Service, ARN: "sns.amazonaws.com"}, nil, nil
	case 3:
		d.who, d.identity, d.boundary = iam.Principal{Kind: iam.Anonymous}, nil, nil
	case 4, 5:
		d.who = iam.Principal{Kind: iam.Role, ARN: reader, Account: own}
	default:
		d.who = iam.Principal{Kind: iam.User, ARN: ana, Account: own}
	}
	if d.IntN(2) == 0 && d.who.Account == own {
		d.tags["team"] = d.of("a", "b")
	}
}

func (d *drawn) of(list ...string) string { return list[d.IntN(len(list))] }

func (d *drawn) some(list ...string) any {
	var out []string
	for _, v := range list {
		if d.IntN(2) == 0 {
			out = append(out, v)
		}
	}
	if len(out) < 2 {
		return d.of(list...)
	}
	return out
}

func (d *drawn) document(principals, wide bool) string {
	var list []map[string]any
	if wide {
		list = append(list, map[string]any{"Effect": "Allow", "Action": "*", "Resource": "*"})
		if principals {
			list[0]["Principal"] = "*"
		}
	}
	for range 1 + d.IntN(3) {
		list = append(list, d.statement(principals))
	}
	data, err := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": list})
	if err != nil {
		panic(err)
	}
	return string(data)
}

func (d *drawn) statement(principals bool) map[string]any {
	s := map[string]any{"Effect": d.of("Allow", "Allow", "Deny")}
	if d.IntN(3) == 0 {
		s["Sid"] = fmt.Sprintf("S%d", d.IntN(100))
	}
	s[d.of("Action", "Action", "Action", "Action", "NotAction")] = d.some("s3:GetObject", "s3:*", "s3:Put*", "kms:*", "kms:Decrypt", "*", "sqs:*")
	s[d.of("Resource", "Resource", "Resource", "Resource", "NotResource")] = d.some("*", records+"/*", records+"/a/*", "arn:aws:s3:::*/b/?", records+"/${aws:PrincipalTag/team}/*", keyARN)
	if d.IntN(2) == 0 {
		c := map[string]any{}
		for range 1 + d.IntN(2) {
			op, key, v := d.condition()
			c[op] = map[string]any{key: v}
		}
		s["Condition"] = c
	}
	if !principals {
		return s
	}
	name := "Principal"
	if d.IntN(8) == 0 {
		name = "NotPrincipal"
	}
	switch d.IntN(7) {
	case 0, 1:
		s["Principal"] = "*"
	case 2:
		s[name] = map[string]any{"Service": "sns.amazonaws.com"}
	default:
		s[name] = map[string]any{"AWS": d.some(ana, eve, reader, own, foreign, "arn:aws:iam::111122223333:root", "arn:aws:sts::111122223333:assumed-role/reader/job-1")}
	}
	return s
}

func (d *drawn) condition() (op, key string, values any) {
	may := func(s string) string {
		if d.IntN(4) == 0 {
			return s + "IfExists"
		}
		return s
	}
	switch d.IntN(12) {
	case 0:
		return "Null", d.of("aws:SourceVpce", "aws:SourceIp", "aws:PrincipalTag/team", "aws:TagKeys"), d.of("true", "false")
	case 1:
		return may("Bool"), "aws:SecureTransport", d.of("true", "false")
	case 2:
		return may("Bool"), "aws:MultiFactorAuthPresent", d.of("true", "false")
	case 3:
		return may(d.of("IpAddress", "NotIpAddress")), "aws:SourceIp", d.some("10.0.0.0/8", "10.1.0.0/16", "192.168.0.0/16")
	case 4:
		return may(d.of("NumericLessThan", "NumericGreaterThanEquals", "NumericEquals")), "s3:TlsVersion", d.of("1.2", "1.3")
	case 5:
		return d.of("ForAnyValue:", "ForAllValues:") + may(d.of("StringEquals", "StringNotEquals", "StringLike")), "aws:TagKeys", d.some("a", "b", "*")
	case 6:
		return may(d.of("ArnLike", "ArnNotLike", "ArnEquals")), "aws:SourceArn", d.some("arn:aws:sns:*:111122223333:*", "arn:aws:sns:*:*:t", "arn:aws:sns:eu-west-1:999999999999:t")
	case 7:
		return may(d.of("DateLessThan", "DateGreaterThan")), "aws:CurrentTime", d.of("2026-01-01T00:00:00Z", "2030-01-01")
	case 8:
		return may(d.of("StringEquals", "StringNotEquals")), "aws:PrincipalOrgID", d.some("o-1", "o-2")
	case 9:
		return may(d.of("StringEquals", "StringNotEquals", "StringLike")), "kms:ViaService", d.some("s3.eu-west-1.amazonaws.com", "sqs.*.amazonaws.com")
	case 10:
		return may(d.of("StringEquals", "StringNotEquals", "StringEqualsIgnoreCase")), "aws:ResourceTag/class", d.some("pii", "PII", "none")
	}
	return may(d.of("StringEquals", "StringNotEquals", "StringLike", "StringNotLike")), d.of("aws:SourceVpce", "aws:PrincipalTag/team", "aws:UserAgent"), d.some("vpce-1", "vpce-*", "a", "b", "*-1", "a*", "${aws:PrincipalTag/team}", "${aws:SourceVpce}")
}

// policies compiles documents for the evaluator.
func policies(t testing.TB, name string, docs []string) []*iam.Policy {
	out := []*iam.Policy{}
	for i, x := range docs {
		p, err := iam.ParsePolicy(x)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, p.Named(fmt.Sprintf("%s/%d", name, i)))
	}
	return out
}

// decide asks the evaluator.
func (d *drawn) decide(t testing.TB) iam.Decision {
	levels := func(name string, all [][]string) (out []iam.Level) {
		for i, l := range all {
			out = append(out, iam.Level{ID: fmt.Sprint("l", i), Policies: policies(t, fmt.Sprint(name, i), l)})
		}
		return out
	}
	w := &iam.World{Accounts: map[string]*iam.AccountLimits{own: {Org: "o-1", RCPs: levels("rcp", d.rcps)}}}
	h := &iam.Holder{Principal: d.who, Tags: d.tags, Policies: policies(t, "identity", d.identity), Trust: &iam.Policy{}}
	switch {
	case d.away:
		h.Missing, h.Tags = map[iam.Layer]string{iam.LayerIdentity: "the account was not scanned"}, nil
	case d.who.Account == own:
		w.Accounts[own].SCPs = levels("scp", d.scps)
	case d.who.Account == foreign:
		w.Accounts[foreign] = &iam.AccountLimits{SCPs: levels("scp", d.scps)}
	}
	if d.boundary != nil {
		h.Boundaries = policies(t, "boundary", d.boundary)
	}
	key := &iam.Asset{ARN: keyARN, Account: own, Policy: policies(t, "key", []string{d.key})[0], Grants: d.grants}
	bucket := &iam.Asset{ARN: records, Account: own, Tags: d.bucketTags, S3: iam.S3Settings{ABAC: true, BlockPublic: d.block}}
	if d.bucket != "" {
		bucket.Policy = policies(t, "bucket", []string{d.bucket})[0]
	}
	if d.keyed {
		bucket.Key = keyARN
	}
	if d.point != "" {
		bucket.AccessPoints = []*iam.AccessPoint{{ARN: pointARN, Account: own, Policy: policies(t, "point", []string{d.point})[0], VPC: d.vpc}}
	}
	bucket.PointsRead = d.pointsRead
	w.Holders, w.Assets = []*iam.Holder{h}, []*iam.Asset{key, bucket}
	if strings.HasPrefix(d.action, "kms:") {
		return w.Decide(h, key, iam.DataAction{Access: iam.Decrypt, Action: d.action})
	}
	return w.Decide(h, bucket, iam.DataAction{Access: iam.Read, Action: d.action, Suffix: strings.TrimPrefix(d.resource, records)})
}

// inventory is the same world for the checker.
func (d *drawn) inventory() *proof.Inventory {
	inv := &proof.Inventory{Documents: map[string]string{}, Holders: map[string]proof.Holder{}, Assets: map[string]proof.Asset{}, Accounts: map[string]proof.Account{}}
	refs := func(name string, docs []string) []proof.Ref {
		out := []proof.Ref{}
		for i, x := range docs {
			h := proof.Hash(x)
			inv.Documents[h] = x
			out = append(out, proof.Ref{Policy: fmt.Sprintf("%s/%d", name, i), SHA256: h})
		}
		return out
	}
	levels := func(name string, all [][]string) (out []proof.Level) {
		for i, l := range all {
			out = append(out, proof.Level{ID: fmt.Sprint("l", i), Policies: refs(fmt.Sprint(name, i), l)})
		}
		return out
	}
	facts := proof.Facts{Account: d.who.Account, Tags: d.tags, TagsKnown: !d.away}
	if d.who.Account == own {
		facts.Org, facts.OrgKnown = "o-1", true
	}
	if d.who.Account == foreign && !d.away {
		facts.OrgKnown = true
	}
	inv.Holders[d.name()] = proof.Holder{Kind: proof.KindOf(d.name()), Account: d.who.Account, Away: d.away, Keys: proof.HolderKeys(d.name(), facts),
		Policies: refs("identity", d.identity), Boundary: refs("boundary", d.boundary)}
	mine := proof.Account{RCPs: levels("rcp", d.rcps)}
	if d.who.Account == own {
		mine.SCPs = levels("scp", d.scps)
	} else if !d.away {
		inv.Accounts[foreign] = proof.Account{SCPs: levels("scp", d.scps)}
	}
	inv.Accounts[own] = mine
	bucket := proof.Asset{Account: own, BlockPublic: d.block, Keys: proof.AssetKeys(records, proof.Facts{Account: own, Org: "o-1", OrgKnown: true, Tags: d.bucketTags, TagsKnown: true, BucketTags: true})}
	if d.bucket != "" {
		bucket.Policy = &refs("bucket", []string{d.bucket})[0]
	}
	if d.keyed {
		bucket.Key = keyARN
	}
	if d.point != "" {
		bucket.AccessPoints = map[string]proof.Asset{pointARN: {Account: own, Policy: &refs("point", []string{d.point})[0], Keys: maps.Clone(bucket.Keys), VPC: d.vpc}}
	}
	for _, k := range proof.PointKeys {
		if d.pointsRead {
			bucket.Keys[k] = []string{}
		}
	}
	inv.Assets[records] = bucket
	key := proof.Asset{Account: own, Policy: &refs("key", []string{d.key})[0], Keys: proof.AssetKeys(keyARN, proof.Facts{Account: own, Org: "o-1", OrgKnown: true})}
	for _, g := range d.grants {
		key.Grants = append(key.Grants, proof.KeyGrant{ID: g.ID, Grantee: g.Grantee, Operations: g.Operations})
	}
	inv.Assets[keyARN] = key
	inv.NoteKeys([]string{"s3:GetObject", "s3:PutObject", "kms:Decrypt", "kms:GenerateDataKey"}, iam.BuiltInActions().Carries)
	return inv
}

func (d *drawn) name() string {
	if d.who.Kind == iam.Anonymous {
		return "*"
	}
	return d.who.ARN
}

func (d *drawn) question() Question {
	q := Question{Principal: d.name(), Asset: records, Action: d.action, Given: map[string][]string{"aws:SecureTransport": {"true"}}}
	if strings.HasPrefix(d.action, "kms:") {
		q.Asset = keyARN
	}
	return q
}

// answer proves what the evaluator said; ok is false when it lets nothing through.
func (d *drawn) answer(t testing.TB) (p *proof.Proof, ok bool, err error) {
	dec := d.decide(t)
	if !dec.Outcome.Reaches() || dec.Truncated {
		return nil, false, nil
	}
	q := d.question()
	grants, err := Grants(verify.New(d.inventory()), q, dec)
	if err != nil {
		return nil, true, fmt.Errorf("%w\n%+v", err, dec)
	}
	return &proof.Proof{Format: proof.Format, Answer: proof.Answer{Principal: q.Principal, Target: q.Asset, Decision: dec.Outcome.String()},
		Steps: []proof.Step{{Kind: "access", Principal: q.Principal, Asset: q.Asset, Grants: grants}}}, true, nil
}
