package aws

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"time"

	"github.com/klauspost/compress/zstd"
)

// SnapshotFormat is the version of the snapshot file this release writes. It reads
// this version and refuses newer ones.
const SnapshotFormat = 1

// Snapshot is one scan: every call with its outcome and answer.
//
// The file is a row of zstd frames, readable without this tool
// (zstd -dc file | jq): the run, one frame a shard with one line a call sorted by
// operation and subject, the times of the calls, and a skippable frame with an index
// of the shards and their hashes.
type Snapshot struct {
	Run    Run
	Shards []Shard // sorted by account, region, service
}

// Run says who asked whom, when and with what.
type Run struct {
	Format   int        `json:"format"`
	Tool     string     `json:"tool"`
	Callers  []Identity `json:"callers"`
	Regions  []string   `json:"regions"`
	Endpoint string     `json:"endpoint,omitempty"` // set when it was not AWS itself
	Started  time.Time  `json:"started"`
	Finished time.Time  `json:"finished"`
	Requests int        `json:"requests"`
	// Incomplete is set when the scan was interrupted.
	Incomplete string `json:"incomplete,omitempty"`
}

// Identity is who the scan was in one account.
type Identity struct {
	Account string `json:"account"`
	ARN     string `json:"arn"`
	Error   string `json:"error,omitempty"`
}

// Shard holds the answers of one service in one account and region.
type Shard struct {
	Account string
	Region  string // "global" for global services
	Service string
	Answers []Answer
}

type shardInfo struct {
	Account string `json:"account"`
	Region  string `json:"region"`
	Service string `json:"service"`
	Lines   int    `json:"lines"`
	SHA256  string `json:"sha256"` // of the uncompressed lines
}

func (s *Shard) sort() {
	slices.SortFunc(s.Answers, func(a, b Answer) int {
		return cmp.Or(cmp.Compare(a.Operation, b.Operation), cmp.Compare(a.Subject, b.Subject))
	})
}

func (s *Snapshot) sort() {
	slices.SortFunc(s.Shards, func(a, b Shard) int {
		return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.Region, b.Region), cmp.Compare(a.Service, b.Service))
	})
	for i := range s.Shards {
		s.Shards[i].sort()
	}
}

// lines prints the shard's answers as JSON lines.
func (s *Shard) lines() []byte {
	var b bytes.Buffer
	for _, a := range s.Answers {
		line, err := json.Marshal(a)
		if err != nil {
			panic("aws: answer cannot be printed: " + err.Error()) // Value is canonical JSON
		}
		b.Write(line)
		b.WriteByte('\n')
	}
	return b.Bytes()
}

// Hash identifies what was seen: the SHA-256 over the content hashes of the shards.
// Times and the compression do not enter it.
func (s *Snapshot) Hash() string {
	h := sha256.New()
	for i := range s.Shards {
		sum := sha256.Sum256(s.Shards[i].lines())
		fmt.Fprintf(h, "%s %s %s %x\n", s.Shards[i].Account, s.Shards[i].Region, s.Shards[i].Service, sum)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// skippableMagic starts a frame that every zstd decoder passes over.
const skippableMagic = 0x184D2A5F

// Write prints the snapshot in its file format.
func (s *Snapshot) Write(w io.Writer) error {
	s.sort()
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1))
	if err != nil {
		return err
	}
	defer enc.Close()
	run, err := json.Marshal(s.Run)
	if err != nil {
		return err
	}
	frames := [][]byte{append(run, '\n')}
	var infos []shardInfo
	times := [][]time.Time{}
	for i := range s.Shards {
		sh := &s.Shards[i]
		lines := sh.lines()
		sum := sha256.Sum256(lines)
		infos = append(infos, shardInfo{sh.Account, sh.Region, sh.Service, len(sh.Answers), hex.EncodeToString(sum[:])})
		frames = append(frames, lines)
		var t []time.Time
		for _, a := range sh.Answers {
			t = append(t, a.Time)
		}
		times = append(times, t)
	}
	t, err := json.Marshal(times)
	if err != nil {
		return err
	}
	frames = append(frames, append(t, '\n'))
	infos = append(infos, sealOf(infos))
	for _, f := range frames {
		if _, err := w.Write(enc.EncodeAll(f, nil)); err != nil {
			return err
		}
	}
	return writeIndex(w, infos)
}

// sealOf is the last line of the index: the hash of the lines before it, which name
// the shards. The content of the frames has checksums of its own.
func sealOf(infos []shardInfo) shardInfo {
	h := sha256.New()
	for _, x := range infos {
		fmt.Fprintf(h, "%s %s %s %d %s\n", x.Account, x.Region, x.Service, x.Lines, x.SHA256)
	}
	return shardInfo{SHA256: hex.EncodeToString(h.Sum(nil))}
}

// unseal checks the last line of an index and takes it off. Files of the first
// releases have none.
func unseal(infos []shardInfo) ([]shardInfo, error) {
	n := len(infos) - 1
	if n < 0 || infos[n].Service != "" {
		return infos, nil
	}
	if infos[n] != sealOf(infos[:n]) {
		return nil, fmt.Errorf("%w: its index does not fit", ErrAltered)
	}
	return infos[:n], nil
}

