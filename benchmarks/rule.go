package benchmarks

import (
	"fmt"
	"math"
	"math/big"
	"strings"

	"github.com/assay-dev/assay/internal/value"
)

// Compat names whose rules are followed where the versions of evalplus differ.
type Compat string

const (
	EvalplusMain Compat = "evalplus"       // its main branch: the default
	Evalplus031  Compat = "evalplus-0.3.1" // the release on PyPI, its faults included
	// asIs is in old results: rules as the default, with LibsAsIs.
	asIs Compat = "as-is"
)

// Libs says how Python's libraries are had, where a suite brings some along that
// are newer than those it was made for.
type Libs string

const (
	LibsBenchmark Libs = "benchmark" // with the names and defaults that its tests expect: the default
	libsAsIs      Libs = "as-is"     // today's, as they are
)

// Libs is what an old result's compat says of them; "" where it says nothing.
func (c Compat) Libs() Libs {
	if c == asIs {
		return libsAsIs
	}
	return ""
}

// ParseLibs reads what --libs says.
func ParseLibs(name string) (Libs, error) {
	switch l := Libs(name); l {
	case LibsBenchmark, libsAsIs:
		return l, nil
	}
	return "", fmt.Errorf("--libs is %s or %s, not %q", LibsBenchmark, libsAsIs, name)
}

// ParseCompat reads the name of a compat; "" is the default.
func ParseCompat(name string) (Compat, error) {
	switch c := Compat(name); c {
	case "":
		return EvalplusMain, nil
	case EvalplusMain, Evalplus031, asIs:
		return c, nil
	}
	return "", fmt.Errorf("no rules are called %q (there are %s and %s)", name, EvalplusMain, Evalplus031)
}

// rulesVersion is in the hash of every problem, and so in the key of every cached
// verdict. Change it with whatever changes what a Rule says.
const rulesVersion = "rules/1"

// Rule is how an actual value is held against the expected one: Python's ==,
// evalplus's tolerance for floats, and its special oracles.
type Rule struct {
	Special string  // "" or the name of a special oracle, see below
	Atol    float64 // absolute tolerance; 0: exact, except where the expected value is made of floats
}

// The special oracles, as evalplus has them in evalplus/eval/__init__.py. Most
// are named after the entry point that they are for.
const (
	findZero      = "find_zero"           // HumanEval/32: the value is a root of the input
	anyAnswer     = "are_equivalent"      // Mbpp/164: whatever comes is right
	orZero        = "sum_div"             // Mbpp/295: 0 is right as well
	surfaceArea   = "surface_Area"        // Mbpp/581: right also with the height for the slant
	digitDistance = "digit_distance_nums" // Mbpp/558: right also with leading zeros
	setEqual      = "set_equal"           // compared as sets
	notNone       = "not_none"            // only whether it is None counts

	// LiveCodeBench's: a tuple is as good as a list, but not within others.
	tupleAsList = "tuple_as_list"
)

// mbppSpecials gives the special oracle by entry point.
var mbppSpecials = map[string]string{
	anyAnswer: anyAnswer, orZero: orZero, surfaceArea: surfaceArea, digitDistance: digitDistance,

	"similar_elements": setEqual, "find_char_long": setEqual, "common_in_nested_lists": setEqual,
	"extract_singly": setEqual, "larg_nnum": setEqual, "intersection_array": setEqual,
	"find_dissimilar": setEqual, "Diff": setEqual,

	"check_str": notNone, "text_match_three": notNone, "text_starta_endb": notNone,
}

func mbppSpecial(entryPoint string) string { return mbppSpecials[entryPoint] }

func humanEvalSpecial(entryPoint string) string {
	if entryPoint == findZero {
		return findZero
	}
	return ""
}

// RuleState is what evalplus carries from one input of a set to the next: once
// an expected value was made of floats, the tolerance stays. The zero value is
// the start of a set; use a new one for each.
type RuleState struct{ floats bool }

// floatAtol is the tolerance that floats get where the problem names none.
const floatAtol = 1e-6

