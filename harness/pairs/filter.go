package pairs

import (
	"context"
	"crypto/sha1"
	"crypto/sha256"
	_ "embed"
	"encoding/binary"
	"fmt"
	"math"
	"math/bits"
	"slices"
	"strings"
	"unicode"

	"github.com/zeebo/xxh3"
	"golang.org/x/sync/errgroup"

	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/harness/codeflow"
	"github.com/assay-dev/assay/harness/guestcall"
	"github.com/assay-dev/assay/internal/value"
	"github.com/assay-dev/assay/runtimes"
	"github.com/assay-dev/assay/trainer/mask"
)

// filter says of each pair of a batch whether it is dropped.
type filter struct {
	name string
	drop func(ctx context.Context, batch []*candidate) ([]bool, error)
}

// filters are the paper's in its order. Near-duplicates, which it doesn't name,
// go before the judge model, which is paid by the pair.
func (m *making) filters() []filter {
	out := []filter{
		{OnlyComments, each(func(c *candidate) (bool, error) { return c.onlyComments(), nil })},
		{ManyLines, each(func(c *candidate) (bool, error) { return len(c.minus) > m.MaxLines, nil })},
		{ManyTokens, each(m.manyTokens)},
		{EqualTrees, m.equalTrees},
	}
	if !m.KeepSimilar {
		out = append(out, filter{Similar, each(newIndex().known)})
	}
	if m.Judge != nil {
		out = append(out, filter{Surface, m.surface})
	}
	return out
}

func each(drop func(*candidate) (bool, error)) func(context.Context, []*candidate) ([]bool, error) {
	return func(_ context.Context, batch []*candidate) ([]bool, error) {
		out := make([]bool, len(batch))
		for i, c := range batch {
			var err error
			if out[i], err = drop(c); err != nil {
				return nil, fmt.Errorf("pair %s: %w", c.ID, err)
			}
		}
		return out, nil
	}
}

// onlyComments: there are comments in D⁻ and nothing else but blank lines. An
// empty D⁻ holds no comment; what becomes of it is the trainer's choice.
func (c *candidate) onlyComments() bool {
	if c.language != nil {
		return c.language.OnlyComments(c.rejected, c.minusAt)
	}
	return onlyComments(c.minus)
}

func onlyComments(minus []string) bool {
	comments := 0
	for _, line := range minus {
		switch line = strings.TrimSpace(line); {
		case strings.HasPrefix(line, "#"):
			comments++
		case line != "":
			return false
		}
	}
	return comments > 0
}

func (m *making) manyTokens(c *candidate) (bool, error) {
	for _, program := range []string{c.chosen, c.rejected} {
		if over, err := m.Tokens.Exceeds(program, m.MaxTokens); over || err != nil {
			return over, err
		}
	}
	return false, nil
}

//go:embed same.py
var samePy string

// same compares two programs; usual ones take a thousandth of the fuel.
var same = guestcall.Func{
	Source: samePy, Name: "same", Easy: value.Tuple{value.Str(""), value.Str("")},
	Limits: runtimes.Limits{CallFuel: 20e9, MemoryBytes: 1 << 30},
}

// equalTrees has CPython's own ast compare Python in the guest, several instances
// at once, and tree-sitter other languages.
func (m *making) equalTrees(ctx context.Context, batch []*candidate) ([]bool, error) {
	equal, known := make([]bool, len(batch)), make([]bool, len(batch))
	g, ctx := errgroup.WithContext(ctx)
	share := (len(batch) + m.Workers - 1) / m.Workers
	for at := 0; at < len(batch); at += share {
		end := min(at+share, len(batch))
		g.Go(func() error { return m.compare(ctx, batch[at:end], equal[at:end], known[at:end]) })
	}
	if err := g.Wait(); err != nil {
		return nil, fmt.Errorf("comparing syntax trees: %w", err)
	}
	for _, ok := range known {
		if !ok {
			m.counts.Uncompared++
		}
	}
	return equal, nil
}

