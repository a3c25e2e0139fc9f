package iam

import "testing"

func TestGrants(t *testing.T) {
	const table = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders"
	const objects = "arn:aws:s3:::records/*"
	allow := func(action, resource, more string) string {
		return `{"Effect":"Allow","Action":"` + action + `","Resource":"` + resource + `"` + more + `}`
	}
	deny := func(action, resource, more string) string {
		return `{"Effect":"Deny","Action":"` + action + `","Resource":"` + resource + `"` + more + `}`
	}
	tests := map[string]struct {
		statements, boundary string
		action, resource     string
		want                 string // of Allowed Denied Conditional Exact Prefix Any, first letters
	}{
		"exact":                 {allow("dynamodb:GetItem", table, ""), "", "dynamodb:GetItem", table, "A.E"},
		"case of action":        {allow("DynamoDB:getitem", table, ""), "", "dynamodb:GetItem", table, "A.E"},
		"case of resource":      {allow("dynamodb:*", "arn:aws:dynamodb:eu-west-1:111122223333:table/Orders", ""), "", "dynamodb:GetItem", table, ""},
		"wildcard action":       {allow("dynamodb:*Item", table, ""), "", "dynamodb:GetItem", table, "A.E"},
		"other action":          {allow("dynamodb:PutItem", table, ""), "", "dynamodb:GetItem", table, ""},
		"any region":            {allow("dynamodb:*", "arn:aws:dynamodb:*:*:table/orders", ""), "", "dynamodb:GetItem", table, "A.E"},
		"prefix":                {allow("dynamodb:*", "arn:aws:dynamodb:*:*:table/ord*", ""), "", "dynamodb:GetItem", table, "A.P"},
		"all tables":            {allow("dynamodb:*", "arn:aws:dynamodb:*:*:table/*", ""), "", "dynamodb:GetItem", table, "A.Y"},
		"star":                  {allow("*", "*", ""), "", "dynamodb:GetItem", table, "A.Y"},
		"star by tag":           {allow("*", "*", `,"Condition":{"StringEquals":{"aws:ResourceTag/app":"shop"}}`), "", "dynamodb:GetItem", table, "AC.P"},
		"condition":             {allow("dynamodb:*", table, `,"Condition":{"StringEquals":{"aws:SourceVpc":"vpc-1"}}`), "", "dynamodb:GetItem", table, "AC.E"},
		"denied":                {allow("*", "*", "") + "," + deny("dynamodb:*", "*", ""), "", "dynamodb:GetItem", table, "D.Y"},
		"denied if":             {allow("*", "*", "") + "," + deny("dynamodb:*", "*", `,"Condition":{"Bool":{"aws:MultiFactorAuthPresent":"false"}}`), "", "dynamodb:GetItem", table, "AC.Y"},
		"denied elsewhere":      {allow("*", "*", "") + "," + deny("dynamodb:*", "arn:aws:dynamodb:*:*:table/other", ""), "", "dynamodb:GetItem", table, "A.Y"},
		"bucket objects":        {allow("s3:GetObject", "arn:aws:s3:::records/*", ""), "", "s3:GetObject", objects, "A.E"},
		"some objects":          {allow("s3:GetObject", "arn:aws:s3:::records/logs/*", ""), "", "s3:GetObject", objects, "A.E"},
		"buckets by prefix":     {allow("s3:GetObject", "arn:aws:s3:::rec*", ""), "", "s3:GetObject", objects, "A.P"},
		"all buckets":           {allow("s3:GetObject", "arn:aws:s3:::*", ""), "", "s3:GetObject", objects, "A.Y"},
		"the bucket, not in it": {allow("s3:*", "arn:aws:s3:::records", ""), "", "s3:GetObject", objects, ""},
		"a part is denied":      {allow("s3:*", objects, "") + "," + deny("s3:*", "arn:aws:s3:::records/private/*", ""), "", "s3:GetObject", objects, "A.E"},
		"not action":            {`{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}`, "", "dynamodb:GetItem", table, "A.Y"},
		"not resource":          {`{"Effect":"Allow","Action":"*","NotResource":"` + table + `"}`, "", "dynamodb:GetItem", table, ""},
		"username":              {allow("s3:*", "arn:aws:s3:::records/${aws:username}/*", ""), "", "s3:GetObject", "arn:aws:s3:::records/ana/1", "A.E"},
		"another's username":    {allow("s3:*", "arn:aws:s3:::records/${aws:username}/*", ""), "", "s3:GetObject", "arn:aws:s3:::records/bob/1", ""},
		"tag variable":          {allow("s3:*", "arn:aws:s3:::records/${aws:PrincipalTag/team}/*", ""), "", "s3:GetObject", "arn:aws:s3:::records/bob/1", "AC.E"},
		"boundary lets in":      {allow("*", "*", ""), allow("dynamodb:*", "*", ""), "dynamodb:GetItem", table, "A.Y"},
		"boundary silent":       {allow("*", "*", ""), allow("s3:*", "*", ""), "dynamodb:GetItem", table, ".Y"},
		"boundary denies":       {allow("*", "*", ""), allow("*", "*", "") + "," + deny("dynamodb:*", "*", ""), "dynamodb:GetItem", table, "D.Y"},
		"boundary conditional":  {allow("*", "*", ""), allow("*", "*", `,"Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}`), "dynamodb:GetItem", table, "AC.Y"},
		"secret with suffix":    {allow("secretsmanager:GetSecretValue", "arn:aws:secretsmanager:*:*:secret:db-??????", ""), "", "secretsmanager:GetSecretValue", "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-AbCdEf", "A.E"},
		"log group":             {allow("logs:PutLogEvents", "arn:aws:logs:*:*:log-group:/aws/lambda/f:*", ""), "", "logs:PutLogEvents", "arn:aws:logs:eu-west-1:111122223333:log-group:/aws/lambda/f:*", "A.E"},
		"nothing":               {"", "", "dynamodb:GetItem", table, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			id := Identity{ARN: "arn:aws:iam::111122223333:user/staff/ana",
				Policies: []*Policy{must(t, `{"Version":"2012-10-17","Statement":[`+tt.statements+`]}`)}}
			if tt.boundary != "" {
				id.Boundary = must(t, `{"Version":"2012-10-17","Statement":[`+tt.boundary+`]}`)
			}
			g := id.Grants(tt.action, tt.resource)
			got := flags(g.Allowed, "A", g.Denied, "D", g.Conditional, "C")
			if how := flags(g.Exact, "E", g.Prefix, "P", g.Any, "Y"); how != "" {
				got += "." + how
			}
			if got != tt.want {
				t.Errorf("%s, want %s: %+v", got, tt.want, g)
			}
		})
	}
}

func flags(pairs ...any) string {
	s := ""
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i].(bool) {
			s += pairs[i+1].(string)
		}
	}
	return s
}
