package iam

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// Case is a decision case: a question with all policies that take part, and the
// answer its writer expects. Teams keep them as unit tests of their policies.
type Case struct {
	ID          string
	Request     Request
	Environment Environment
	Expected    string // a word of Answer.Decision, or empty
	// resourceOpen: the case does not say whether the action takes a resource.
	resourceOpen bool
	// Unread says why a policy of the case cannot be read; the answer then is
	// NotDecided.
	Unread string
}

// Answer is the answer to a case, in the words of the case format.
type Answer struct {
	ID string `json:"id"`
	// Decision is Allowed, AllowedIf, ImplicitlyDenied, ExplicitlyDenied or NotDecided.
	Decision  string         `json:"decision"`
	If        []string       `json:"if,omitempty"` // alternatives, one of which must hold
	Because   []AnswerReason `json:"because,omitempty"`
	BlockedBy Layer          `json:"blockedBy,omitempty"`
	Why       string         `json:"why,omitempty"`
	Patterns  []string       `json:"patterns,omitempty"`
	Except    []string       `json:"except,omitempty"`
}

// AnswerReason points at a statement that decided.
type AnswerReason struct {
	Layer     Layer  `json:"layer"`
	Policy    string `json:"policy"`
	Statement int    `json:"statement"` // from 0
	Sid       string `json:"sid,omitempty"`
	Pointer   string `json:"pointer,omitempty"`
}

// Answer decides the case.
func (c *Case) Answer() Answer {
	if c.Unread != "" {
		return Answer{ID: c.ID, Decision: Unknown.CaseWord(), Why: c.Unread}
	}
	req := c.Request
	if c.resourceOpen {
		req.NoResource = c.Environment.actionData().WithoutResource(req.Action)
	}
	d := Decide(req, c.Environment)
	a := Answer{ID: c.ID, Decision: d.Outcome.CaseWord(), BlockedBy: d.BlockedBy, Why: d.Why, Patterns: d.Patterns, Except: d.Except}
	for _, x := range d.If {
		a.If = append(a.If, x.String())
	}
	for _, r := range d.Because {
		a.Because = append(a.Because, AnswerReason{r.Layer, r.Policy, r.Index, r.Sid, r.Pointer})
	}
	return a
}

// CaseWord gives the outcome in the words of the case format.
func (o Outcome) CaseWord() string {
	return [...]string{"NotDecided", "Allowed", "AllowedIf", "ImplicitlyDenied", "ExplicitlyDenied"}[o]
}

// The case format as JSON.
type caseJSON struct {
	ID      json.RawMessage `json:"id"`
	Request struct {
		Principal struct {
			Kind              string  `json:"kind"`
			ARN               *string `json:"arn"`
			Account           *string `json:"account"`
			Parent            string  `json:"parent"`
			ManagementAccount bool    `json:"managementAccount"`
			ServiceLinkedRole bool    `json:"serviceLinkedRole"`
		} `json:"principal"`
		Action   string `json:"action"`
		Resource struct {
			ARN               string  `json:"arn"`
			Account           *string `json:"account"`
			ManagementAccount bool    `json:"managementAccount"`
		} `json:"resource"`
		Context map[string]json.RawMessage `json:"context"`
	} `json:"request"`
	Identity   json.RawMessage `json:"identityPolicies"`
	Resource   json.RawMessage `json:"resourcePolicy"`
	Boundaries documents       `json:"permissionBoundaries"`
	Sessions   documents       `json:"sessionPolicies"`
	SCPs       []levelJSON     `json:"scps"`
	RCPs       []levelJSON     `json:"rcps"`
	Endpoint   documents       `json:"vpcEndpointPolicies"`
	Settings   struct {
		Mode       string `json:"mode"`
		NoResource *bool  `json:"wildcardOnlyAction"`
		Additional struct {
			S3 struct {
				Block bool `json:"blockPublicAccess"`
				ABAC  bool `json:"bucketAbacEnabled"`
			} `json:"s3"`
		} `json:"additionalSettings"`
	} `json:"settings"`
	Expected string `json:"expected"`
}

type levelJSON struct {
	ID       string    `json:"id"`
	Policies documents `json:"policies"`
}

// documents is a list of policies, or one by itself.
type documents []json.RawMessage

