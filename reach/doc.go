// Package reach answers who can reach what: one store and all that get at it, one
// principal and all it gets at, the path between two.
//
// A question is asked backwards from the store. First those whom the store itself and
// its key let in (direct), then those who can become one of them by assuming roles
// (via role), then those who can give themselves the right or copy the data out (via
// escalation). The three are kept apart: an auditor wants the first, an attacker uses
// the last. Outsiders come on top: everybody, accounts and identity providers that a
// policy names, services that may be made to act for somebody else, and entry points
// on the internet that lead to the data through the flow graph.
//
// What is not known stays unknown: it is listed as undecided, with the reason, and is
// never counted among those who can or those who cannot.
package reach