// atol gives the tolerance for an expected value and remembers it.
func (r Rule) atol(expected value.Value, st *RuleState) float64 {
	if r.Atol != 0 {
		return r.Atol
	}
	st.floats = st.floats || isFloats(expected)
	if st.floats {
		return floatAtol
	}
	return 0
}

// Iterates says whether iterators have to be spread out, because only the items
// are asked for.
func (r Rule) Iterates() bool { return r.Special == setEqual }

// Expect turns what the canonical solution gave into the expected value: for
// the tasks whose results don't travel, whether it is not None.
func (r Rule) Expect(result value.Value) value.Value {
	if r.Special == notNone {
		return value.Bool(!isNone(result))
	}
	return result
}

// Digest says whether equal digests of expected and actual value settle an
// input both ways, so that the expected value itself need not be kept. It
// carries the state on, as Equal does: call it for every expected value of a
// set, in order.
func (r Rule) Digest(expected value.Value, st *RuleState) bool {
	tolerant := r.atol(expected, st) != 0 && closable(expected)
	return r.Special == "" && !tolerant && value.Decisive(expected)
}

// Equal holds an actual value against the expected one. Call it for every input
// of a set, in order, with the same state. An error wraps value.ErrIncomparable
// (what came can't be compared), or is m's.
func (r Rule) Equal(m *value.Meter, input []value.Value, expected, actual value.Value, st *RuleState, c Compat) (bool, error) {
	if r.Special == findZero {
		if r.NeverRecorded(c) {
			return false, nil
		}
		// Five inputs are so steep that no float of a Python since 3.12, which
		// sums floats otherwise, is a root within the tolerance. The canonical
		// solution's answer is right even so.
		same, err := value.Equal(m, expected, actual)
		return same || err == nil && isRoot(input, actual, r.Atol), err
	}
	exact, err := r.exact(m, input, expected, actual)
	if r.Special == tupleAsList {
		return exact, err // floats too
	}
	atol := r.atol(expected, st)
	if err != nil || exact {
		return exact, err
	}
	if atol == 0 || !sameType(expected, actual) {
		return false, nil
	}
	return allClose(m, actual, expected, atol)
}

// exact is evalplus's exact_match: equality, or what a special oracle takes
// for it.
func (r Rule) exact(m *value.Meter, input []value.Value, expected, actual value.Value) (bool, error) {
	switch r.Special {
	case anyAnswer:
		return true, nil
	case setEqual:
		return value.EqualAsSets(m, expected, actual)
	case notNone:
		if b, ok := actual.(value.Bool); ok {
			return value.Equal(m, expected, b)
		}
		return value.Equal(m, expected, value.Bool(!isNone(actual)))
	}
	if r.Special == tupleAsList {
		actual = asList(actual)
	}
	same, err := value.Equal(m, expected, actual)
	if same || err != nil {
		return same, err
	}
	switch r.Special {
	case orZero:
		return value.Equal(m, actual, value.Small(0))
	case surfaceArea:
		return isSurfaceArea(input, actual, r.Atol), nil
	case digitDistance:
		return isDigitDistance(input, actual)
	}
	return false, nil
}

// asList makes a list of a tuple, also of a named one.
func asList(v value.Value) value.Value {
	if t, ok := v.(value.Typed); ok {
		if items, ok := t.Base.(value.Tuple); ok && t.Type == "namedtuple" {
			return value.List(items)
		}
	}
	if items, ok := v.(value.Tuple); ok {
		return value.List(items)
	}
	return v
}

func isNone(v value.Value) bool {
	_, none := v.(value.None)
	return none
}

// NeverRecorded says whether the peer counts every sample of the problem as
// failed, right or wrong: evalplus 0.3.1 leaves the loop over the inputs of
// find_zero before it notes the result.
func (r Rule) NeverRecorded(c Compat) bool {
	return c == Evalplus031 && r.Special == findZero
}

