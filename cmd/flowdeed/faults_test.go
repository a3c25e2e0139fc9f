package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/flowdeed/flowdeed/annotations"
	"github.com/flowdeed/flowdeed/aws"
	"github.com/flowdeed/flowdeed/aws/replay"
	"github.com/flowdeed/flowdeed/check"
	"github.com/flowdeed/flowdeed/examples"
)

var manyFaults = flag.Int("faults", 60, "scans with many operations spoiled at once")

// fault spoils the answers of one operation.
type fault struct {
	name  string
	spoil func(w http.ResponseWriter, service string, body []byte)
}

// faults are the ways a call can go wrong. An error body is in the protocol of the
// service, so that the SDK sees the code.
var faults = []fault{
	{"denied", func(w http.ResponseWriter, service string, _ []byte) { refuse(w, service, 403, "AccessDenied") }},
	{"http 500", func(w http.ResponseWriter, _ string, _ []byte) {
		w.WriteHeader(500)
		io.WriteString(w, "<html>Internal Server Error</html>")
	}},
	{"throttled", func(w http.ResponseWriter, service string, _ []byte) { refuse(w, service, 400, "ThrottlingException") }},
	{"garbage", func(w http.ResponseWriter, _ string, _ []byte) { io.WriteString(w, "\x00\x01 not an answer <<<{") }},
	{"empty", func(w http.ResponseWriter, _ string, _ []byte) { w.WriteHeader(200) }},
	{"cut", func(w http.ResponseWriter, _ string, body []byte) {
		w.Header().Set("Content-Length", fmt.Sprint(len(body)+10))
		w.Write(body[:len(body)/2])
		if f, ok := w.(http.Flusher); ok {
			f.Flush()
		}
		panic(http.ErrAbortHandler)
	}},
	{timeOut, nil}, // answered by nothing until the caller gives up
}

const (
	timeOut = "time-out"
	// callLimit is what a call may take; shortLimit where it never answers, so that
	// the test does not wait long.
	callLimit  = 30 * time.Second
	shortLimit = 100 * time.Millisecond
)

func refuse(w http.ResponseWriter, service string, status int, code string) {
	xml := map[string]bool{"iam": true, "sts": true, "rds": true, "sns": true, "elasticache": true, "elasticloadbalancing": true, "cloudfront": true, "s3": true, "ec2": true}
	switch {
	case service == "ec2":
		w.WriteHeader(status)
		fmt.Fprintf(w, "<Response><Errors><Error><Code>%s</Code><Message>refused</Message></Error></Errors><RequestID>0</RequestID></Response>", code)
	case service == "s3":
		w.WriteHeader(status)
		fmt.Fprintf(w, "<Error><Code>%s</Code><Message>refused</Message></Error>", code)
	case xml[service]:
		w.WriteHeader(status)
		fmt.Fprintf(w, "<ErrorResponse><Error><Type>Sender</Type><Code>%s</Code><Message>refused</Message></Error></ErrorResponse>", code)
	default:
		w.Header().Set("X-Amzn-Errortype", code)
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		w.WriteHeader(status)
		fmt.Fprintf(w, `{"__type":%q,"message":"refused"}`, code)
	}
}

// faulty serves a recording with one operation spoiled. sdk is the operation of the SDK.
func faulty(rec *replay.Recording, match func(replay.Call) bool, f fault) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		call, _, err := replay.Identify(r)
		if err != nil || !match(call) {
			rec.ServeHTTP(w, r)
			return
		}
		if f.name == timeOut {
			<-r.Context().Done()
			return
		}
		kept := httptest.NewRecorder()
		rec.ServeHTTP(kept, r)
		f.spoil(w, call.Service, kept.Body.Bytes())
	})
}

// shape names calls of one operation: REST paths without the ids in them.
func shape(c replay.Call) string {
	verb, path, ok := strings.Cut(c.Operation, " ")
	if !ok {
		return c.Service + " " + c.Operation
	}
	path, flag, _ := strings.Cut(path, "?")
	parts := strings.Split(path, "/")
	for i, p := range parts {
		if i > 0 && (i%2 == 0 || c.Service == "s3" && i == 1 || parts[i-1] == "functions") && !slices.Contains(resourceWords, p) {
			parts[i] = "*"
		}
	}
	return c.Service + " " + verb + " " + strings.Join(parts, "/") + "?" + flag
}

// resourceWords are parts of REST paths that are no ids.
var resourceWords = []string{
	"functions", "restapis", "resources", "stages", "authorizers", "models", "apis", "routes", "integrations", "domainnames", "event-source-mappings",
	"policy", "urls", "url", "event-invoke-config", "distribution", "config", "schedules", "pipes", "", "v1", "v2", "dataSources",
}

