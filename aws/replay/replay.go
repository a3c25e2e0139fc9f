// Package replay records the HTTP answers of an AWS-compatible endpoint and gives
// them back. A recording is what an endpoint really said, byte for byte, so that the
// whole scan, from signing to decoding, is tested without a server and without a
// network.
package replay

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/klauspost/compress/zstd"
)

// Exchange is one recorded request, by its key, with the answer.
type Exchange struct {
	Key    string            `json:"key"`
	Call   string            `json:"call"` // service, region and operation, for people
	Status int               `json:"status"`
	Header map[string]string `json:"header"`
	Body   string            `json:"body"`
	// Request is what was asked, while recording only: for amending one answer among many.
	Request string `json:"-"`
}

// Recording is a set of exchanges.
type Recording struct {
	mu   sync.Mutex
	byID map[string]Exchange
	// Missed are the calls that were asked and are not in the recording.
	missed map[string]bool
}

// New returns an empty recording.
func New() *Recording { return &Recording{byID: map[string]Exchange{}, missed: map[string]bool{}} }

var credential = regexp.MustCompile(`Credential=([^/]+)/\d+/([^/]+)/([^/]+)/`)

// Call is what a request asks: who, where, which service and operation.
type Call struct{ Key, Caller, Region, Service, Operation string }

// Identify reads a signed request. It consumes the body and puts it back.
func Identify(r *http.Request) (Call, []byte, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return Call{}, nil, err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	c := Call{Operation: r.Method + " " + r.URL.Path}
	if m := credential.FindStringSubmatch(r.Header.Get("Authorization")); m != nil {
		c.Caller, c.Region, c.Service = m[1], m[2], m[3]
	}
	if t := r.Header.Get("X-Amz-Target"); t != "" {
		c.Operation = t[strings.LastIndex(t, ".")+1:]
	} else if strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		for _, p := range strings.Split(string(body), "&") {
			if a, ok := strings.CutPrefix(p, "Action="); ok {
				c.Operation = a
			}
		}
	} else if q := firstFlag(r.URL.RawQuery); q != "" {
		c.Operation += "?" + q
	}
	sum := sha256.Sum256([]byte(strings.Join([]string{c.Caller, c.Region, c.Service, r.Method, accountHost(r.Host), r.URL.Path, r.URL.RawQuery, c.Operation, string(body)}, "\n")))
	c.Key = hex.EncodeToString(sum[:12])
	return c, body, nil
}

// firstFlag is the query parameter that names an S3 sub-resource: ?encryption.
func firstFlag(query string) string {
	first, _, _ := strings.Cut(query, "&")
	name, value, _ := strings.Cut(first, "=")
	if value == "" {
		return name
	}
	return ""
}

// accountHost keeps the account id that some services put before the host name.
func accountHost(host string) string {
	first, _, _ := strings.Cut(host, ".")
	if len(first) == 12 {
		return first
	}
	return ""
}

// Recorder forwards requests to an endpoint and keeps the answers.
func (rec *Recording) Recorder(endpoint string) http.Handler {
	client := &http.Client{}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		call, body, err := Identify(r)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		out, err := http.NewRequestWithContext(r.Context(), r.Method, endpoint+r.URL.RequestURI(), bytes.NewReader(body))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		out.Header = r.Header.Clone()
		if acct := accountHost(r.Host); acct != "" {
			out.Host = acct + "." + out.URL.Host
		}
		resp, err := client.Do(out)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		defer resp.Body.Close()
		answer, err := io.ReadAll(resp.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		x := Exchange{Key: call.Key, Call: call.Service + " " + call.Region + " " + call.Operation, Status: resp.StatusCode, Header: map[string]string{}, Body: string(answer), Request: string(body)}
		for _, h := range []string{"Content-Type", "X-Amzn-Errortype", "X-Amz-Bucket-Region", "X-Amz-Crc32"} {
			if v := resp.Header.Get(h); v != "" {
				x.Header[h] = v
			}
		}
		rec.mu.Lock()
		if _, ok := rec.byID[x.Key]; !ok {
			rec.byID[x.Key] = x
		}
		rec.mu.Unlock()
		write(w, x)
	})
}

func write(w http.ResponseWriter, x Exchange) {
	for k, v := range x.Header {
		w.Header().Set(k, v)
	}
	w.WriteHeader(x.Status)
	io.WriteString(w, x.Body)
}

// ServeHTTP answers from the recording. A call it does not know gets the answer of an
// endpoint that does not implement the operation.
func (rec *Recording) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	call, _, err := Identify(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	rec.mu.Lock()
	x, ok := rec.byID[call.Key]
	if !ok {
		rec.missed[call.Service+" "+call.Region+" "+call.Operation] = true
	}
	rec.mu.Unlock()
	if !ok {
		http.Error(w, "not recorded", http.StatusNotImplemented)
		return
	}
	write(w, x)
}

// Missed lists the calls that were asked and not recorded, sorted.
func (rec *Recording) Missed() []string {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	return slices.Sorted(maps.Keys(rec.missed))
}

// Amend changes the recorded answers of every call that matches, for what an
// emulator answers otherwise than AWS. It returns how many answers changed.
func (rec *Recording) Amend(match func(Exchange) bool, change func(*Exchange)) int {
	n := 0
	for _, k := range slices.Sorted(maps.Keys(rec.byID)) {
		if x := rec.byID[k]; match(x) {
			change(&x)
			rec.byID[k] = x
			n++
		}
	}
	return n
}

// Save writes the recording, sorted, as compressed JSON lines.
func (rec *Recording) Save(path string) error {
	var b bytes.Buffer
	for _, k := range slices.Sorted(maps.Keys(rec.byID)) {
		line, err := json.Marshal(rec.byID[k])
		if err != nil {
			return err
		}
		b.Write(append(line, '\n'))
	}
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedBestCompression), zstd.WithEncoderConcurrency(1))
	if err != nil {
		return err
	}
	defer enc.Close()
	return os.WriteFile(path, enc.EncodeAll(b.Bytes(), nil), 0o644)
}

// Load reads a recording.
func Load(path string) (*Recording, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	dec, err := zstd.NewReader(f)
	if err != nil {
		return nil, err
	}
	defer dec.Close()
	rec := New()
	in := bufio.NewScanner(dec)
	in.Buffer(nil, 64<<20)
	for in.Scan() {
		var x Exchange
		if err := json.Unmarshal(in.Bytes(), &x); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		rec.byID[x.Key] = x
	}
	return rec, in.Err()
}
