// Package report says what a report contains: it turns graph, labels and findings
// into a document, and lists the formats a document can be printed in.
//
// The document is read at three depths: one page, the findings, the appendix.
// It states facts, gaps and unknowns. It never says that processing is lawful.
package report

import (
	"time"

	"github.com/flowdeed/flowdeed/annotations"
	"github.com/flowdeed/flowdeed/check"
	"github.com/flowdeed/flowdeed/classify"
	"github.com/flowdeed/flowdeed/graph"
	"github.com/flowdeed/flowdeed/report/doc"
)

// Input is all a report is made from.
type Input struct {
	Title        string // empty: "Personal data in AWS: map and findings"
	Organisation string
	Tool         string // name and version: "flowdeed 0.1.0"
	// Confidentiality is the word on every page; empty: "Confidential".
	Confidentiality string

	Graph    *graph.Model // frozen
	Labels   *classify.Labels
	Findings []check.Finding // of every status, in any order

	Scan         Scan
	Completeness Completeness
	// Actions is the table of AWS actions that permissions were judged with.
	Actions ActionTable

	// Detected is what detectors guess from names, by node; Recipients who else gets data.
	Detected   []annotations.Evidence
	Recipients []classify.Recipient

	Figures    []Figure // the data map first
	Parties    []Party
	Activities []Activity
	// Access says who can reach each store of personal data; nil leaves the sheet out.
	Access []AccessSheet
	// CategoryName gives the words for a category key; nil prints the key.
	CategoryName func(key string) string
}

// Figure is a picture of the report.
type Figure = doc.Figure

// Scan says when, where and as whom the account was read.
type Scan struct {
	Accounts  []Account
	Regions   []string
	Callers   []string // ARN of each identity used
	Started   time.Time
	Finished  time.Time
	Requests  int
	Endpoint  string // empty: the public endpoints of AWS
	Templates []string
	// SnapshotHash is the SHA-256 of the snapshot, in hex.
	SnapshotHash string
	// Annotations are the files with statements of people.
	Annotations []File
}

// ActionTable names a table of AWS actions, their resources and condition keys.
type ActionTable struct {
	Date, Source string // when its facts were collected, and from where; empty: it does not say
	File         string // the file it was read from; empty: the one built into the program
}

// Account is a scanned account.
type Account struct{ ID, Alias string }

// File is a file that was used, with its SHA-256 in hex.
type File struct{ Path, Hash string }

// Completeness says what was asked and what was not answered.
type Completeness struct {
	Operations []Operation
	Refused    []Refusal
	// NotAsked are things outside the scan that a reader may expect in it:
	// a Region switched off, a service that is not supported.
	NotAsked []Omission
}

// Operation counts the calls of one operation. Answered includes the answer
// "there is none".
type Operation struct {
	Service, Operation       string
	Asked, Answered, Refused int
}

// Refusal is one call that was not answered.
type Refusal struct {
	Operation string // "s3:GetBucketPolicy"
	Account   string
	Region    string
	Subject   string // what it was asked about, empty for lists
	Outcome   string // denied, throttled, unsupported, malformed, unavailable
	Why       string // the message
	Action    string // the IAM action that allows the call
}

// Omission is something that was not looked at, and why.
type Omission struct{ What, Why string }

// Party is somebody outside who receives or processes data.
type Party struct {
	Name     string
	Role     string // processor, recipient, joint controller
	Country  string
	Contract string // what governs it; empty: none was declared
	Nodes    []graph.ID
}

// Activity is a line of the record of processing activities, as declared.
type Activity struct {
	Key, Name string
	Purpose   string
	Basis     string
	Subjects  []string
	Owner     string
}
