package benchmarks

import (
	"math"
	"math/big"
	"strings"

	"assay/runtimes/value"
)

// isRoot is the oracle of HumanEval/32: |p(x)| <= atol for the polynomial whose
// coefficients are the input.
func isRoot(input []value.Value, x value.Value, atol float64) bool {
	if len(input) != 1 {
		return false
	}
	coefficients, ok := sequence(input[0])
	at, real := value.AsFloat(x)
	if !ok || !real {
		return false
	}
	terms := make([]float64, len(coefficients))
	for i, c := range coefficients {
		f, ok := value.AsFloat(c)
		power, defined := pow(at, float64(i))
		if !ok || !defined {
			return false
		}
		terms[i] = f * power
	}
	return math.Abs(pySum(terms)) <= atol
}

// pow is Python's math.pow; false where that raises.
func pow(x, y float64) (float64, bool) {
	p := math.Pow(x, y)
	finite := !math.IsInf(x, 0) && !math.IsNaN(x)
	return p, !finite || !math.IsInf(p, 0) && !math.IsNaN(p)
}

// pySum is Python's sum of floats since 3.12, which carries the rounding errors
// along (Neumaier's way).
func pySum(terms []float64) float64 {
	total, lost := 0.0, 0.0
	for _, x := range terms {
		t := total + x
		if math.Abs(total) >= math.Abs(x) {
			lost += (total - t) + x
		} else {
			lost += (x - t) + total
		}
		total = t
	}
	if lost != 0 && !math.IsInf(lost, 0) && !math.IsNaN(lost) {
		return total + lost
	}
	return total
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
	slant := math.Sqrt(base/2*(base/2) + height*height)
	area := math.RoundToEven(base*base + 4*(base*slant)/2)
	if math.IsInf(area, 0) || math.IsNaN(area) {
		return false
	}
	want := new(big.Rat).SetFloat64(area)
	off := want.Sub(want, got)
	return off.Abs(off).Cmp(new(big.Rat).SetFloat64(atol)) <= 0
}

// exactNumber gives a finite real number as it is.
func exactNumber(v value.Value) (*big.Rat, bool) {
	if t, ok := v.(value.Typed); ok {
		v = t.Base
	}
	switch v := v.(type) {
	case value.Int:
		return new(big.Rat).SetInt(v.V), true
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
	return value.Equal(actual, value.Small(total))
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

// equalAsSets is set(actual) == set(expected), false where Python raises.
func equalAsSets(expected, actual value.Value) bool {
	e, err := asSet(expected)
	if err != nil {
		return false
	}
	a, err := asSet(actual)
	if err != nil {
		return false
	}
	same, err := value.Equal(e, a)
	return same && err == nil
}

func asSet(v value.Value) (value.Set, error) {
	items, err := value.Items(v, maxItems)
	if err != nil {
		return nil, err
	}
	return value.NewSet(items)
}