// UnmarshalJSON reads either form.
func (d *documents) UnmarshalJSON(raw []byte) error {
	if t := bytes.TrimSpace(raw); len(t) > 0 && t[0] != '[' && !bytes.Equal(t, []byte("null")) {
		*d = documents{bytes.Clone(t)}
		return nil
	}
	return json.Unmarshal(raw, (*[]json.RawMessage)(d))
}

// orNone reads an empty list of limits as no limit: nothing is attached.
func (d documents) orNone() documents {
	if len(d) == 0 {
		return nil
	}
	return d
}

// kinds are the principals a case may name.
var kinds = []Kind{User, Role, RoleSession, FederatedUser, Root, Service, Anonymous, Provider}

// ParseCase reads one case, a JSON object. Where only a policy cannot be read the case
// comes back beside the error and is not decided; a policy with unknown parts is no
// error, and may leave the case undecided.
func ParseCase(line []byte) (*Case, error) {
	var j caseJSON
	d := json.NewDecoder(bytes.NewReader(line))
	d.UseNumber()
	if err := d.Decode(&j); err != nil {
		return nil, fmt.Errorf("not a decision case: %w", typed(err))
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("not a decision case: something follows the object; write one case a line")
	}
	c := &Case{ID: word(j.ID), Expected: j.Expected}
	if err := c.question(&j); err != nil {
		return nil, err
	}
	if err := c.policies(&j); err != nil {
		c.Unread = err.Error()
		return c, err
	}
	return c, nil
}

// typed says of a value of the wrong kind where it stands.
func typed(err error) error {
	var wrong *json.UnmarshalTypeError
	if !errors.As(err, &wrong) {
		return err
	}
	if wrong.Field == "" {
		return fmt.Errorf("it is a JSON %s and no object", wrong.Value)
	}
	return fmt.Errorf("%s cannot be a JSON %s", wrong.Field, wrong.Value)
}

// word reads an id, which may be written as a number.
func word(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s
	}
	return string(raw)
}

func (c *Case) question(j *caseJSON) error {
	p, r := j.Request.Principal, j.Request.Resource
	kind := Kind(p.Kind)
	switch {
	case !slices.Contains(kinds, kind):
		return fmt.Errorf("request.principal.kind is %q; write one of %v", p.Kind, kinds)
	case j.Request.Action == "":
		return errors.New("request.action is missing; write \"service:Name\"")
	case strings.ContainsAny(j.Request.Action, "*?"):
		return fmt.Errorf("request.action is %q; ask about one action at a time", j.Request.Action)
	case r.ARN == "" && !j.noResource():
		return errors.New("request.resource.arn is missing; write \"*\" for an action without a resource")
	case j.Settings.Mode != "" && j.Settings.Mode != "strict" && j.Settings.Mode != "discovery":
		return fmt.Errorf("settings.mode is %q; write \"strict\" or \"discovery\"", j.Settings.Mode)
	}
	if _, ok := arnParts(r.ARN); !ok && r.ARN != "*" && !j.noResource() {
		return fmt.Errorf("request.resource.arn is %q, which is no ARN; write it in full, or \"*\"", r.ARN)
	}
	who := Principal{Kind: kind, ARN: text1(p.ARN), Account: text1(p.Account), Parent: p.Parent,
		ManagementAccount: p.ManagementAccount, ServiceLinkedRole: p.ServiceLinkedRole}
	if err := who.settle(); err != nil {
		return err
	}
	values, err := contextValues(j.Request.Context)
	if err != nil {
		return err
	}
	c.Request = Request{
		Principal:  who,
		Action:     j.Request.Action,
		Resource:   Resource{ARN: r.ARN, Account: text1(r.Account), ManagementAccount: r.ManagementAccount},
		Context:    NewContext(values, j.Settings.Mode != "discovery"),
		NoResource: j.noResource(),
	}
	c.resourceOpen = j.Settings.NoResource == nil
	return nil
}

