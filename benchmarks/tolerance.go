package benchmarks

import (
	"math"
	"math/cmplx"

	"github.com/assay-dev/assay/internal/value"
)

// isFloats is evalplus's is_floats: a float, or a list or tuple of nothing but
// floats that is not empty.
func isFloats(v value.Value) bool {
	items, ok := sequence(v)
	if !ok {
		_, ok = v.(value.Float)
		return ok
	}
	for _, item := range items {
		if _, ok := item.(value.Float); !ok {
			return false
		}
	}
	return len(items) > 0
}

// sequence gives the items of a list or tuple.
func sequence(v value.Value) ([]value.Value, bool) {
	switch v := v.(type) {
	case value.List:
		return v, true
	case value.Tuple:
		return v, true
	}
	return nil, false
}

// sameType is what evalplus asks before it tolerates anything: the same exact
// type and, of lists and tuples, the same length.
func sameType(expected, actual value.Value) bool {
	switch e := expected.(type) {
	case value.Bool:
		_, ok := actual.(value.Bool)
		return ok
	case value.Small, value.Int:
		switch actual.(type) {
		case value.Small, value.Int:
			return true
		}
	case value.Float:
		_, ok := actual.(value.Float)
		return ok
	case value.Complex:
		_, ok := actual.(value.Complex)
		return ok
	case value.List:
		a, ok := actual.(value.List)
		return ok && len(a) == len(e)
	case value.Tuple:
		a, ok := actual.(value.Tuple)
		return ok && len(a) == len(e)
	}
	return false // the others are nothing that allclose takes
}

// closable says whether anything can be close to an expected value without
// being equal to it.
func closable(expected value.Value) bool {
	_, ok := newArray(expected, true)
	return ok
}

// rtol is numpy.testing.assert_allclose's relative tolerance, which evalplus
// gives to numpy.allclose.
const rtol = 1e-7

// allClose is numpy.allclose(actual, expected, rtol, atol): false also for all
// that it raises on.
func allClose(actual, expected value.Value, atol float64) bool {
	a, ok := newArray(actual, false)
	if !ok {
		return false
	}
	e, ok := newArray(expected, true)
	if !ok {
		return false
	}
	return eachPair(a, e, func(x, y complex128) bool { return isClose(x, y, atol) })
}

// isClose is numpy.isclose for two numbers: an infinity is close to itself and
// a NaN to nothing.
func isClose(x, y complex128, atol float64) bool {
	if x == y {
		return true
	}
	if cmplx.IsInf(y) || cmplx.IsNaN(y) {
		return false
	}
	return abs(x-y) <= atol+float64(rtol*abs(y)) // no fused multiply and add
}

func abs(c complex128) float64 {
	if imag(c) == 0 {
		return math.Abs(real(c))
	}
	return cmplx.Abs(c)
}

// array is what numpy makes of nested lists and tuples of numbers.
type array struct {
	shape []int
	items []complex128
	words bool // whether ints have to fit 64 bits
}

// maxAxes is numpy's limit of nesting.
const maxAxes = 32

// newArray makes an array, or says that allclose would raise. An int that fits no
// machine word makes an array of objects, which numpy (2.4) refuses on the
// expected side alone, and a number by itself is no array.
func newArray(v value.Value, expected bool) (array, bool) {
	_, nested := sequence(v)
	a := array{words: expected && nested}
	for at := v; ; {
		items, nested := sequence(at)
		if !nested {
			break
		}
		if a.shape = append(a.shape, len(items)); len(a.shape) > maxAxes {
			return a, false
		}
		if len(items) == 0 {
			break
		}
		at = items[0]
	}
	return a, a.fill(v, 0)
}

// fill appends the numbers of v, which is axis deep, in order. All have to be
// equally deep and long.
func (a *array) fill(v value.Value, axis int) bool {
	items, nested := sequence(v)
	if nested != (axis < len(a.shape)) {
		return false
	}
	if !nested {
		c, ok := number(v, a.words)
		a.items = append(a.items, c)
		return ok
	}
	if len(items) != a.shape[axis] {
		return false
	}
	for _, item := range items {
		if !a.fill(item, axis+1) {
			return false
		}
	}
	return true
}

// number gives a number as numpy computes with it.
func number(v value.Value, words bool) (complex128, bool) {
	switch v := v.(type) {
	case value.Complex:
		return complex128(v), true
	case value.Bool, value.Small, value.Float:
		f, ok := value.AsFloat(v)
		return complex(f, 0), ok
	case value.Int:
		f, ok := value.AsFloat(v)
		return complex(f, 0), ok && (!words || v.V.IsUint64())
	}
	return 0, false
}

// eachPair says whether holds is true of all pairs of numbers, after the two
// arrays were broadcast to one shape; false if they can't be.
func eachPair(a, b array, holds func(x, y complex128) bool) bool {
	axes := max(len(a.shape), len(b.shape))
	shape, total := make([]int, axes), 1
	for i := range shape {
		m, n := a.axis(i-axes), b.axis(i-axes)
		if m != n && m != 1 && n != 1 {
			return false
		}
		if shape[i] = m; m == 1 {
			shape[i] = n
		}
		if shape[i] > 0 && total > math.MaxInt32/shape[i] {
			return false
		}
		total *= shape[i]
	}
	for i := range total {
		if !holds(a.at(i, shape), b.at(i, shape)) {
			return false
		}
	}
	return true
}

// axis gives the length of an axis counted from the last, which is -1; 1 beyond
// the first.
func (a array) axis(i int) int {
	if i < -len(a.shape) {
		return 1
	}
	return a.shape[len(a.shape)+i]
}

// at gives the number that belongs to item i of the broadcast shape.
func (a array) at(i int, shape []int) complex128 {
	index, stride := 0, 1
	for k := 1; k <= len(shape); k++ {
		n := shape[len(shape)-k]
		if m := a.axis(-k); m > 1 {
			index += i % n * stride
			stride *= m
		}
		i /= n
	}
	return a.items[index]
}
