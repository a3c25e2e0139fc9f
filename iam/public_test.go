package iam

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

var owner = Owner{Account: "111122223333", Partition: "aws", Org: "o-own1234567", OwnBuckets: map[string]bool{"my-bucket": true}}

// stmt writes a policy of one statement from its elements.
func stmt(elements string) string {
	return `{"Version":"2012-10-17","Statement":[{` + elements + `}]}`
}

// queue writes an Allow of a queue policy for everybody with a condition.
func queue(condition string) string {
	if condition != "" {
		condition = `,"Condition":{` + condition + `}`
	}
	return stmt(`"Effect":"Allow","Principal":"*","Action":"sqs:SendMessage","Resource":"*"` + condition)
}

func refs(list []StatementRef) string {
	out := make([]string, 0, len(list))
	for _, r := range list {
		out = append(out, fmt.Sprint(r))
	}
	return strings.Join(out, " ")
}

func TestPublicByCondition(t *testing.T) {
	tests := map[string]struct {
		condition string
		public    bool
	}{
		"none":                   {``, true},
		"account":                {`"StringEquals":{"aws:PrincipalAccount":"111122223333"}`, false},
		"account list":           {`"StringEquals":{"aws:PrincipalAccount":["111122223333","444455556666"]}`, false},
		"account wildcard":       {`"StringLike":{"aws:PrincipalAccount":"1111*"}`, true},
		"one wildcard of two":    {`"StringLike":{"aws:PrincipalAccount":["111122223333","*"]}`, true},
		"account if exists":      {`"StringEqualsIfExists":{"aws:PrincipalAccount":"111122223333"}`, true},
		"account negated":        {`"StringNotEquals":{"aws:PrincipalAccount":"111122223333"}`, true},
		"guarded if exists":      {`"StringEqualsIfExists":{"aws:PrincipalAccount":"111122223333"},"Null":{"aws:PrincipalAccount":"false"}`, false},
		"organization":           {`"StringEquals":{"aws:PrincipalOrgID":"o-abc1234567"}`, false},
		"any organization":       {`"StringLike":{"aws:PrincipalOrgID":"o-*"}`, true},
		"organization path":      {`"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-abc1234567/r-1/*"}`, false},
		"for all values":         {`"ForAllValues:StringLike":{"aws:PrincipalOrgPaths":"o-abc1234567/r-1/*"}`, true},
		"principal ARN":          {`"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/*"}`, false},
		"principal ARN anywhere": {`"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/admin"}`, true},
		"principal tag":          {`"StringEquals":{"aws:PrincipalTag/team":"a"}`, true},
		"source ARN":             {`"ArnEquals":{"aws:SourceArn":"arn:aws:sns:eu-west-1:111122223333:t"}`, false},
		"source ARN any account": {`"ArnLike":{"aws:SourceArn":"arn:aws:sns:*:*:t"}`, true},
		"source ARN by string":   {`"StringLike":{"aws:SourceArn":"arn:aws:*:*:111122223333:*"}`, false},
		"own bucket":             {`"ArnLike":{"aws:SourceArn":"arn:aws:s3:::my-bucket"}`, false},
		"some bucket":            {`"ArnLike":{"aws:SourceArn":"arn:aws:s3:::other-bucket"}`, true},
		"bucket prefix":          {`"ArnLike":{"aws:SourceArn":"arn:aws:s3:::my-*"}`, true},
		"bucket and account":     {`"ArnLike":{"aws:SourceArn":"arn:aws:s3:::other-bucket"},"StringEquals":{"aws:SourceAccount":"111122223333"}`, false},
		"default topic policy":   {`"StringEquals":{"AWS:SourceOwner":"111122223333"}`, false},
		"source account":         {`"StringEquals":{"AWS:SourceAccount":"111122223333"}`, false},
		"own account variable":   {`"StringEquals":{"aws:SourceAccount":"${aws:ResourceAccount}"}`, false},
		"caller's variable":      {`"StringEquals":{"aws:PrincipalAccount":"${aws:PrincipalAccount}"}`, true},
		"VPC":                    {`"StringEquals":{"aws:SourceVpc":"vpc-1234"}`, false},
		"endpoint":               {`"StringEquals":{"aws:SourceVpce":["vpce-1","vpce-2"]}`, false},
		"any endpoint":           {`"StringLike":{"aws:SourceVpce":"vpce-*"}`, true},
		"has an endpoint":        {`"Null":{"aws:SourceVpce":"false"}`, true},
		"office range":           {`"IpAddress":{"aws:SourceIp":["203.0.113.0/24","2001:db8::/32"]}`, false},
		"half the internet":      {`"IpAddress":{"aws:SourceIp":"0.0.0.0/1"}`, true},
		"all but a range":        {`"NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}`, true},
		"range as string":        {`"StringLike":{"aws:SourceIp":"203.0.113.*"}`, true},
		"TLS":                    {`"Bool":{"aws:SecureTransport":"true"}`, true},
		"referer":                {`"StringLike":{"aws:Referer":"https://example.com/*"}`, true},
		"user agent":             {`"StringEquals":{"aws:UserAgent":"secret"}`, true},
		"unique id":              {`"StringLike":{"aws:userid":"AROAEXAMPLEEXAMPLE00:*"}`, false},
		"any unique id":          {`"StringLike":{"aws:userid":"*:session"}`, true},
		"service only":           {`"Bool":{"aws:PrincipalIsAWSService":"true"}`, false},
		"access point account":   {`"StringEquals":{"s3:DataAccessPointAccount":"111122223333"}`, false},
		"caller account of KMS":  {`"StringEquals":{"kms:CallerAccount":"111122223333","kms:ViaService":"s3.eu-west-1.amazonaws.com"}`, false},
		"via service only":       {`"StringEquals":{"kms:ViaService":"s3.eu-west-1.amazonaws.com"}`, true},
		"function URL open":      {`"StringEquals":{"lambda:FunctionUrlAuthType":"NONE"}`, true},
		"function URL IAM":       {`"StringEquals":{"lambda:FunctionUrlAuthType":"AWS_IAM"}`, true},
		"mount target":           {`"Bool":{"elasticfilesystem:AccessedViaMountTarget":"true"}`, false},
		"unknown operator":       {`"StringMaybe":{"aws:PrincipalAccount":"111122223333"}`, true},
		"odd case of key":        {`"StringEquals":{"AWS:PRINCIPALORGID":"o-abc1234567"}`, false},
		"no value":               {`"StringEquals":{"aws:PrincipalAccount":[]}`, true},
		"secret external id":     {`"StringEquals":{"sts:ExternalId":"x"}`, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := len(PublicStatements(must(t, queue(tt.condition)), owner)) > 0; got != tt.public {
				t.Errorf("public %v, want %v", got, tt.public)
			}
		})
	}
}

