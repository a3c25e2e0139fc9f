package aws_test

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/flowdeed/flowdeed/aws/environments"
	"github.com/flowdeed/flowdeed/aws/replay"
)

var update = flag.Bool("update", false, "write golden files anew")

var record = flag.Bool("record", false, "record the environments from a live moto server")

const environmentFolder = "testdata/environments"

// needTool skips when a tool is missing; in CI that is a failure.
func needTool(t testing.TB, name string) string {
	t.Helper()
	p, err := exec.LookPath(name)
	if err == nil {
		return p
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s is not installed; the live tests need it", name)
	}
	t.Skipf("%s is not installed", name)
	return ""
}

func freePort(t testing.TB) int {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// background starts a server and waits until it takes connections.
func background(t testing.TB, addr, name string, env []string, args ...string) {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), env...)
	cmd.Stdout, cmd.Stderr = io.Discard, io.Discard
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	for deadline := time.Now().Add(60 * time.Second); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if c, err := net.DialTimeout("tcp", addr, time.Second); err == nil {
			c.Close()
			return
		}
	}
	t.Fatalf("%s does not listen on %s", name, addr)
}

// startMoto starts a fresh moto server and returns its address.
func startMoto(t testing.TB) string {
	t.Helper()
	server := needTool(t, "moto_server")
	addr := fmt.Sprintf("127.0.0.1:%d", freePort(t))
	_, port, _ := net.SplitHostPort(addr)
	background(t, addr, server, []string{"MOTO_IAM_LOAD_MANAGED_POLICIES=true"}, "-H", "127.0.0.1", "-p", port)
	return "http://" + addr
}

// startLikeAWS puts the proxy that mends moto's worst answers before an endpoint.
func startLikeAWS(t testing.TB, endpoint string, rules string) string {
	t.Helper()
	python := needTool(t, "python3")
	addr := fmt.Sprintf("127.0.0.1:%d", freePort(t))
	args := []string{filepath.Join(environmentFolder, "faultproxy.py"), "--listen", addr, "--to", strings.TrimPrefix(endpoint, "http://"), "--like-aws"}
	if rules != "" {
		args = append(args, "--rules", rules)
	}
	background(t, addr, python, nil, args...)
	return "http://" + addr
}

// loadEnvironment fills an endpoint and returns the ids of what was made. An emulator on a
// busy machine sometimes fails a call: then the environment is not whole, and is loaded
// once more.
func loadEnvironment(t testing.TB, endpoint, name string) environments.IDs {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ids.json")
	for again := range 2 {
		out, err := exec.Command("python3", filepath.Join(environmentFolder, "load.py"), "--endpoint", endpoint, name, "--reset", "--seed", "42", "--ids", path).CombinedOutput()
		if err != nil {
			t.Fatalf("loading %s: %v\n%s", name, err, out)
		}
		ids := environments.ReadIDs(t, path)
		if *record || whole(ids, environments.ReadIDs(t, idsPath(name))) {
			return ids
		}
		t.Logf("%s was loaded in part (time %d):\n%s", name, again+1, out)
	}
	t.Fatalf("%s cannot be loaded whole", name)
	return nil
}

// whole tells whether everything was made that was made for the recording.
func whole(ids, recorded environments.IDs) bool {
	for id, attributes := range recorded {
		for name := range attributes {
			if _, there := ids[id][name]; !there {
				return false
			}
		}
	}
	return true
}

func recordingPath(name string) string {
	return filepath.Join("testdata", "recorded", name+".jsonl.zst")
}
func idsPath(name string) string { return filepath.Join(environmentFolder, name, "ids.json") }

// replayed serves the recording of an environment over HTTP.
func replayed(t testing.TB, name string) (endpoint string, rec *replay.Recording, ids environments.IDs) {
	t.Helper()
	endpoint, rec = environments.Serve(t, recordingPath(name))
	return endpoint, rec, environments.ReadIDs(t, idsPath(name))
}

