package iam

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Index answers the questions of World.Decide for all holders and assets at once. It
// is made once and then only read; any number of questions may share it.
//
// It rests on three observations. An answer hangs on the statements that apply, on who
// is admitted how, and on the few condition keys those statements name; the names of
// holder and asset do not matter beyond that. Most holders differ only by statements
// about a few assets each. And most assets are named by nobody. So holders are put into
// groups and assets into classes whose members no broad statement tells apart, one
// answer serves a group and a class, and the pairs that a narrow statement names are
// asked one by one.
type Index struct {
	w                     *World
	fewAssets, fewHolders int

	actions  map[string]int // bit of an action
	byBit    []actionPattern
	kinds    map[string]*kindInfo // by assetKind
	shapes   table
	patterns []*indexPattern
	byText   map[string]int32 // pattern by text

	statements map[statementUse]*indexStatement
	holders    []*indexHolder
	groups     []*indexGroup
	byAccount  map[string][]int32 // groups
	scps       map[string][]indexLevel

	assets  []*indexAsset
	at      map[*Asset]int32
	classes []*indexClass

	named   map[string][]int32 // holders by the name a policy calls them
	byAsset map[int32][]int32  // holders with narrow statements about an asset
	byKey   map[int32][]int32  // holders with narrow statements about a key
	tagKeys []string           // keys of asset tags that statements of holders name
}

// kindInfo is what is asked about the assets of a kind.
type kindInfo struct {
	name      string
	questions []indexQuestion
	suffixes  []string
	mask      actionSet
}

// indexQuestion is one data action; of a key also what other assets ask it for.
type indexQuestion struct {
	DataAction
	bit        int
	suffix     int
	key        []int // bits of what the key is asked for
	special    bool  // rules of its own decide about this action
	class      int32 // number of the actions that are alike otherwise
	noResource bool
	hidden     bool // asked for other assets only
}

// actionSet is a set of actions by their bit.
type actionSet [4]uint64

func (s *actionSet) add(bit int)      { s[bit>>6] |= 1 << (bit & 63) }
func (s *actionSet) has(bit int) bool { return s[bit>>6]&(1<<(bit&63)) != 0 }

func (s *actionSet) meets(o *actionSet) bool {
	return s[0]&o[0]|s[1]&o[1]|s[2]&o[2]|s[3]&o[3] != 0
}

// table numbers texts from 1.
type table map[string]int32

func (t table) number(text string) int32 {
	n, ok := t[text]
	if !ok {
		n = int32(len(t) + 1)
		t[text] = n
	}
	return n
}

// keyUses are the uses of a key that keyActions names.
var keyUses = []DataAction{{Decrypt, "kms:Decrypt", ""}, {Decrypt, "kms:GenerateDataKey", ""}, {Decrypt, "kms:Encrypt", ""}}

// NewIndex compiles a world.
func NewIndex(w *World) *Index { return newIndex(w, fewAssets, fewHolders) }

func newIndex(w *World, fewAssets, fewHolders int) *Index {
	ix := &Index{w: w, fewAssets: fewAssets, fewHolders: fewHolders, actions: map[string]int{}, kinds: map[string]*kindInfo{}, shapes: table{}, byText: map[string]int32{},
		statements: map[statementUse]*indexStatement{}, byAccount: map[string][]int32{}, scps: map[string][]indexLevel{},
		at: map[*Asset]int32{}, named: map[string][]int32{}, byAsset: map[int32][]int32{}, byKey: map[int32][]int32{}}
	ix.listQuestions()
	ix.pattern(pattern([]byte{anyRun}), false) // number 0 is "*"
	for i, h := range w.Holders {
		ix.addHolder(int32(i), h)
	}
	for i, a := range w.Assets {
		ix.addAsset(int32(i), a)
	}
	ix.findKeys()
	ix.spread()
	ix.classify()
	ix.group()
	return ix
}

// listQuestions numbers the actions on the kinds of assets there are.
func (ix *Index) listQuestions() {
	kinds := map[string]bool{"kms key": true}
	for _, a := range ix.w.Assets {
		kinds[assetKind(a.ARN)] = true
	}
	for _, name := range slices.Sorted(maps.Keys(kinds)) {
		k := &kindInfo{name: name}
		list := dataActions[name]
		if name == "kms key" {
			list = append(slices.Clone(list), keyUses...)
		}
		for i, d := range list {
			q := indexQuestion{DataAction: d, bit: ix.action(d.Action), noResource: ix.w.actionData().WithoutResource(d.Action), hidden: i >= len(dataActions[name])}
			if q.suffix = slices.Index(k.suffixes, d.Suffix); q.suffix < 0 {
				q.suffix = len(k.suffixes)
				k.suffixes = append(k.suffixes, d.Suffix)
			}
			for _, use := range keyActions[d.Action] {
				q.key = append(q.key, ix.action(use))
			}
			service, _, _ := strings.Cut(d.Action, ":")
			q.special = service == "iam" || service == "sts" || containsFold(policyRescue, d.Action)
			q.class = ix.shapes.number(fmt.Sprintf("action %s %v %v", service, q.key, q.noResource))
			k.mask.add(q.bit)
			k.questions = append(k.questions, q)
		}
		ix.kinds[name] = k
	}
}

func (ix *Index) action(name string) int {
	bit, ok := ix.actions[name]
	if !ok {
		bit = len(ix.actions)
		if bit >= len(actionSet{})*64 {
			panic("more actions on data than an action set holds") // the list is ours; a test compiles all of it
		}
		ix.actions[name] = bit
		ix.byBit = append(ix.byBit, compileAction(name))
	}
	return bit
}

// question finds the question by which a key is asked for a use.
func (k *kindInfo) question(bit int) *indexQuestion {
	for i := range k.questions {
		if k.questions[i].bit == bit {
			return &k.questions[i]
		}
	}
	return nil
}

// ownKey tells condition keys, in lower case, whose value differs between holders that
// are alike otherwise.
func ownKey(key string) bool {
	return key == "aws:principalarn" || key == "aws:username" || strings.HasPrefix(key, "aws:principaltag/")
}

// tagKey tells condition keys, in lower case, whose value differs between assets that
// are alike otherwise.
func tagKey(key string) bool {
	return strings.Contains(key, ":resourcetag/") || strings.HasPrefix(key, "s3:buckettag/")
}