func TestPublicByPrincipal(t *testing.T) {
	const rest = `"Action":"sqs:SendMessage","Resource":"*"`
	tests := map[string]struct{ doc, want string }{
		"star":                 {stmt(`"Sid":"A","Effect":"Allow","Principal":"*",` + rest), "A"},
		"AWS star":             {stmt(`"Effect":"Allow","Principal":{"AWS":"*"},` + rest), "Statement[0]"},
		"star in a list":       {stmt(`"Effect":"Allow","Principal":{"AWS":["111122223333","*"]},` + rest), "Statement[0]"},
		"account":              {stmt(`"Effect":"Allow","Principal":{"AWS":"999999999999"},` + rest), ""},
		"root":                 {stmt(`"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},` + rest), ""},
		"service":              {stmt(`"Effect":"Allow","Principal":{"Service":"sns.amazonaws.com"},` + rest), ""},
		"wildcard ARN":         {stmt(`"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::*:root"},` + rest), ""},
		"deny":                 {stmt(`"Effect":"Deny","Principal":"*",` + rest), ""},
		"all but one":          {stmt(`"Effect":"Allow","NotPrincipal":{"AWS":"999999999999"},` + rest), "Statement[0]"},
		"no principal":         {stmt(`"Effect":"Allow",` + rest), ""},
		"effect not readable":  {stmt(`"Effect":"Permit","Principal":"*",` + rest), "Statement[0]"},
		"empty policy":         {`{"Version":"2012-10-17","Statement":[]}`, ""},
		"lower-case elements":  {`{"statement":[{"effect":"Allow","principal":"*","action":"sqs:*","resource":"*"}]}`, "Statement[0]"},
		"closed by org deny":   {two(`"Effect":"Deny","Principal":"*","Action":"sqs:*","Resource":"*","Condition":{"StringNotEquals":{"aws:PrincipalOrgID":"o-own1234567"}}`), ""},
		"deny with exemption":  {two(`"Effect":"Deny","Principal":"*","Action":"sqs:*","Resource":"*","Condition":{"StringNotEqualsIfExists":{"aws:PrincipalOrgID":"o-own1234567"},"BoolIfExists":{"aws:PrincipalIsAWSService":"false"}}`), ""},
		"deny for some only":   {two(`"Effect":"Deny","Principal":{"AWS":"999999999999"},"Action":"sqs:*","Resource":"*","Condition":{"StringNotEquals":{"aws:PrincipalOrgID":"o-own1234567"}}`), "Statement[0]"},
		"deny other action":    {two(`"Effect":"Deny","Principal":"*","Action":"sqs:ReceiveMessage","Resource":"*","Condition":{"StringNotEquals":{"aws:PrincipalOrgID":"o-own1234567"}}`), "Statement[0]"},
		"deny other resource":  {two(`"Effect":"Deny","Principal":"*","Action":"sqs:*","Resource":"arn:aws:sqs:*:*:other","Condition":{"StringNotEquals":{"aws:PrincipalOrgID":"o-own1234567"}}`), "Statement[0]"},
		"deny plain HTTP":      {two(`"Effect":"Deny","Principal":"*","Action":"sqs:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}`), "Statement[0]"},
		"deny is not missing":  {two(`"Effect":"Deny","Principal":"*","Action":"sqs:*","Resource":"*","Condition":{"ForAnyValue:StringNotLike":{"aws:PrincipalOrgPaths":"o-own1234567/*"}}`), "Statement[0]"},
		"deny outside range":   {two(`"Effect":"Deny","Principal":"*","Action":"*","Resource":"*","Condition":{"NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}}`), ""},
		"deny all":             {two(`"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"`), ""},
		"deny all but some":    {two(`"Effect":"Deny","NotPrincipal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"*","Resource":"*"`), ""},
		"deny and further":     {two(`"Effect":"Deny","Principal":"*","Action":"*","Resource":"*","Condition":{"StringNotEquals":{"aws:SourceVpce":"vpce-1"},"Bool":{"aws:SecureTransport":"false"}}`), "Statement[0]"},
		"two open, one closed": {three, "Statement[0] Statement[2]"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := refs(PublicStatements(must(t, tt.doc), owner)); got != tt.want {
				t.Errorf("public statements %q, want %q", got, tt.want)
			}
		})
	}
}