func writeIndex(w io.Writer, infos []shardInfo) error {
	index, err := json.Marshal(infos)
	if err != nil {
		return err
	}
	head := binary.LittleEndian.AppendUint32(nil, skippableMagic)
	head = binary.LittleEndian.AppendUint32(head, uint32(len(index)))
	// The length stands at the end too, so that a reader finds the index from there.
	tail := binary.LittleEndian.AppendUint32(nil, uint32(len(index)))
	for _, b := range [][]byte{head, index, binary.LittleEndian.AppendUint32(nil, skippableMagic), binary.LittleEndian.AppendUint32(nil, 4), tail} {
		if _, err := w.Write(b); err != nil {
			return err
		}
	}
	return nil
}

// Errors of reading, for the command to turn into advice.
var (
	ErrNotSnapshot = errors.New("not a flowdeed snapshot")
	ErrTruncated   = errors.New("the snapshot is cut off")
	ErrNewer       = errors.New("the snapshot was written by a newer flowdeed")
	ErrAltered     = errors.New("the snapshot was changed after it was written")
)

// ReadFile reads a snapshot file and checks every shard's hash.
func ReadFile(path string) (*Snapshot, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		var pe *fs.PathError
		if errors.As(err, &pe) {
			return nil, fmt.Errorf("%s: %w", path, pe.Err)
		}
		return nil, err
	}
	s, err := Read(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return s, nil
}

// Read decodes a snapshot file.
func Read(b []byte) (*Snapshot, error) {
	if len(b) < 4 || binary.LittleEndian.Uint32(b) != 0xFD2FB528 {
		return nil, ErrNotSnapshot
	}
	infos, body, err := readIndex(b)
	if err != nil {
		return nil, err
	}
	dec, err := zstd.NewReader(nil, zstd.WithDecoderMaxMemory(8<<30))
	if err != nil {
		return nil, err
	}
	defer dec.Close()
	text, err := dec.DecodeAll(body, nil)
	if err != nil {
		// The end of the file is there, so that nothing is cut off.
		return nil, fmt.Errorf("%w (%v)", ErrAltered, err)
	}
	return parse(text, infos)
}

func readIndex(b []byte) ([]shardInfo, []byte, error) {
	if len(b) < 24 || binary.LittleEndian.Uint32(b[len(b)-12:]) != skippableMagic {
		return nil, nil, ErrTruncated
	}
	n := int(binary.LittleEndian.Uint32(b[len(b)-4:]))
	start := len(b) - 12 - n
	if n < 0 || start < 8 || binary.LittleEndian.Uint32(b[start-8:]) != skippableMagic {
		return nil, nil, ErrTruncated
	}
	if int(binary.LittleEndian.Uint32(b[start-4:])) != n || binary.LittleEndian.Uint32(b[len(b)-8:]) != 4 {
		return nil, nil, fmt.Errorf("%w: its index does not fit", ErrAltered)
	}
	var infos []shardInfo
	if err := json.Unmarshal(b[start:start+n], &infos); err != nil {
		return nil, nil, fmt.Errorf("%w (index: %v)", ErrAltered, err)
	}
	if again, err := json.Marshal(infos); err != nil || !bytes.Equal(again, b[start:start+n]) {
		return nil, nil, fmt.Errorf("%w: its index does not fit", ErrAltered)
	}
	infos, err := unseal(infos)
	return infos, b[:start-8], err
}

func parse(text []byte, infos []shardInfo) (*Snapshot, error) {
	s := &Snapshot{}
	line, rest, ok := bytes.Cut(text, []byte("\n"))
	if !ok || json.Unmarshal(line, &s.Run) != nil || s.Run.Format == 0 {
		return nil, ErrNotSnapshot
	}
	if s.Run.Format > SnapshotFormat {
		return nil, fmt.Errorf("%w: format %d, this release reads up to %d", ErrNewer, s.Run.Format, SnapshotFormat)
	}
	for _, info := range infos {
		sh := Shard{Account: info.Account, Region: info.Region, Service: info.Service, Answers: make([]Answer, info.Lines)}
		start := len(text) - len(rest)
		for i := range info.Lines {
			line, after, ok := bytes.Cut(rest, []byte("\n"))
			if !ok {
				return nil, fmt.Errorf("%w: %s %s has fewer lines than its index says", ErrAltered, info.Region, info.Service)
			}
			if err := json.Unmarshal(line, &sh.Answers[i]); err != nil {
				return nil, fmt.Errorf("%w: %s %s line %d: %v", ErrAltered, info.Region, info.Service, i+1, err)
			}
			rest = after
		}
		sum := sha256.Sum256(text[start : len(text)-len(rest)])
		if hex.EncodeToString(sum[:]) != info.SHA256 {
			return nil, fmt.Errorf("%w: shard %s %s %s", ErrAltered, info.Account, info.Region, info.Service)
		}
		s.Shards = append(s.Shards, sh)
	}
	return s, s.readTimes(rest)
}

func (s *Snapshot) readTimes(rest []byte) error {
	var times [][]time.Time
	if err := json.Unmarshal(rest, &times); err != nil || len(times) != len(s.Shards) {
		return fmt.Errorf("%w: the times of the calls do not fit", ErrAltered)
	}
	for i := range s.Shards {
		for j := range min(len(times[i]), len(s.Shards[i].Answers)) {
			s.Shards[i].Answers[j].Time = times[i][j]
		}
	}
	return nil
}
