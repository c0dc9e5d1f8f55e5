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