// two writes a policy that admits everybody, and a second statement.
func two(second string) string {
	return `{"Version":"2012-10-17","Statement":[
	{"Effect":"Allow","Principal":"*","Action":"sqs:SendMessage","Resource":"*"},{` + second + `}]}`
}

const three = `{"Version":"2012-10-17","Statement":[
	{"Effect":"Allow","Principal":"*","Action":"sqs:SendMessage","Resource":"*"},
	{"Effect":"Allow","Principal":"*","Action":"sqs:*","Resource":"*","Condition":{"StringEquals":{"aws:SourceAccount":"111122223333"}}},
	{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sqs:ReceiveMessage","Resource":"*"}]}`

func TestForeignPrincipals(t *testing.T) {
	const rest = `"Action":"s3:GetObject","Resource":"*"`
	allow := func(principal, condition string) string {
		return stmt(`"Effect":"Allow","Principal":` + principal + `,` + rest + condition)
	}
	tests := map[string]struct {
		doc  string
		want []string
	}{
		"account":              {allow(`{"AWS":"999999999999"}`, ``), []string{"999999999999"}},
		"root is the account":  {allow(`{"AWS":["arn:aws:iam::999999999999:root","999999999999"]}`, ``), []string{"999999999999"}},
		"other partition":      {allow(`{"AWS":"arn:aws-cn:iam::999999999999:root"}`, ``), []string{"999999999999"}},
		"role and user":        {allow(`{"AWS":["arn:aws:iam::999999999999:role/r","arn:aws:iam::888888888888:user/u"]}`, ``), []string{"arn:aws:iam::888888888888:user/u", "arn:aws:iam::999999999999:role/r"}},
		"own":                  {allow(`{"AWS":["111122223333","arn:aws:iam::111122223333:role/r"]}`, ``), []string{}},
		"service":              {allow(`{"Service":"sns.amazonaws.com"}`, ``), []string{}},
		"canonical":            {allow(`{"CanonicalUser":"79a5"}`, ``), []string{"canonical:79a5"}},
		"deleted":              {allow(`{"AWS":"AROAEXAMPLEEXAMPLE00"}`, ``), []string{}},
		"CloudFront identity":  {allow(`{"AWS":"arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1"}`, ``), []string{}},
		"saml provider":        {allow(`{"Federated":"arn:aws:iam::999999999999:saml-provider/x"}`, ``), []string{"arn:aws:iam::999999999999:saml-provider/x"}},
		"everybody":            {allow(`"*"`, ``), []string{}},
		"everybody of account": {allow(`"*"`, `,"Condition":{"StringEquals":{"aws:PrincipalAccount":["999999999999","111122223333"]}}`), []string{"999999999999"}},
		"everybody of org":     {allow(`"*"`, `,"Condition":{"StringEquals":{"aws:PrincipalOrgID":["o-other00001","o-own1234567"]}}`), []string{"o-other00001"}},
		"org and account":      {allow(`"*"`, `,"Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-other00001","aws:PrincipalAccount":"999999999999"}}`), []string{"999999999999"}},
		"everybody by ARN":     {allow(`"*"`, `,"Condition":{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::999999999999:role/etl-*"}}`), []string{"arn:aws:iam::999999999999:role/etl-*"}},
		"foreign topic":        {allow(`"*"`, `,"Condition":{"ArnEquals":{"aws:SourceArn":"arn:aws:sns:eu-west-1:999999999999:t"}}`), []string{"999999999999"}},
		"ruled out":            {allow(`{"AWS":"999999999999"}`, `,"Condition":{"StringEquals":{"aws:PrincipalAccount":"111122223333"}}`), []string{}},
		"deny only":            {stmt(`"Effect":"Deny","Principal":{"AWS":"999999999999"},` + rest), []string{}},
		"allow and deny": {`{"Statement":[{"Effect":"Allow","Principal":{"AWS":["999999999999","arn:aws:iam::888888888888:role/r"]},` + rest + `},
			{"Effect":"Deny","Principal":{"AWS":"888888888888"},"Action":"s3:*","Resource":"*"}]}`, []string{"999999999999"}},
		"allow and narrower deny": {`{"Statement":[{"Effect":"Allow","Principal":{"AWS":"999999999999"},"Action":"s3:*","Resource":"*"},
			{"Effect":"Deny","Principal":{"AWS":"999999999999"},"Action":"s3:PutObject","Resource":"*"}]}`, []string{"999999999999"}},
		"everybody less others": {two(`"Effect":"Deny","Principal":"*","Action":"*","Resource":"*","Condition":{"StringNotEquals":{"aws:PrincipalOrgID":"o-other00001"}}`), []string{"o-other00001"}},
		"left out by a deny": {`{"Statement":[{"Effect":"Allow","Principal":{"AWS":"999999999999"},` + rest + `},
			{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*","Condition":{"StringNotEquals":{"aws:PrincipalAccount":"111122223333"}}}]}`, []string{}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := ForeignPrincipals(must(t, tt.doc), owner); !slices.Equal(got, tt.want) {
				t.Errorf("foreign %q, want %q", got, tt.want)
			}
		})
	}
}