func (m *making) compare(ctx context.Context, part []*candidate, equal, known []bool) error {
	var args []value.Tuple
	var of []int
	for i, c := range part {
		if c.language != nil {
			equal[i], known[i] = c.language.Equal(c.rejected, c.chosen)
			continue
		}
		args, of = append(args, value.Tuple{value.Str(c.rejected), value.Str(c.chosen)}), append(of, i)
	}
	if len(args) == 0 {
		return ctx.Err()
	}
	results, err := same.Each(ctx, m.Runtime, args)
	for k, r := range results {
		is, ok := r.Value.(value.Bool)
		equal[of[k]], known[of[k]] = bool(is), ok
	}
	return err
}

// Near-duplicates are told as BigCode tells them for The Stack and StarCoder
// (bigcode-dataset, near_deduplication): MinHash over sets of five words, 25
// bands of 10 values, which is best for a Jaccard similarity of 0.7. Documents
// that have a band in common are near-duplicates; the first one is kept.
const (
	shingleWords = 5
	bands        = 25
	bandRows     = 10
)

// prime is 2⁶¹ - 1: permutations are (a·h + b) mod prime, of h below 2³².
const prime = 1<<61 - 1

// permutations are the same in every run.
var permutations = func() (out [bands * bandRows][2]uint64) {
	for i := range out {
		sum := sha256.Sum256(fmt.Appendf(nil, "assay/minhash/1/%d", i))
		out[i][0] = 1 + binary.BigEndian.Uint64(sum[:8])%(prime-1)
		out[i][1] = binary.BigEndian.Uint64(sum[8:16]) % prime
	}
	return out
}()

// index knows the bands of the pairs that went by: a hash of each.
type index struct {
	seen [bands]map[uint64]struct{}
}

func newIndex() *index {
	x := &index{}
	for i := range x.seen {
		x.seen[i] = map[uint64]struct{}{}
	}
	return x
}

// known says whether a pair is like one that went by and was not.
func (x *index) known(c *candidate) (bool, error) {
	keys := bandKeys(shingles(c.rejected, c.chosen))
	for i, key := range keys {
		if _, there := x.seen[i][key]; there {
			return true, nil
		}
	}
	for i, key := range keys {
		x.seen[i][key] = struct{}{}
	}
	return false, nil
}

func bandKeys(set map[uint32]struct{}) (keys [bands]uint64) {
	var least [bands * bandRows]uint32
	for i, p := range permutations {
		least[i] = math.MaxUint32
		for h := range set {
			least[i] = min(least[i], permuted(p, h))
		}
	}
	var band [4 * bandRows]byte
	for i := range keys {
		for k := range bandRows {
			binary.BigEndian.PutUint32(band[4*k:], least[i*bandRows+k])
		}
		keys[i] = xxh3.Hash(band[:])
	}
	return keys
}

func permuted(p [2]uint64, h uint32) uint32 {
	hi, lo := bits.Mul64(p[0], uint64(h))
	lo, carry := bits.Add64(lo, p[1], 0)
	hi += carry
	v := lo&prime + (lo>>61 | hi<<3)
	v = v&prime + v>>61
	if v >= prime {
		v -= prime
	}
	return uint32(v)
}

// shingles are hashes of the runs of words of each text.
func shingles(texts ...string) map[uint32]struct{} {
	out := map[uint32]struct{}{}
	for _, text := range texts {
		words := strings.FieldsFunc(text, func(r rune) bool { return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) })
		for at := 0; at == 0 || at+shingleWords <= len(words); at++ {
			run := words[at:min(at+shingleWords, len(words))]
			sum := sha1.Sum([]byte(strings.Join(run, " ")))
			out[binary.LittleEndian.Uint32(sum[:4])] = struct{}{}
		}
	}
	return out
}

// Pick says which earlier version of a trace is dispreferred.
type Pick string

const (
	Random  Pick = "random"  // by the seed and the trace's name: the paper's, and the default
	First   Pick = "first"   // what was written before any feedback
	Last    Pick = "last"    // the one before the version that passed
	Closest Pick = "closest" // fewest lines changed; of equals the last
)