const webshopRecording = "../../aws/testdata/recorded/webshop.jsonl.zst"

// offline are the variables of a scan that reaches nothing but the recording.
var offline = map[string]string{
	"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "example", "AWS_REGION": "eu-west-1", "AWS_SESSION_TOKEN": "",
	"AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null", "AWS_EC2_METADATA_DISABLED": "true", "AWS_CA_BUNDLE": "",
}

func credentials(t *testing.T) {
	t.Helper()
	for k, v := range offline {
		t.Setenv(k, v)
	}
}

func scanWebshop(endpoint string, services []*aws.Service, limit time.Duration) (*aws.Snapshot, error) {
	return aws.Scan(context.Background(), aws.Options{
		Endpoint: endpoint, Regions: []string{"eu-west-1", "us-east-1"}, Accounts: []string{"123456789012", "495220940037"}, Role: "audit",
		Attempts: 1, NoPacing: true, CallLimit: limit, Services: services, Tool: tool(),
		Now: func() time.Time { return time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC) },
	})
}

func webshopAnalysis(snap *aws.Snapshot) (*analysis, error) {
	set, diags := annotations.LoadFS(examples.WebshopAnnotations(), "annotations")
	return analyse(&streams{out: io.Discard, err: io.Discard}, snap, set, diags, nil)
}

func statuses(a *analysis) map[string]check.Status {
	out := map[string]check.Status{}
	for i := range a.findings {
		out[a.findings[i].Control.ID+" "+a.findings[i].Subject] = a.findings[i].Status
	}
	return out
}

// TestNoSilentPass spoils every operation of the recorded web shop in turn, in every
// way, and asks that the scan ends, that no answer turns to pass, and that the lost
// call is named.
func TestNoSilentPass(t *testing.T) {
	trial, shapes := newSpoiling(t)
	t.Logf("%d operations, %d kinds of fault", len(shapes), len(faults))
	slots := make(chan struct{}, 4*runtime.GOMAXPROCS(0))
	var running sync.WaitGroup
	for _, sh := range shapes {
		for _, f := range faults {
			slots <- struct{}{}
			running.Go(func() { trial.run(t, sh, f); <-slots })
		}
	}
	running.Wait()
	t.Logf("false passes: %d, unnamed losses: %d", trial.passes.Load(), trial.quiet.Load())
}

// spoiling is the experiment of TestNoSilentPass: the good scan, its answers, and the
// count of what went wrong since.
type spoiling struct {
	rec           *replay.Recording
	services      map[string]*aws.Service
	base          *aws.Snapshot
	before        map[string]check.Status
	passes, quiet atomic.Int64
}

// newSpoiling scans the web shop unspoiled and finds the operations that are asked.
func newSpoiling(t *testing.T) (*spoiling, []recorded) {
	t.Helper()
	credentials(t)
	rec, err := replay.Load(webshopRecording)
	if err != nil {
		t.Fatal(err)
	}
	trial := &spoiling{rec: rec, services: map[string]*aws.Service{}}
	for _, s := range aws.Services() {
		trial.services[s.Name] = s
	}
	good := httptest.NewServer(rec)
	defer good.Close()
	if trial.base, err = scanWebshop(good.URL, nil, callLimit); err != nil {
		t.Fatal(err)
	}
	whole, err := webshopAnalysis(trial.base)
	if err != nil {
		t.Fatal(err)
	}
	trial.before = statuses(whole)
	return trial, recordedShapes(t, rec, trial.services)
}

// run spoils one operation in one way.
func (x *spoiling) run(t *testing.T, sh recorded, f fault) {
	srv := httptest.NewServer(faulty(x.rec, func(c replay.Call) bool { return shape(c) == sh.shape }, f))
	defer srv.Close()
	limit := callLimit
	if f.name == timeOut {
		limit = shortLimit
	}
	again := x.again(sh.service)
	part, err := scanWebshop(srv.URL, again, limit)
	for f.name == timeOut && err != nil && limit < callLimit {
		// On a busy machine the caller's identity, too, took longer than that.
		limit *= 2
		part, err = scanWebshop(srv.URL, again, limit)
	}
	if err != nil {
		t.Errorf("%s, %s: %v", sh.shape, f.name, err)
		return
	}
	a, err := webshopAnalysis(merge(x.base, part, sh.service))
	if err != nil {
		t.Errorf("%s, %s: %v", sh.shape, f.name, err)
		return
	}
	x.compare(t, sh.shape+", "+f.name, a)
	if len(a.sys.Refusals) == 0 {
		x.quiet.Add(1)
		t.Errorf("%s, %s: no call is named as lost", sh.shape, f.name)
	}
	if len(a.needed()) > 0 {
		if s := asFailure(a.verdict("none", false)); s != statusIncomplete {
			t.Errorf("%s, %s: status %d, want %d", sh.shape, f.name, s, statusIncomplete)
		}
	}
}