func TestServices(t *testing.T) {
	allow := func(principal, condition string) string {
		return stmt(`"Effect":"Allow","Principal":` + principal + `,"Action":"sqs:SendMessage","Resource":"*"` + condition)
	}
	const sns = `{"Service":["sns.amazonaws.com","events.amazonaws.com"]}`
	tests := map[string]struct {
		doc              string
		unbound, foreign []string
	}{
		"open":             {allow(sns, ``), []string{"events.amazonaws.com", "sns.amazonaws.com"}, nil},
		"source ARN":       {allow(sns, `,"Condition":{"ArnLike":{"aws:SourceArn":"arn:aws:sns:*:111122223333:*"}}`), nil, nil},
		"any source ARN":   {allow(`{"Service":"sns.amazonaws.com"}`, `,"Condition":{"ArnLike":{"aws:SourceArn":"arn:aws:sns:*:*:*"}}`), []string{"sns.amazonaws.com"}, nil},
		"some bucket":      {allow(`{"Service":"s3.amazonaws.com"}`, `,"Condition":{"ArnLike":{"aws:SourceArn":"arn:aws:s3:::other"}}`), nil, nil},
		"any bucket":       {allow(`{"Service":"s3.amazonaws.com"}`, `,"Condition":{"ArnLike":{"aws:SourceArn":"arn:aws:s3:::*"}}`), []string{"s3.amazonaws.com"}, nil},
		"source account":   {allow(sns, `,"Condition":{"StringEquals":{"aws:SourceAccount":"999999999999"}}`), nil, []string{"999999999999"}},
		"source org":       {allow(sns, `,"Condition":{"StringEquals":{"aws:SourceOrgID":"o-own1234567"}}`), nil, nil},
		"other org":        {allow(sns, `,"Condition":{"ForAnyValue:StringLike":{"aws:SourceOrgPaths":"o-other00001/*"}}`), nil, []string{"o-other00001"}},
		"org of principal": {allow(sns, `,"Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-own1234567"}}`), nil, nil},
		"if exists":        {allow(`{"Service":"sns.amazonaws.com"}`, `,"Condition":{"StringEqualsIfExists":{"aws:SourceAccount":"111122223333"}}`), []string{"sns.amazonaws.com"}, nil},
		"trail of key":     {allow(`{"Service":"cloudtrail.amazonaws.com"}`, `,"Condition":{"StringLike":{"kms:EncryptionContext:aws:cloudtrail:arn":"arn:aws:cloudtrail:*:111122223333:trail/*"}}`), nil, nil},
		"any trail of key": {allow(`{"Service":"cloudtrail.amazonaws.com"}`, `,"Condition":{"StringLike":{"kms:EncryptionContext:aws:cloudtrail:arn":"arn:aws:cloudtrail:*:*:trail/*"}}`), []string{"cloudtrail.amazonaws.com"}, nil},
		"skill token":      {allow(`{"Service":"alexa-appkit.amazon.com"}`, `,"Condition":{"StringEquals":{"lambda:EventSourceToken":"amzn1"}}`), nil, nil},
		"no service":       {allow(`{"AWS":"999999999999"}`, ``), nil, nil},
		"any service":      {allow(`"*"`, `,"Condition":{"Bool":{"aws:PrincipalIsAWSService":"true"}}`), []string{"*"}, nil},
		"bound by deny": {`{"Statement":[{"Effect":"Allow","Principal":{"Service":"sns.amazonaws.com"},"Action":"sqs:SendMessage","Resource":"*"},
			{"Effect":"Deny","Principal":"*","Action":"sqs:*","Resource":"*","Condition":{"StringNotEquals":{"aws:SourceAccount":"111122223333"}}}]}`, nil, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p := must(t, tt.doc)
			if got := UnboundServices(p, owner); !slices.Equal(got, tt.unbound) {
				t.Errorf("unbound %q, want %q", got, tt.unbound)
			}
			if got := ForeignSources(p, owner); !slices.Equal(got, tt.foreign) {
				t.Errorf("foreign sources %q, want %q", got, tt.foreign)
			}
		})
	}
}

