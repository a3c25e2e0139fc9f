package iam

import (
	"strconv"
	"strings"
)

// tlsActions lists, for services whose policies are often asked about, the actions
// that carry data. For the other services a Deny has to cover every action.
var tlsActions = []struct {
	service, resource string // resource: what follows the fifth colon; "" any
	actions           []string
}{
	{"s3", "/", []string{"s3:getobject", "s3:getobjectversion", "s3:putobject"}},
	{"s3", "", []string{"s3:listbucket"}},
	{"sqs", "", []string{"sqs:sendmessage", "sqs:receivemessage"}},
	{"sns", "", []string{"sns:publish"}},
	{"kinesis", "", []string{"kinesis:putrecord", "kinesis:putrecords", "kinesis:getrecords"}},
	{"events", "", []string{"events:putevents"}},
	{"secretsmanager", "", []string{"secretsmanager:getsecretvalue", "secretsmanager:putsecretvalue"}},
	{"elasticfilesystem", "", []string{"elasticfilesystem:clientmount"}},
	{"execute-api", "", []string{"execute-api:invoke"}},
}

// RequiresTLS tells whether the policy refuses every request without TLS to all of
// the resources: a Deny for everybody on every action that carries data, whose only
// condition is aws:SecureTransport being false or s3:TlsVersion below 1.2 or more.
// For a bucket pass both "arn:aws:s3:::b" and "arn:aws:s3:::b/*". A Deny that is
// narrower or has further conditions does not count. Without resources it is false.
func RequiresTLS(p *Policy, resourceARNs ...string) bool {
	for _, arn := range resourceARNs {
		for _, action := range carriers(arn) {
			if !p.deniesPlain(action, arn) {
				return false
			}
		}
	}
	return len(resourceARNs) > 0
}

func carriers(arn string) []actionPattern {
	parts, _ := arnParts(arn)
	for _, d := range tlsActions {
		if d.service != parts[2] || !strings.Contains(parts[5], d.resource) {
			continue
		}
		var out []actionPattern
		for _, a := range d.actions {
			out = append(out, compileAction(a))
		}
		return out
	}
	if parts[2] == "" {
		return []actionPattern{{all: true}}
	}
	return []actionPattern{compileAction(parts[2] + ":*")}
}

func (p *Policy) deniesPlain(action actionPattern, arn string) bool {
	for _, i := range p.denies {
		d := &p.Statements[i]
		if d.unread != 0 || d.Principals == nil || !d.Principals.Any ||
			len(d.Conditions) != 1 || !d.Conditions[0].withoutTLS() || d.coverAction(action) != wholly {
			continue
		}
		if c, sure := d.coverResource(queryResource(arn), widest); c == wholly && sure {
			return true
		}
	}
	return false
}

// withoutTLS tells whether the condition holds for every request without TLS.
func (c *Condition) withoutTLS() bool {
	if c.Set != "" || c.unread {
		return false
	}
	switch strings.ToLower(c.Key) {
	case "aws:securetransport":
		switch c.op.family {
		case boolFamily, stringFamily, foldFamily, likeFamily:
			word := "false"
			if c.op.negated {
				word = "true"
			}
			return len(c.Values) == 1 && strings.EqualFold(c.Values[0], word)
		}
	case "s3:tlsversion":
		if c.op.family != numericFamily || len(c.Values) != 1 {
			return false
		}
		v, err := strconv.ParseFloat(c.Values[0], 64)
		return err == nil && (c.op.order == less && v >= 1.2 || c.op.order == lessEqual && v >= 1.1)
	}
	return false
}