// again are the services to scan again when one is spoiled: that one, or all (nil)
// where it reports values, which are told from secrets by the names the others give.
func (x *spoiling) again(service string) []*aws.Service {
	s := x.services[service]
	if slices.ContainsFunc(s.Calls, func(c aws.Call) bool { return len(c.Values) > 0 }) {
		return nil
	}
	return []*aws.Service{s}
}

// compare reports answers that have turned to pass.
func (x *spoiling) compare(t *testing.T, trial string, a *analysis) {
	for key, now := range statuses(a) {
		was, asked := x.before[key]
		if asked && now == check.Pass && was != check.Pass && was != check.Accepted {
			x.passes.Add(1)
			t.Errorf("%s: %s was %s and passes now", trial, key, was)
		}
	}
}

// TestNoSilentPassOfMany spoils many operations at once, drawn at random: what one lost
// call leaves unknown, a second must not turn to pass.
func TestNoSilentPassOfMany(t *testing.T) {
	trial, shapes := newSpoiling(t)
	slots := make(chan struct{}, runtime.GOMAXPROCS(0))
	var running sync.WaitGroup
	for seed := range *manyFaults {
		slots <- struct{}{}
		running.Go(func() {
			defer func() { <-slots }()
			random := rand.New(rand.NewPCG(uint64(seed), 1))
			share := []float64{0.02, 0.1, 0.3, 0.6}[seed%4]
			lost, f := map[string]bool{}, faults[random.IntN(len(faults)-1)]
			for _, sh := range shapes {
				if random.Float64() < share {
					lost[sh.shape] = true
				}
			}
			srv := httptest.NewServer(faulty(trial.rec, func(c replay.Call) bool { return lost[shape(c)] }, f))
			defer srv.Close()
			snap, err := scanWebshop(srv.URL, nil, callLimit)
			if err != nil {
				t.Errorf("seed %d, %s: %v", seed, f.name, err)
				return
			}
			a, err := webshopAnalysis(snap)
			if err != nil {
				t.Errorf("seed %d, %s: %v", seed, f.name, err)
				return
			}
			trial.compare(t, fmt.Sprintf("seed %d, %s, %d of %d operations", seed, f.name, len(lost), len(shapes)), a)
		})
	}
	running.Wait()
	t.Logf("%d scans, false passes: %d", *manyFaults, trial.passes.Load())
}

func asFailure(err error) int {
	if f, ok := err.(*failure); ok {
		return f.status
	}
	return statusClean
}

type recorded struct{ service, shape string }

// recordedShapes finds every operation the scan asks, by scanning service by service.
func recordedShapes(t *testing.T, rec *replay.Recording, services map[string]*aws.Service) []recorded {
	var out []recorded
	for _, s := range aws.Services() {
		seen := map[string]bool{}
		var calls []replay.Call
		ch := make(chan replay.Call, 4096)
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if c, _, err := replay.Identify(r); err == nil {
				ch <- c
			}
			rec.ServeHTTP(w, r)
		}))
		if _, err := scanWebshop(srv.URL, []*aws.Service{s}, callLimit); err != nil {
			t.Fatal(err)
		}
		srv.Close()
		close(ch)
		for c := range ch {
			calls = append(calls, c)
		}
		for _, c := range calls {
			if c.Operation == "AssumeRole" || c.Operation == "GetCallerIdentity" || seen[shape(c)] {
				continue // without these no account is entered, which the scan says at once
			}
			seen[shape(c)] = true
			out = append(out, recorded{s.Name, shape(c)})
		}
	}
	slices.SortFunc(out, func(a, b recorded) int { return strings.Compare(a.service+a.shape, b.service+b.shape) })
	return out
}

// merge puts the newly scanned shards of one service into a snapshot.
func merge(base, part *aws.Snapshot, service string) *aws.Snapshot {
	out := &aws.Snapshot{Run: base.Run}
	for _, s := range base.Shards {
		if s.Service != service {
			out.Shards = append(out.Shards, s)
		}
	}
	for _, s := range part.Shards {
		if s.Service == service {
			out.Shards = append(out.Shards, s)
		}
	}
	return out
}
