package aws

import (
	"regexp"
	"slices"
	"strings"

	"github.com/flowdeed/flowdeed/graph"
)

var (
	protobufNoise = regexp.MustCompile(`//[^\n]*|(?s:/\*.*?\*/)|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'`)
	protobufToken = regexp.MustCompile(`\.?[A-Za-z_][\w.]*|[{}=;<>]`)
)

// protobufFields lists the fields of the messages of a Protocol Buffers definition, each
// message a record of its own. Comments and options are not read. Source: Protocol
// Buffers language specification, "Message definition".
func protobufFields(body string) []graph.Field {
	var out []graph.Field
	var blocks []string // name of the message, "" for what is none
	var statement []string
	for _, t := range protobufToken.FindAllString(protobufNoise.ReplaceAllString(body, " "), -1) {
		switch t {
		case "{":
			blocks = append(blocks, messageOf(statement, blocks))
			statement = nil
		case "}":
			blocks = blocks[:max(0, len(blocks)-1)]
			statement = nil
		case ";":
			if f, ok := protobufField(statement); ok && len(blocks) > 0 && blocks[len(blocks)-1] != "" && len(out) < mostFields {
				f.Record = blocks[len(blocks)-1]
				f.Path = f.Record + "." + f.Name
				out = append(out, f)
			}
			statement = nil
		default:
			statement = append(statement, t)
		}
	}
	return out
}

// messageOf is the message a block belongs to: its own, or for a oneof the one around it.
func messageOf(head, around []string) string {
	switch {
	case len(head) < 2:
	case head[0] == "message":
		return head[1]
	case head[0] == "oneof" && len(around) > 0:
		return around[len(around)-1]
	}
	return ""
}

// protobufField reads "repeated string email = 3" and "map<string, Address> homes = 4".
func protobufField(statement []string) (graph.Field, bool) {
	i := slices.Index(statement, "=")
	if i < 2 || slices.Contains([]string{"option", "reserved", "extensions", "syntax", "edition"}, statement[0]) {
		return graph.Field{}, false
	}
	kind := strings.TrimPrefix(statement[i-2], ".")
	if kind == ">" {
		kind = "map"
	}
	return graph.Field{Name: statement[i-1], Type: kind}, true
}
