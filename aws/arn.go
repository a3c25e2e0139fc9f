package aws

import (
	"strings"
)

// ARN is a parsed Amazon Resource Name.
type ARN struct {
	Partition, Service, Region, Account, Resource string
}

// parseARN splits an ARN at its first five colons.
func parseARN(s string) (ARN, bool) {
	p := strings.SplitN(s, ":", 6)
	if len(p) != 6 || p[0] != "arn" {
		return ARN{}, false
	}
	return ARN{p[1], p[2], p[3], p[4], p[5]}, true
}

func (a ARN) String() string {
	return strings.Join([]string{"arn", a.Partition, a.Service, a.Region, a.Account, a.Resource}, ":")
}

func partitionOf(arn string) string {
	if a, ok := parseARN(arn); ok && a.Partition != "" {
		return a.Partition
	}
	return "aws"
}

// canonicalARN brings the many ways to write a resource to the one its node has: a
// function without alias or version, a table without stream or index, a bucket
// without key, a log group without the trailing star, an API without stage and path.
func canonicalARN(s string) string {
	a, ok := parseARN(s)
	if !ok {
		return s
	}
	switch a.Service {
	case "lambda":
		if rest, ok := strings.CutPrefix(a.Resource, "function:"); ok {
			name, _, _ := strings.Cut(rest, ":")
			a.Resource = "function:" + name
		}
	case "dynamodb":
		if i := nthSlash(a.Resource, 2); i > 0 && strings.HasPrefix(a.Resource, "table/") {
			a.Resource = a.Resource[:i]
		}
	case "s3":
		if !strings.HasPrefix(a.Resource, "accesspoint") {
			a.Resource, _, _ = strings.Cut(a.Resource, "/")
			a.Region, a.Account = "", ""
		}
	case "logs":
		if i := strings.Index(a.Resource, ":log-stream"); i > 0 {
			a.Resource = a.Resource[:i]
		}
		a.Resource = strings.TrimSuffix(a.Resource, ":*")
	case "execute-api":
		a.Resource, _, _ = strings.Cut(a.Resource, "/") // ID/STAGE/METHOD/PATH
	case "kinesis":
		if i := nthSlash(a.Resource, 2); i > 0 {
			a.Resource = a.Resource[:i] // stream/NAME/consumer/...
		}
	case "states":
		if rest, ok := strings.CutPrefix(a.Resource, "stateMachine:"); ok {
			name, _, _ := strings.Cut(rest, ":")
			a.Resource = "stateMachine:" + name
		}
	}
	return a.String()
}

func nthSlash(s string, n int) int {
	for i := range len(s) {
		if s[i] == '/' {
			if n--; n == 0 {
				return i
			}
		}
	}
	return -1
}
