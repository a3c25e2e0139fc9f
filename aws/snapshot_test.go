package aws_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/flowdeed/flowdeed/aws"
)

// smallSnapshot is one with two shards and an empty one.
func smallSnapshot() *aws.Snapshot {
	at := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	s := &aws.Snapshot{Run: aws.Run{Format: aws.SnapshotFormat, Tool: "flowdeed test", Callers: []aws.Identity{{Account: homeAccount, ARN: "arn:aws:iam::111111111111:user/a"}}, Regions: []string{homeRegion}, Started: at, Finished: at, Requests: 3}}
	s.Shards = []aws.Shard{
		answersOf("sqs", said("sqs:ListQueues", "", `{"QueueUrls":["https://sqs.eu-west-1.amazonaws.com/111111111111/q"]}`), refusedCall("sqs:GetQueueAttributes", "q")),
		answersOf("kms", said("kms:ListKeys", "", `{}`)),
		answersOf("sns"),
	}
	s.Shards[2].Answers = []aws.Answer{}
	for i := range s.Shards {
		for j := range s.Shards[i].Answers {
			s.Shards[i].Answers[j].Time = at.Add(time.Duration(i+j) * time.Second)
		}
	}
	return s
}

func written(t *testing.T, s *aws.Snapshot) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := s.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestSnapshotRoundTrip(t *testing.T) {
	s := smallSnapshot()
	b := written(t, s)
	got, err := aws.Read(b)
	if err != nil {
		t.Fatal(err)
	}
	want, _ := json.Marshal(s)
	have, _ := json.Marshal(got)
	if !bytes.Equal(want, have) || got.Hash() != s.Hash() {
		t.Errorf("read back\n%s\nwant\n%s", have, want)
	}
	if !got.Shards[2].Answers[0].Time.Equal(s.Shards[2].Answers[0].Time) {
		t.Error("the times of the calls are lost")
	}
	if !bytes.Equal(b, written(t, got)) {
		t.Error("written again, the bytes differ")
	}
	// Without this tool: any zstd decoder reads the lines.
	dec, err := zstd.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	defer dec.Close()
	var text bytes.Buffer
	if _, err := text.ReadFrom(dec); err != nil || !strings.Contains(text.String(), "sqs:ListQueues") {
		t.Errorf("a plain decoder reads %q, %v", text.String(), err)
	}
}

// TestSnapshotCutAnywhere: a file cut at any byte is refused, and never half read.
func TestSnapshotCutAnywhere(t *testing.T) {
	b := written(t, smallSnapshot())
	for n := range len(b) {
		_, err := aws.Read(b[:n])
		if !errors.Is(err, aws.ErrTruncated) && !errors.Is(err, aws.ErrNotSnapshot) && !errors.Is(err, aws.ErrAltered) {
			t.Fatalf("cut after %d of %d bytes: %v", n, len(b), err)
		}
		if n > 24 && !errors.Is(err, aws.ErrTruncated) {
			t.Errorf("cut after %d bytes: %v, want that it is cut off", n, err)
		}
	}
}

// TestSnapshotChangedAnywhere: a changed bit in any byte is noticed, unless it is one
// of the compression that changes nothing of the content.
func TestSnapshotChangedAnywhere(t *testing.T) {
	b := written(t, smallSnapshot())
	want, _ := aws.Read(b)
	harmless := 0
	for i := range b {
		c := bytes.Clone(b)
		c[i] ^= 0x01
		got, err := aws.Read(c)
		if err == nil && bytes.Equal(written(t, got), written(t, want)) {
			harmless++
			continue
		}
		if err == nil {
			t.Errorf("byte %d of %d changed from %q to %q: read without an error", i, len(b), b[i], c[i])
		}
	}
	if harmless > 8 {
		t.Errorf("%d changed bytes made no difference, want a header byte a frame at most", harmless)
	}
}

func TestSnapshotRefused(t *testing.T) {
	newer := smallSnapshot()
	newer.Run.Format = aws.SnapshotFormat + 1
	swapped := bytes.Replace(written(t, smallSnapshot()), []byte(`"region":"eu-west-1"`), []byte(`"region":"us-west-1"`), 1)
	for name, x := range map[string]struct {
		bytes []byte
		want  error
	}{
		"empty":           {nil, aws.ErrNotSnapshot},
		"text":            {[]byte("hello, this is a text file of some length"), aws.ErrNotSnapshot},
		"JSON":            {[]byte(`{"run":{}}`), aws.ErrNotSnapshot},
		"another archive": {zstdOf(t, "some other content\n"), aws.ErrTruncated},
		"newer":           {written(t, newer), aws.ErrNewer},
		"another region":  {swapped, aws.ErrAltered},
		"two in one file": {append(written(t, smallSnapshot()), written(t, smallSnapshot())...), aws.ErrAltered},
	} {
		path := filepath.Join(t.TempDir(), "flowdeed.snapshot")
		if err := os.WriteFile(path, x.bytes, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := aws.ReadFile(path)
		if !errors.Is(err, x.want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v, want %v and the path", name, err, x.want)
		}
	}
	if _, err := aws.ReadFile(filepath.Join(t.TempDir(), "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing file: %v", err)
	}
}

func zstdOf(t *testing.T, s string) []byte {
	enc, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer enc.Close()
	return enc.EncodeAll([]byte(s), nil)
}

// FuzzRead: no file crashes the reader.
func FuzzRead(f *testing.F) {
	var b bytes.Buffer
	if err := smallSnapshot().Write(&b); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add(b.Bytes()[:40])
	f.Add([]byte{0x28, 0xB5, 0x2F, 0xFD})
	f.Fuzz(func(t *testing.T, in []byte) {
		s, err := aws.Read(in)
		if (s == nil) == (err == nil) {
			t.Errorf("snapshot %v with error %v", s, err)
		}
	})
}