// TestRecord records the environments anew: go test ./aws -run TestRecord -record.
func TestRecord(t *testing.T) {
	if !*record {
		t.Skip("recordings are made with -record")
	}
	for _, name := range environments.Names {
		t.Run(name, func(t *testing.T) {
			moto := startMoto(t)
			ids := loadEnvironment(t, moto, name)
			rec := replay.New()
			srv := httptest.NewServer(rec.Recorder(startLikeAWS(t, moto, "")))
			defer srv.Close()
			// The account id in a host name must reach the recorder's own port.
			snap := environments.Scan(t, srv.URL, ids)
			amend(t, rec, name)
			if err := os.MkdirAll(filepath.Dir(recordingPath(name)), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := rec.Save(recordingPath(name)); err != nil {
				t.Fatal(err)
			}
			b, _ := json.MarshalIndent(ids, "", " ")
			if err := os.WriteFile(idsPath(name), append(b, '\n'), 0o644); err != nil {
				t.Fatal(err)
			}
			t.Logf("%s: %d calls in %d shards", name, snap.Run.Requests, len(snap.Shards))
		})
	}
}

// amend puts right, in a recording, what moto answers otherwise than AWS and the
// proxy does not mend. Every change is a fact of AWS or of the environment's truth file.
func amend(t testing.TB, rec *replay.Recording, name string) {
	// AWS lists the managed policies that are in use; moto lists all of AWS's own.
	rec.Amend(endsWith("GetAccountAuthorizationDetails"), func(x *replay.Exchange) { x.Body = dropUnused(x.Body) })
	// AWS sends a number of seconds, moto a text.
	stamp := regexp.MustCompile(`("LastModified": ?)"[^"]*"`)
	rec.Amend(endsWith("event-invoke-config/list"), func(x *replay.Exchange) { x.Body = stamp.ReplaceAllString(x.Body, `${1}1761998400.0`) })
	// moto puts two conditions of a function URL's permission beside the condition element.
	rec.Amend(func(x replay.Exchange) bool { return strings.Contains(x.Body, `InvokedViaFunctionUrl`) }, func(x *replay.Exchange) {
		x.Body = strings.ReplaceAll(x.Body, `\"InvokedViaFunctionUrl\": true`, `\"Condition\": {\"Bool\": {\"lambda:InvokedViaFunctionUrl\": \"true\"}}`)
		x.Body = strings.ReplaceAll(x.Body, `\"FunctionUrlAuthType\": \"NONE\"`, `\"Condition\": {\"StringEquals\": {\"lambda:FunctionUrlAuthType\": \"NONE\"}}`)
	})
	// Operations moto does not implement, answered as AWS does where there is nothing.
	for _, u := range []struct{ operation, contentType, body string }{
		{"DescribeKinesisStreamingDestination", "application/x-amz-json-1.0", `{"KinesisDataStreamDestinations":[]}`},
		{"ListExports", "application/x-amz-json-1.0", `{"ExportSummaries":[]}`},
		{"DescribeCustomKeyStores", "application/x-amz-json-1.1", `{"CustomKeyStores":[],"Truncated":false}`},
		{"DescribeAccountPolicies", "application/x-amz-json-1.1", `{"accountPolicies":[]}`},
		{"ListSchemas", "application/x-amz-json-1.1", `{"Schemas":[]}`}, // of Glue
		{"DescribeQueryDefinitions", "application/x-amz-json-1.1", `{"queryDefinitions":[]}`},
		{"/v1/registries", "application/json", `{"Registries":[]}`},
		{"/v1/discoverers", "application/json", `{"Discoverers":[]}`},
		{"DescribeServerlessCaches", "text/xml", `<DescribeServerlessCachesResponse xmlns="http://elasticache.amazonaws.com/doc/2015-02-02/"><DescribeServerlessCachesResult><ServerlessCaches/></DescribeServerlessCachesResult></DescribeServerlessCachesResponse>`},
		{"runtime-management-config", "application/json", `{"UpdateRuntimeOn":"Auto","FunctionArn":"arn:aws:lambda:eu-west-1:123456789012:function:x"}`},
	} {
		rec.Amend(func(x replay.Exchange) bool { return x.Status >= 400 && strings.HasSuffix(x.Call, u.operation) }, func(x *replay.Exchange) {
			x.Status, x.Body, x.Header = 200, u.body, map[string]string{"Content-Type": u.contentType}
		})
	}
	rec.Amend(func(x replay.Exchange) bool { return x.Status >= 400 && strings.HasSuffix(x.Call, "/urls") }, func(x *replay.Exchange) {
		x.Status, x.Header, x.Body = 200, map[string]string{"Content-Type": "application/json"}, `{"FunctionUrlConfigs":[]}`
		if strings.Contains(x.Call, "/functions/legacy-export/") {
			x.Body = `{"FunctionUrlConfigs":[{"FunctionUrl":"https://abcdefghijklmnopqrstuvwxyz012345.lambda-url.eu-west-1.on.aws/","FunctionArn":"arn:aws:lambda:eu-west-1:123456789012:function:legacy-export","AuthType":"NONE","CreationTime":"2026-01-01T00:00:00Z","LastModifiedTime":"2026-01-01T00:00:00Z"}]}`
		}
	})
	if f := amendments[name]; f != nil {
		f(t, rec)
	}
	if name != "webshop" {
		return
	}
	// moto does not give back a user's permissions boundary.
	bob := "<UserName>bob</UserName>"
	boundary := "<PermissionsBoundary><PermissionsBoundaryType>Policy</PermissionsBoundaryType><PermissionsBoundaryArn>arn:aws:iam::123456789012:policy/contractor-boundary</PermissionsBoundaryArn></PermissionsBoundary>"
	if n := rec.Amend(func(x replay.Exchange) bool {
		return endsWith("GetAccountAuthorizationDetails")(x) && strings.Contains(x.Body, bob)
	}, func(x *replay.Exchange) { x.Body = strings.Replace(x.Body, bob, bob+boundary, 1) }); n != 1 {
		t.Errorf("the boundary of bob was amended %d times", n)
	}
	// moto loses the EventBridge setting of a bucket's notifications.
	n := rec.Amend(endsWith("GET /shop-invoices-prod?notification"), func(x *replay.Exchange) {
		x.Body = strings.Replace(x.Body, "</NotificationConfiguration>", "<EventBridgeConfiguration></EventBridgeConfiguration></NotificationConfiguration>", 1)
	})
	if n != 1 {
		t.Errorf("the notification of the invoices bucket was amended %d times", n)
	}
}

func endsWith(call string) func(replay.Exchange) bool {
	return func(x replay.Exchange) bool { return strings.HasSuffix(x.Call, call) }
}

// dropUnused takes the policies nobody has out of an authorization answer.
func dropUnused(body string) string {
	head, rest, ok := strings.Cut(body, "<Policies>")
	if !ok {
		return body
	}
	list, tail, _ := strings.Cut(rest, "</Policies>")
	var keep strings.Builder
	for _, m := range policyMembers(list) {
		if !strings.Contains(m, "<AttachmentCount>0</AttachmentCount>") || !strings.Contains(m, "arn:aws:iam::aws:policy/") {
			keep.WriteString(m)
		}
	}
	return head + "<Policies>" + keep.String() + "</Policies>" + tail
}

// policyMembers splits a list of members at its own level.
func policyMembers(list string) []string {
	var out []string
	depth, start := 0, 0
	for i := 0; i < len(list); i++ {
		switch {
		case strings.HasPrefix(list[i:], "<member>"):
			if depth == 0 {
				start = i
			}
			depth++
		case strings.HasPrefix(list[i:], "</member>"):
			if depth--; depth == 0 {
				out = append(out, list[start:i+len("</member>")])
			}
		}
	}
	return out
}

// readLines returns the lines of a file.
func readLines(t testing.TB, path string) []string {
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []string
	for s := bufio.NewScanner(f); s.Scan(); {
		out = append(out, s.Text())
	}
	return out
}

var _ http.Handler = (*replay.Recording)(nil)
