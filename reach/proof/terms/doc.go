// Package terms is the language of policies as the proof checker reads it: when a
// statement is about a request, whom a principal element takes in, what a condition
// demands, and which demands exclude each other. What is not known stays open.
//
// It is written a second time, from the pages of the IAM User Guide, and shares no code
// with package iam: two readings that agree are worth more than one.
package terms
