package iam

import "testing"

// holder is user ana, or another principal of account own, with statements.
func holder(t testing.TB, kind Kind, arn string, statements ...string) *Holder {
	return &Holder{Principal: Principal{Kind: kind, ARN: arn, Account: Account(arn)}, Tags: map[string]string{},
		Policies: []*Policy{must(t, document(statements)).Named("identity")}}
}

func scanned(l AccountLimits) map[string]*AccountLimits { return map[string]*AccountLimits{own: &l} }

func TestWorldDecide(t *testing.T) {
	policy := func(statements ...string) *Policy { return must(t, document(statements)).Named("resource") }
	const (
		bucket = "arn:aws:s3:::records"
		table  = "arn:aws:dynamodb:eu-west-1:111122223333:table/t"
		queue  = "arn:aws:sqs:eu-west-1:111122223333:q"
		outKey = "arn:aws:kms:eu-west-1:999999999999:key/1"
	)
	read := DataAction{Read, "s3:GetObject", "/*"}
	list := DataAction{List, "s3:ListBucket", ""}
	item := DataAction{Read, "dynamodb:GetItem", ""}
	useKey := st("Allow", "kms:Decrypt", "*")
	tls := from(anybody, cond(`"Bool":{"aws:SecureTransport":"false"}`))
	tagged := st("Allow", "dynamodb:*", "*", cond(`"StringEquals":{"aws:PrincipalTag/team":"a"}`))
	byTag := st("Allow", "dynamodb:*", "*", cond(`"StringEquals":{"aws:ResourceTag/class":"open"}`))
	byOrg := from(anybody, cond(`"StringNotEquals":{"aws:PrincipalOrgID":"o-1"}`))
	trust := func(action string) *Policy {
		return policy(`{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":["sts:AssumeRole","` + action + `"]}`)
	}
	role := func(tags map[string]string, tr *Policy) *Holder {
		h := holder(t, Role, reader, tagged)
		h.Tags, h.Trust = tags, tr
		return h
	}
	key := &Asset{ARN: keyARN, Account: own, Policy: policy(keyToOwn)}
	point := &AccessPoint{ARN: "arn:aws:s3:eu-west-1:111122223333:accesspoint/p", Policy: policy(st("Allow", "s3:*", "*", aws(eve)))}
	delegated := policy(to(anybody, cond(`"StringEquals":{"s3:DataAccessPointAccount":"111122223333"}`)))
	foreign := holder(t, User, eve)
	foreign.Missing = map[Layer]string{LayerIdentity: "account 999999999999 was not scanned"}

	tests := map[string]struct {
		h      *Holder
		a      *Asset
		d      DataAction
		limits map[string]*AccountLimits
		want   Outcome
		layer  Layer
	}{
		"plain":                            {h: holder(t, User, ana, s3All), a: &Asset{ARN: bucket, Account: own}, d: read, want: Allowed},
		"TLS is a formality":               {h: holder(t, User, ana, s3All), a: &Asset{ARN: bucket, Account: own, Policy: policy(tls)}, d: read, want: Allowed},
		"key":                              {h: holder(t, User, ana, s3All, useKey), a: &Asset{ARN: bucket, Account: own, Key: keyARN}, d: read, want: Allowed},
		"no key":                           {h: holder(t, User, ana, s3All), a: &Asset{ARN: bucket, Account: own, Key: keyARN}, d: read, want: Denied, layer: LayerKey},
		"listing needs no key":             {h: holder(t, User, ana, s3All), a: &Asset{ARN: bucket, Account: own, Key: keyARN}, d: list, want: Allowed},
		"sending takes two actions":        {h: holder(t, User, ana, st("Allow", "sqs:*", "*"), useKey), a: &Asset{ARN: queue, Account: own, Key: keyARN}, d: DataAction{Write, "sqs:SendMessage", ""}, want: Denied, layer: LayerKey},
		"key that was not scanned":         {h: holder(t, User, ana, s3All, useKey), a: &Asset{ARN: bucket, Account: own, Key: outKey}, d: read, want: Unknown, layer: LayerKey},
		"encryption not read":              {h: holder(t, User, ana, s3All, useKey), a: &Asset{ARN: bucket, Account: own, Missing: map[Layer]string{LayerKey: "refused"}}, d: read, want: Unknown, layer: LayerKey},
		"AWS managed key":                  {h: holder(t, User, ana, s3All), a: &Asset{ARN: bucket, Account: own, AWSManagedKey: true}, d: read, want: Allowed},
		"AWS managed key, stranger":        {h: foreign, a: &Asset{ARN: bucket, Account: own, AWSManagedKey: true, Policy: policy(to(aws(eve)))}, d: read, want: Denied, layer: LayerKey},
		"stranger":                         {h: foreign, a: &Asset{ARN: bucket, Account: own, Policy: policy(to(aws(eve)))}, d: read, want: AllowedIf},
		"tag of a user":                    {h: &Holder{Principal: Principal{Kind: User, ARN: ana, Account: own}, Tags: map[string]string{"team": "a"}, Policies: []*Policy{policy(tagged)}}, a: &Asset{ARN: table}, d: item, want: Allowed},
		"user without tag":                 {h: holder(t, User, ana, tagged), a: &Asset{ARN: table}, d: item, want: Denied},
		"tags not known":                   {h: &Holder{Principal: Principal{Kind: User, ARN: ana, Account: own}, Policies: []*Policy{policy(tagged)}}, a: &Asset{ARN: table}, d: item, want: AllowedIf},
		"tag of a role":                    {h: role(map[string]string{"team": "a"}, trust("sts:SetSourceIdentity")), a: &Asset{ARN: table}, d: item, want: Allowed},
		"role without tag":                 {h: role(map[string]string{}, trust("sts:SetSourceIdentity")), a: &Asset{ARN: table}, d: item, want: Denied},
		"tag of a session":                 {h: role(map[string]string{}, trust("sts:TagSession")), a: &Asset{ARN: table}, d: item, want: AllowedIf},
		"trust not read":                   {h: role(map[string]string{}, nil), a: &Asset{ARN: table}, d: item, want: AllowedIf},
		"tag of the resource":              {h: holder(t, User, ana, byTag), a: &Asset{ARN: table, Tags: map[string]string{"class": "open"}}, d: item, want: Allowed},
		"resource without tag":             {h: holder(t, User, ana, byTag), a: &Asset{ARN: table, Tags: map[string]string{}}, d: item, want: Denied},
		"resource tags not known":          {h: holder(t, User, ana, byTag), a: &Asset{ARN: table}, d: item, want: AllowedIf},
		"access point":                     {h: holder(t, User, eve, s3All), a: &Asset{ARN: bucket, Account: own, Policy: policy(to(anybody, cond(`"StringEquals":{"s3:DataAccessPointAccount":"111122223333"}`))), AccessPoints: []*AccessPoint{point}}, d: read, limits: map[string]*AccountLimits{own: {}, other: {}}, want: Allowed},
		"left to points, none read":        {h: holder(t, User, ana), a: &Asset{ARN: bucket, Account: own, Policy: delegated}, d: read, want: AllowedIf},
		"left to points, none there":       {h: holder(t, User, ana), a: &Asset{ARN: bucket, Account: own, Policy: delegated, PointsRead: true}, d: read, want: Denied},
		"left to a point for another":      {h: holder(t, User, ana), a: &Asset{ARN: bucket, Account: own, Policy: delegated, PointsRead: true, AccessPoints: []*AccessPoint{point}}, d: read, want: Denied},
		"left to a point not seen":         {h: holder(t, User, ana), a: &Asset{ARN: bucket, Account: own, Policy: delegated, PointsRead: true, AccessPoints: []*AccessPoint{{Account: own, Missing: "refused"}}}, d: read, want: Unknown, layer: LayerAccessPoint},
		"a point not seen changes nothing": {h: holder(t, User, ana, s3All), a: &Asset{ARN: bucket, Account: own, PointsRead: true, AccessPoints: []*AccessPoint{{Account: own, Missing: "refused"}}}, d: read, want: Allowed},
		"organization":                     {h: holder(t, User, ana, s3All), a: &Asset{ARN: bucket, Account: own, Policy: policy(byOrg)}, d: read, limits: scanned(AccountLimits{Org: "o-1"}), want: Allowed},
		"another organization":             {h: holder(t, User, ana, s3All), a: &Asset{ARN: bucket, Account: own, Policy: policy(byOrg)}, d: read, limits: scanned(AccountLimits{Org: "o-2"}), want: ExplicitlyDenied},
		"no organization":                  {h: holder(t, User, ana, s3All), a: &Asset{ARN: bucket, Account: own, Policy: policy(byOrg)}, d: read, want: ExplicitlyDenied},
		"organization not read":            {h: holder(t, User, ana, s3All), a: &Asset{ARN: bucket, Account: own}, d: read, limits: scanned(AccountLimits{Missing: map[Layer]string{LayerSCP: "refused"}}), want: Unknown, layer: LayerSCP},
		"account not scanned":              {h: holder(t, User, ana, s3All), a: &Asset{ARN: bucket, Account: own}, d: read, limits: map[string]*AccountLimits{}, want: Unknown, layer: LayerSCP},
		"service control policy":           {h: holder(t, User, ana, s3All), a: &Asset{ARN: bucket, Account: own}, d: read, limits: scanned(AccountLimits{SCPs: []Level{{ID: "root", Policies: []*Policy{policy(ec2Only)}}}}), want: Denied, layer: LayerSCP},
		"management account":               {h: holder(t, User, ana, s3All), a: &Asset{ARN: bucket, Account: own}, d: read, limits: scanned(AccountLimits{Management: true, SCPs: []Level{{ID: "root", Policies: []*Policy{policy(ec2Only)}}}}), want: Allowed},
		"service-linked role":              {h: holder(t, Role, "arn:aws:iam::111122223333:role/aws-service-role/x/X", s3All), a: &Asset{ARN: bucket, Account: own}, d: read, limits: scanned(AccountLimits{SCPs: []Level{{ID: "root", Policies: []*Policy{policy(ec2Only)}}}}), want: Allowed},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w := &World{Holders: []*Holder{tt.h}, Assets: []*Asset{key, tt.a}, Accounts: tt.limits}
			if w.Accounts == nil {
				w.Accounts = scanned(AccountLimits{})
			}
			d := w.Decide(tt.h, tt.a, tt.d)
			if d.Outcome != tt.want || tt.layer != "" && d.BlockedBy != tt.layer {
				t.Errorf("%s by %q, want %s by %q: %+v", d.Outcome, d.BlockedBy, tt.want, tt.layer, d)
			}
			prove(t, d)
		})
	}
}
