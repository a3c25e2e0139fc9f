package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/flowdeed/flowdeed/aws/replay"
)

// command runs this program as a process of its own in an empty folder.
func command(t *testing.T, args ...string) (*exec.Cmd, *bytes.Buffer) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	// The test program is the command when it is called by that name.
	link := filepath.Join(t.TempDir(), "flowdeed")
	if err := os.Symlink(self, link); err != nil {
		t.Skipf("no links here: %v", err)
	}
	c := exec.Command(link, args...)
	c.Dir = t.TempDir()
	var out bytes.Buffer
	c.Stdout, c.Stderr = &out, &out
	return c, &out
}

func files(t *testing.T, dir string) []string {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range list {
		out = append(out, e.Name())
	}
	return out
}

// TestInterruptedScan sends the signal of Ctrl-C after some calls: the scan says so,
// ends with status 2 and leaves no file.
func TestInterruptedScan(t *testing.T) {
	credentials(t)
	rec, err := replay.Load(webshopRecording)
	if err != nil {
		t.Fatal(err)
	}
	for _, after := range []string{"ListFunctions", "GetCallerIdentity"} {
		reached := make(chan struct{}, 1000)
		release := make(chan struct{})
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			call, _, err := replay.Identify(r)
			if err == nil && (call.Operation == after || strings.Contains(call.Operation, "/functions")) {
				reached <- struct{}{}
				select {
				case <-r.Context().Done():
				case <-release:
				}
				return
			}
			rec.ServeHTTP(w, r)
		}))
		c, out := command(t, "scan", "--regions", "eu-west-1", "--endpoint-url", srv.URL)
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		<-reached
		if err := c.Process.Signal(syscall.SIGINT); err != nil {
			t.Fatal(err)
		}
		c.Wait()
		close(release)
		srv.Close()
		if got := c.ProcessState.ExitCode(); got != statusError {
			t.Errorf("at %s: status %d, want %d", after, got, statusError)
		}
		if !strings.Contains(out.String(), "interrupted") || !strings.Contains(out.String(), "next: run the command again") {
			t.Errorf("at %s: said %q", after, out)
		}
		if left := files(t, c.Dir); len(left) > 0 {
			t.Errorf("at %s: left behind: %v", after, left)
		}
	}
}

// TestFullDisk writes where no more than some blocks fit.
func TestFullDisk(t *testing.T) {
	shell, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("no bash to limit the size of files")
	}
	snapshot, err := filepath.Abs("../../examples/webshop/flowdeed.snapshot")
	if err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"report", snapshot}, {"map", "--format", "json", "--output", "map.json", snapshot}} {
		c, out := command(t, args...)
		limited := exec.Command(shell, append([]string{"-c", `trap "" XFSZ; ulimit -f 16; exec "$0" "$@"`, c.Path}, args...)...)
		limited.Dir, limited.Stdout, limited.Stderr = c.Dir, out, out
		limited.Run()
		if got := limited.ProcessState.ExitCode(); got != statusError {
			t.Errorf("%s: status %d, want %d", args[0], got, statusError)
		}
		if !strings.Contains(out.String(), "cannot write") || !strings.Contains(out.String(), "nothing was left behind") {
			t.Errorf("%s: said %q", args[0], out)
		}
		if left := files(t, c.Dir); len(left) > 0 {
			t.Errorf("%s: left behind: %v", args[0], left)
		}
	}
}