// contextValues reads the context. Two spellings of one key would be two values.
func contextValues(raw map[string]json.RawMessage) (map[string]Value, error) {
	values, spelled := map[string]Value{}, map[string]string{}
	for _, k := range slices.Sorted(maps.Keys(raw)) {
		v, err := contextValue(raw[k])
		if err != nil {
			return nil, fmt.Errorf("request.context[%q]: %w", k, err)
		}
		lower := strings.ToLower(k)
		if other, twice := spelled[lower]; twice {
			return nil, fmt.Errorf("request.context has %q and %q, which are one key", other, k)
		}
		spelled[lower], values[k] = k, v
	}
	return values, nil
}

// noResource tells whether the action takes no resource.
func (j *caseJSON) noResource() bool {
	return j.Settings.NoResource != nil && *j.Settings.NoResource
}

func text1(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// contextValue reads a string as a single-valued key and a list as a multivalued one.
func contextValue(raw json.RawMessage) (Value, error) {
	n, _, err := readJSON(string(raw))
	if err != nil {
		return Value{}, err
	}
	switch n.kind {
	case scalarNode:
		return One(n.text), nil
	case nullNode:
		return Value{}, nil
	case arrayNode:
		v := Value{Multi: true}
		for _, x := range n.items {
			if x.kind != scalarNode {
				return Value{}, errors.New("a value of the list is no string")
			}
			v.Values = append(v.Values, x.text)
		}
		return v, nil
	}
	return Value{}, errors.New("write a string or a list of strings")
}

func (c *Case) policies(j *caseJSON) error {
	env := &c.Environment
	env.S3 = S3Settings{BlockPublic: j.Settings.Additional.S3.Block, ABAC: j.Settings.Additional.S3.ABAC}
	var err error
	list := func(name string, raw []json.RawMessage) []*Policy {
		if raw == nil || err != nil {
			return nil
		}
		out := make([]*Policy, 0, len(raw))
		for i, x := range raw {
			p, e := casePolicy(fmt.Sprintf("%s[%d]", name, i), x)
			if e != nil {
				err = e
				return nil
			}
			out = append(out, p)
		}
		return out
	}
	levels := func(name string, raw []levelJSON) []Level {
		var out []Level
		for i, l := range raw {
			id := l.ID
			if id == "" {
				id = fmt.Sprint(i)
			}
			if l.Policies == nil && err == nil {
				err = fmt.Errorf("%s %s: policies is missing; write [] when there are none", name, id)
			}
			out = append(out, Level{ID: id, Policies: list(name+" "+id, l.Policies)})
		}
		return out
	}
	var identity documents
	if j.Identity == nil {
		env.Missing = map[Layer]string{LayerIdentity: "the case has no identityPolicies; write [] when there are none"}
	} else if err = json.Unmarshal(j.Identity, &identity); err != nil {
		return fmt.Errorf("identityPolicies: %w", err)
	}
	env.Identity = list("identityPolicies", identity)
	env.Boundaries = list("permissionBoundaries", j.Boundaries.orNone())
	env.Sessions = list("sessionPolicies", j.Sessions.orNone())
	env.Endpoint = list("vpcEndpointPolicies", j.Endpoint.orNone())
	env.SCPs, env.RCPs = levels("scps", j.SCPs), levels("rcps", j.RCPs)
	if t := bytes.TrimSpace(j.Resource); err == nil && len(t) > 0 && !bytes.Equal(t, []byte("null")) {
		env.Resource, err = casePolicy("resourcePolicy", j.Resource)
	}
	return err
}

// casePolicy reads a document, a document as text, or {"name", "policy"}.
func casePolicy(id string, raw json.RawMessage) (*Policy, error) {
	doc := string(raw)
	var s string
	if json.Unmarshal(raw, &s) == nil {
		doc = s
	}
	var wrapped map[string]json.RawMessage
	if json.Unmarshal([]byte(doc), &wrapped) == nil {
		for _, k := range []string{"policy", "document", "PolicyDocument"} {
			if inner, ok := wrapped[k]; ok && !hasStatement(wrapped) {
				if name := word(wrapped["name"]); name != "" {
					id += " " + name
				}
				return casePolicy(id, inner)
			}
		}
	}
	p, err := ParsePolicy(doc)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", id, err)
	}
	return p.Named(id), nil
}

func hasStatement(m map[string]json.RawMessage) bool {
	for k := range m {
		if strings.EqualFold(k, "Statement") {
			return true
		}
	}
	return false
}
