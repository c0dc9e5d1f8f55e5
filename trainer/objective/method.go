package objective

import (
	"fmt"
	"strings"
)

// Side is an answer of a pair, or neither.
type Side string

const (
	None     Side = "none"
	Chosen   Side = "chosen"
	Rejected Side = "rejected"
)

// Target says which of the pairs get a mask that is narrower than everything.
type Target string

const (
	Nobody    Target = "nobody"
	Half      Target = "half"
	Everybody Target = "everybody"
)

// Method is a choice of the formula's weights.
type Method struct {
	Name       string
	Preference bool   // w is 1 and not 0
	Target     Target // pairs whose M follows the mask; the others' is everything
	NLL        Side   // the answer whose tokens s weighs; None: α is 0
}

// Methods are the methods in the order in which tables show them. sft-incorrect
// is the control of the paper's ablation: likelihood of the rejected answer.
var Methods = []Method{
	{"sft", false, Nobody, Chosen},
	{"sft-incorrect", false, Nobody, Rejected},
	{"dpo", true, Nobody, None},
	{"rpo", true, Nobody, Chosen},
	{"target-dpo", true, Everybody, None},
	{"target-rpo", true, Everybody, Chosen},
	{"hybrid", true, Half, Chosen},
}

// MethodNamed finds a method.
func MethodNamed(name string) (Method, error) {
	var names []string
	for _, m := range Methods {
		if m.Name == name {
			return m, nil
		}
		names = append(names, m.Name)
	}
	return Method{}, fmt.Errorf("no method is called %q: there are %s", name, strings.Join(names, ", "))
}

// Needs says whether the loss depends on a side's log-probabilities. An answer
// that it doesn't depend on may be left empty.
func (m Method) Needs(side Side) bool { return m.Preference || m.NLL == side }

// Scale returns the formula's constants for m.
func (m Method) Scale(beta, alpha float64) Scale {
	k := Scale{Beta: beta}
	if m.Preference {
		k.W = 1
	}
	if m.NLL != None {
		k.Alpha = alpha
	}
	return k
}
