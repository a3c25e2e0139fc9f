// Package annotations reads what people say about their data: YAML files beside the
// code and tags on resources. It checks every statement against the taxonomy, says
// where each stands, and merges what several statements say about one resource.
//
// It knows nothing of AWS calls or graphs: a resource is a Target, described by its
// ARN, kind, name, stack and tags.
package annotations