// isRoot is the oracle of HumanEval/32: |p(x)| <= atol for the polynomial whose
// coefficients are the input. Near a root of high degree the last bit of a term
// decides, so the terms are what a C library's pow gives (correctly rounded)
// and they are added one after the other, as Python did before 3.12, with which
// the inputs were picked.
func isRoot(input []value.Value, x value.Value, atol float64) bool {
	if len(input) != 1 {
		return false
	}
	coefficients, ok := sequence(input[0])
	at, real := value.AsFloat(x)
	if !ok || !real || math.IsInf(at, 0) || math.IsNaN(at) {
		return false
	}
	sum := 0.0
	for i, c := range coefficients {
		f, ok := value.AsFloat(c)
		p := power(at, i)
		if !ok || math.IsInf(p, 0) { // Python's math.pow raises OverflowError
			return false
		}
		sum += float64(f * p) // a conversion keeps the compiler from fusing: the same on every machine
	}
	return math.Abs(sum) <= atol
}

// power is x to the n, correctly rounded.
func power(x float64, n int) float64 {
	base := new(big.Float).SetFloat64(x)
	exact := new(big.Float).SetPrec(uint(53 * max(n, 1))).SetInt64(1)
	for range n {
		exact.Mul(exact, base)
	}
	p, _ := exact.Float64()
	return p
}

// isSurfaceArea is the oracle of Mbpp/581, the surface of a square pyramid with
// the second input taken for its height: |actual - round(area)| <= atol.
func isSurfaceArea(input []value.Value, actual value.Value, atol float64) bool {
	if len(input) != 2 {
		return false
	}
	base, ok := value.AsFloat(input[0])
	height, ok2 := value.AsFloat(input[1])
	got, ok3 := exactNumber(actual)
	if !ok || !ok2 || !ok3 {
		return false
	}
	slant := math.Sqrt(float64(base/2*(base/2)) + float64(height*height))
	area := math.RoundToEven(float64(base*base) + float64(4*(base*slant)/2))
	if math.IsInf(area, 0) || math.IsNaN(area) {
		return false
	}
	want := new(big.Rat).SetFloat64(area)
	off := want.Sub(want, got)
	return off.Abs(off).Cmp(new(big.Rat).SetFloat64(atol)) <= 0
}

// maxBits is more than any float has.
const maxBits = 2048

// exactNumber gives a finite real number as it is, unless no float is near it.
func exactNumber(v value.Value) (*big.Rat, bool) {
	if t, ok := v.(value.Typed); ok {
		v = t.Base
	}
	switch v := v.(type) {
	case value.Int:
		return new(big.Rat).SetInt(v.V), v.V.BitLen() <= maxBits
	case value.Bool, value.Small, value.Float:
		f, _ := value.AsFloat(v)
		if small, ok := v.(value.Small); ok {
			return new(big.Rat).SetInt64(int64(small)), true
		}
		r := new(big.Rat).SetFloat64(f)
		return r, r != nil
	}
	return nil, false
}

// isDigitDistance is the oracle of Mbpp/558: the sum of the distances of the
// digits, the shorter number filled up with zeros.
func isDigitDistance(input []value.Value, actual value.Value) (bool, error) {
	if len(input) != 2 {
		return false, nil
	}
	a, ok := digits(input[0])
	b, ok2 := digits(input[1])
	if !ok || !ok2 {
		return false, nil
	}
	length := max(len(a), len(b))
	a, b = strings.Repeat("0", length-len(a))+a, strings.Repeat("0", length-len(b))+b
	total := 0
	for i := range length {
		total += max(int(a[i])-int(b[i]), int(b[i])-int(a[i]))
	}
	return value.Equal(nil, actual, value.Small(total))
}

// digits gives the digits of an int that has no sign.
func digits(v value.Value) (string, bool) {
	switch v := v.(type) {
	case value.Small:
		return big.NewInt(int64(v)).String(), v >= 0
	case value.Int:
		return v.V.String(), v.V.Sign() >= 0
	}
	return "", false
}
