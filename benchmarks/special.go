package benchmarks

import (
	"math"
	"math/big"
	"strings"

	"github.com/assay-dev/assay/runtimes/value"
)

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