func TestRequiresTLS(t *testing.T) {
	const bucket, objects = "arn:aws:s3:::b", "arn:aws:s3:::b/*"
	both := `"Resource":["` + bucket + `","` + objects + `"]`
	deny := func(rest string) string { return stmt(`"Effect":"Deny",` + rest) }
	const plain = `,"Condition":{"Bool":{"aws:SecureTransport":"false"}}`
	tests := map[string]struct {
		doc  string
		want bool
	}{
		"usual":            {deny(`"Principal":"*","Action":"s3:*",` + both + plain), true},
		"AWS star":         {deny(`"Principal":{"AWS":"*"},"Action":"*","Resource":"*"` + plain), true},
		"boolean value":    {deny(`"Principal":"*","Action":"s3:*",` + both + `,"Condition":{"Bool":{"aws:SecureTransport":false}}`), true},
		"if exists":        {deny(`"Principal":"*","Action":"s3:*",` + both + `,"Condition":{"BoolIfExists":{"aws:SecureTransport":"false"}}`), true},
		"as string":        {deny(`"Principal":"*","Action":"s3:*",` + both + `,"Condition":{"StringEquals":{"aws:SecureTransport":"false"}}`), true},
		"not true":         {deny(`"Principal":"*","Action":"s3:*",` + both + `,"Condition":{"StringNotEquals":{"aws:SecureTransport":"true"}}`), true},
		"version":          {deny(`"Principal":"*","Action":"s3:*",` + both + `,"Condition":{"NumericLessThan":{"s3:TlsVersion":1.2}}`), true},
		"old version":      {deny(`"Principal":"*","Action":"s3:*",` + both + `,"Condition":{"NumericLessThan":{"s3:TlsVersion":"1.1"}}`), false},
		"objects only":     {deny(`"Principal":"*","Action":"s3:*","Resource":"` + objects + `"` + plain), false},
		"bucket only":      {deny(`"Principal":"*","Action":"s3:*","Resource":"` + bucket + `"` + plain), false},
		"one prefix":       {deny(`"Principal":"*","Action":"s3:*","Resource":["` + bucket + `","` + bucket + `/logs/*"]` + plain), false},
		"other bucket":     {deny(`"Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::c","arn:aws:s3:::c/*"]` + plain), false},
		"writes only":      {deny(`"Principal":"*","Action":"s3:PutObject",` + both + plain), false},
		"reads and writes": {deny(`"Principal":"*","Action":["s3:Get*","s3:Put*","s3:List*"],` + both + plain), true},
		"two statements": {`{"Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"` + bucket + `"` + plain + `},
			{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"` + objects + `"` + plain + `}]}`, true},
		"one principal": {deny(`"Principal":{"AWS":"999999999999"},"Action":"s3:*",` + both + plain), false},
		"no principal":  {deny(`"Action":"s3:*",` + both + plain), false},
		"further condition": {deny(`"Principal":"*","Action":"s3:*",` + both +
			`,"Condition":{"Bool":{"aws:SecureTransport":"false","aws:PrincipalIsAWSService":"false"}}`), false},
		"wrong way":         {deny(`"Principal":"*","Action":"s3:*",` + both + `,"Condition":{"Bool":{"aws:SecureTransport":"true"}}`), false},
		"allow with TLS":    {stmt(`"Effect":"Allow","Principal":"*","Action":"s3:*",` + both + `,"Condition":{"Bool":{"aws:SecureTransport":"true"}}`), false},
		"all actions but":   {deny(`"Principal":"*","NotAction":"s3:DeleteObject",` + both + plain), true},
		"not some actions":  {deny(`"Principal":"*","NotAction":"s3:GetObject",` + both + plain), false},
		"all resources but": {deny(`"Principal":"*","Action":"s3:*","NotResource":"arn:aws:s3:::c/*"` + plain), true},
		"variable":          {deny(`"Principal":"*","Action":"s3:*","Resource":["` + bucket + `","` + bucket + `/${aws:username}*"]` + plain), false},
		"unknown element":   {deny(`"Principal":"*","Action":"s3:*","When":"x",` + both + plain), false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := RequiresTLS(must(t, tt.doc), bucket, objects); got != tt.want {
				t.Errorf("requires TLS: %v", got)
			}
		})
	}
	p := must(t, deny(`"Principal":"*","Action":"SQS:*","Resource":"arn:aws:sqs:eu-west-1:111122223333:q"`+plain))
	if !RequiresTLS(p, "arn:aws:sqs:eu-west-1:111122223333:q") || RequiresTLS(p) {
		t.Error("a queue that denies everything without TLS; nothing asked is nothing required")
	}
	topic := must(t, deny(`"Principal":"*","Action":"sns:Publish","Resource":"arn:aws:sns:eu-west-1:111122223333:t"`+plain))
	if !RequiresTLS(topic, "arn:aws:sns:eu-west-1:111122223333:t") {
		t.Error("Publish is the only action of a topic that carries data")
	}
}
