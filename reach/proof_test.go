package reach

import (
	"encoding/json"
	"testing"

	"github.com/flowdeed/flowdeed/reach/proof/verify"
)

func (d *drawn) show() string {
	data, _ := json.MarshalIndent(map[string]any{"who": d.who, "away": d.away, "tags": d.tags, "action": d.action, "resource": d.resource, "identity": raws(d.identity),
		"boundary": raws(d.boundary), "scps": d.scps, "rcps": d.rcps, "bucket": d.bucket, "key": d.key, "keyed": d.keyed, "grants": d.grants, "block": d.block}, "", " ")
	return string(data)
}

func raws(list []string) (out []json.RawMessage) {
	for _, x := range list {
		out = append(out, json.RawMessage(x))
	}
	return out
}

// TestProofsOfDrawnWorlds demands of every answer that lets something through a proof
// that the checker accepts, also after a way through JSON.
func TestProofsOfDrawnWorlds(t *testing.T) {
	n, proven, conditional := 1500, 0, 0
	if testing.Short() {
		n = 500
	}
	failed := 0
	for seed := range uint64(n) {
		d := draw(seed)
		p, ok, err := d.answer(t)
		if !ok {
			continue
		}
		if err == nil {
			err = verify.New(d.inventory()).Check(p)
		}
		if err != nil {
			failed++
			if failed < 4 {
				t.Errorf("seed %d: %v\n%s", seed, err, d.show())
			}
			continue
		}
		proven++
		if p.Answer.Decision == "allowed-if" {
			conditional++
		}
	}
	t.Logf("%d worlds: %d answers proven, %d of them under conditions, %d not", n, proven, conditional, failed)
}
