package mask

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// TestDiffIsLongest compares with every subsequence there is.
func TestDiffIsLongest(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		a, b := letters(rng), letters(rng)
		hunks, err := diff(a, b)
		if err != nil {
			t.Fatal(err)
		}
		restA, restB := without(a, hunks, func(h hunk) [2]int { return h.rejected }), without(b, hunks, func(h hunk) [2]int { return h.chosen })
		if restA != restB {
			t.Fatalf("%q and %q: what remains differs: %q, %q", a, b, restA, restB)
		}
		if longest := longest(a, b); len(restA) != longest {
			t.Fatalf("%q and %q: %q remains, but %d could", a, b, restA, longest)
		}
	}
}

func letters(rng *rand.Rand) []string {
	out := make([]string, rng.IntN(9))
	for i := range out {
		out[i] = string(rune('a' + rng.IntN(3)))
	}
	return out
}

func without(pieces []string, hunks []hunk, side func(hunk) [2]int) string {
	var out strings.Builder
	at := 0
	for _, h := range hunks {
		out.WriteString(strings.Join(pieces[at:side(h)[0]], ""))
		at = side(h)[1]
	}
	out.WriteString(strings.Join(pieces[at:], ""))
	return out.String()
}

// longest tries every subsequence of a.
func longest(a, b []string) int {
	best := 0
	for set := range 1 << len(a) {
		j, n := 0, 0
		for i, piece := range a {
			if set>>i&1 == 0 {
				continue
			}
			for j < len(b) && b[j] != piece {
				j++
			}
			if j == len(b) {
				n = -1
				break
			}
			j, n = j+1, n+1
		}
		best = max(best, n)
	}
	return best
}

// FuzzMasks: whatever the texts, every mask is one that Check lets pass, and
// masks of more context hold those of less.
func FuzzMasks(f *testing.F) {
	f.Add("a\nb\n", "a\nc\n", uint64(1))
	f.Add("", "\r\n", uint64(2))
	f.Add("é\u2028\f\n\n", "é\n\n\n", uint64(3))
	f.Fuzz(func(t *testing.T, rejected, chosen string, seed uint64) {
		rejected, chosen = strings.ToValidUTF8(rejected, "?"), strings.ToValidUTF8(chosen, "?")
		minus, plus, err := Diff(rejected, chosen, Lines)
		if err != nil {
			t.Skip(err)
		}
		for _, kind := range Kinds {
			m, p, err := kind.Masks(rejected, chosen, minus, plus, Seeded(seed, "context", "fuzz"))
			if err != nil {
				t.Skip(err)
			}
			if err := m.Check(rejected); err != nil {
				t.Errorf("%s, rejected: %v", kind, err)
			}
			if err := p.Check(chosen); err != nil {
				t.Errorf("%s, chosen: %v", kind, err)
			}
			if m.Empty() && p.Empty() != (rejected == chosen) {
				t.Errorf("%s: the texts %q and %q have no difference", kind, rejected, chosen)
			}
			if kind == LineOne || kind == LineTwo {
				for _, s := range minus {
					if in, _ := m.Tokens(Overlap, []Span{s}); !in[0] {
						t.Errorf("%s lost %v", kind, s)
					}
				}
			}
		}
	})
}
