// Package iam says what AWS policies mean: whether a principal may do an action on
// a resource, under which conditions, and which statement says so.
//
// ParsePolicy turns a document into an immutable Policy. Two families of questions
// are asked of policies:
//
//   - Readings look at one resource policy and its owner: PublicStatements,
//     ForeignPrincipals, UnboundServices, RequiresTLS, and the readings of key and
//     trust policies. They set facts of a node.
//   - Decide weighs all policies that take part in a request and answers with one
//     of five outcomes, the conditions left over, and the derivation. World.Decide
//     puts the request together from a scan, and Index answers for everybody at once.
//
// ActionData knows the actions of AWS. The package is pure: it reads nothing, writes
// nothing and keeps no state. The rules follow the IAM User Guide of AWS; comments name
// the page.
package iam
