package mask

import (
	"crypto/sha256"
	"fmt"
	"strings"
)

// Kind is the name of a way to choose D⁻ and D⁺.
type Kind string

const (
	Full    Kind = "full"   // everything: DPO
	Line    Kind = "line"   // lines outside of the longest common subsequence of lines
	LineOne Kind = "line+1" // and one line of context for each run of them
	LineTwo Kind = "line+2" // and two
	Token   Kind = "token"  // words outside of the longest common subsequence of words
	Between Kind = "affix"  // words between the common start and the common end
)

// Kinds are the kinds by name.
var Kinds = []Kind{Full, Line, LineOne, LineTwo, Token, Between}

// Known says whether k is one of Kinds, and if not, what there is.
func (k Kind) Known() error {
	var names []string
	for _, known := range Kinds {
		if k == known {
			return nil
		}
		names = append(names, string(known))
	}
	return fmt.Errorf("no mask is called %q: there are %s", k, strings.Join(names, ", "))
}

// Masks returns the masks of rejected and chosen. The lines of kind line are
// taken as they were stored with the pair, and are the ground for its context.
func (k Kind) Masks(rejected, chosen string, minus, plus []Span, coin Coin) (Mask, Mask, error) {
	var m, p []Span
	var err error
	switch k {
	case Full:
		return All, All, nil
	case Line:
		return Mask{Spans: minus}, Mask{Spans: plus}, nil
	case LineOne, LineTwo:
		count := int(k[len(k)-1] - '0')
		m, p = Context(rejected, minus, count, coin), Context(chosen, plus, count, coin)
	case Token:
		m, p, err = Diff(rejected, chosen, Words)
	case Between:
		m, p = Affix(rejected, chosen, Words)
	default:
		err = k.Known()
	}
	return Mask{Spans: m}, Mask{Spans: p}, err
}

// Seeded returns the coin of one pair for one purpose. It knows nothing of
// other pairs: a part of a data set is masked as it is in the whole.
func Seeded(seed uint64, purpose, id string) Coin {
	return func(n int) bool {
		sum := sha256.Sum256(fmt.Appendf(nil, "%s/%d/%d/%s", purpose, seed, n, id))
		return sum[0]&1 == 1
	}
}

// Coin decides something for one pair. Equal n gives equal answers.
type Coin func(n int) bool

// Context adds lines to spans: count lines to each run of lines that the spans
// touch. Each is the next line above the run or, if the coin says so, below it;
// where the text ends on one side the other serves.
func Context(text string, spans []Span, count int, coin Coin) []Span {
	lines := Lines(text)
	return join(widen(lines, runs(lines, spans), count, coin))
}

// ContextOfChanges is Context around every place where the texts differ, those
// too where rejected only lacks something and D⁻ has no line.
func ContextOfChanges(rejected, chosen string, count int, coin Coin) (minus, plus []Span, err error) {
	r, c := Lines(rejected), Lines(chosen)
	hunks, err := diff(texts(rejected, r), texts(chosen, c))
	if err != nil {
		return nil, nil, err
	}
	var inRejected, inChosen [][2]int
	for _, h := range hunks {
		inRejected, inChosen = append(inRejected, h.rejected), append(inChosen, h.chosen)
	}
	return join(widen(r, inRejected, count, coin)), join(widen(c, inChosen, count, coin)), nil
}

// runs returns the ranges of lines that the spans touch; neighbours are one run.
func runs(lines, spans []Span) [][2]int {
	var out [][2]int
	i := 0
	for _, s := range spans {
		for i < len(lines) && lines[i].End <= s.Start {
			i++
		}
		from := i
		for i < len(lines) && lines[i].Start < s.End {
			i++
		}
		to := i
		if i > from {
			i-- // the next span may begin in this line
		}
		if n := len(out); n > 0 && from <= out[n-1][1] {
			out[n-1][1] = max(out[n-1][1], to)
		} else {
			out = append(out, [2]int{from, to})
		}
	}
	return out
}

// widen returns the spans of the runs with their context. Neighbouring runs may
// reach into each other.
func widen(lines []Span, runs [][2]int, count int, coin Coin) []Span {
	in := make([]bool, len(lines))
	for n, run := range runs {
		from, to := run[0], run[1]
		for k := range count {
			below := coin(n*count + k)
			if from == 0 {
				below = true
			} else if to == len(lines) {
				below = false
			}
			if below {
				to = min(to+1, len(lines))
			} else {
				from--
			}
		}
		for i := from; i < to; i++ {
			in[i] = true
		}
	}
	var out []Span
	for i, line := range lines {
		if in[i] {
			out = append(out, line)
		}
	}
	return out
}