// Picks are all of them.
var Picks = []string{string(Random), string(First), string(Last), string(Closest)}

// Check says whether p is one of Picks.
func (p Pick) Check() error {
	if !slices.Contains(Picks, string(p)) {
		return fmt.Errorf("no earlier version is called %q: there are random, first, last and closest", p)
	}
	return nil
}

// earlier are the versions on the way to the last one that were wrong: the
// chosen step of each iteration before it, where it has a program.
func earlier(t *codeflow.Trace) []*codeflow.Step {
	last := t.Last()
	var out []*codeflow.Step
	for i := range t.Steps {
		s := &t.Steps[i]
		wrong := s.Verdict != harness.Pass && s.Verdict != harness.InfraError
		if s.Chosen && s.Iteration < last.Iteration && s.Program != "" && wrong {
			out = append(out, s)
		}
	}
	return out
}

// wrongHeldOut says whether a version that passed is known to be wrong: it fails
// the tests that the model didn't see.
func wrongHeldOut(s *codeflow.Step) bool {
	return s.HeldOut != "" && s.HeldOut != harness.Pass && s.HeldOut != harness.InfraError
}

// of takes one of the versions; there is at least one.
func (p Pick) of(versions []*codeflow.Step, chosen, id string, seed uint64) *codeflow.Step {
	switch p {
	case First:
		return versions[0]
	case Last:
		return versions[len(versions)-1]
	case Closest:
		return closest(versions, chosen)
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "rejected/%d/%s", seed, id))
	return versions[binary.BigEndian.Uint64(sum[:])%uint64(len(versions))]
}

func closest(versions []*codeflow.Step, chosen string) *codeflow.Step {
	best, fewest := versions[0], math.MaxInt
	for _, v := range versions {
		if n := changed(v.Program, chosen); n <= fewest {
			best, fewest = v, n
		}
	}
	return best
}

// tooMany is the number of changed lines where texts differ in too much to be
// compared.
const tooMany = math.MaxInt

// changed counts the lines of both that are not in the other.
func changed(rejected, chosen string) int {
	minus, plus, err := mask.Diff(rejected, chosen, mask.Lines)
	if err != nil {
		return tooMany
	}
	return len(within(rejected, minus)) + len(within(chosen, plus))
}

// within are the lines of text that spans take.
func within(text string, spans []mask.Span) []string {
	var out []string
	for _, s := range spans {
		part := text[s.Start:s.End]
		for _, line := range mask.Lines(part) {
			out = append(out, part[line.Start:line.End])
		}
	}
	return out
}

// Filters by name, in their order.
const (
	OnlyComments = "only_comments"
	ManyLines    = "many_lines"
	ManyTokens   = "many_tokens"
	EqualTrees   = "equal_trees"
	Similar      = "near_duplicates"
	Surface      = "judge_model"
)

// Counts say what became of the traces.
type Counts struct {
	Traces    int `json:"traces"`             // read
	Dropped   int `json:"dropped"`            // by codeflow: they never passed, or their tests are worth nothing
	HeldOut   int `json:"failed_held_out"`    // their last version fails the tests that the model didn't see
	NoEarlier int `json:"no_earlier_version"` // right at once, or no earlier answer had a program
	TooLarge  int `json:"too_large"`          // texts that are too long, or differ in too much, to be a row

	Pairs   int        `json:"pairs"` // made of the others
	Filters []Filtered `json:"filters"`
	Kept    int        `json:"kept"`

	EmptyMask  int `json:"empty_rejected_spans"`     // of the kept: D⁻ is empty, because the earlier version only lacks lines
	Uncompared int `json:"uncompared_trees"`         // of the pairs: nested too deep to compare, not dropped for it
	Undecided  int `json:"undecided_by_judge_model"` // its answer could not be read; not dropped for it
}

// Filtered is what a filter did.
type Filtered struct {
	Name    string `json:"name"`
	Dropped int    `json:"dropped"`
	Left    int    `json:"left"`
}
