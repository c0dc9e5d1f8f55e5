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
func allClose(m *value.Meter, actual, expected value.Value, atol float64) (bool, error) {
	a, ok := newArray(actual, false)
	if !ok {
		return false, nil
	}
	e, ok := newArray(expected, true)
	if !ok || !broadcast(a.shape, e.shape) {
		return false, nil
	}
	return closePairs{m, atol}.all(a.v, e.v, len(a.shape), len(e.shape))
}

// broadcast says whether two shapes can be made one: of each axis, counted from
// the last, the lengths are equal or one of them is 1.
func broadcast(a, b []int) bool {
	for i := 1; i <= min(len(a), len(b)); i++ {
		if x, y := a[len(a)-i], b[len(b)-i]; x != y && x != 1 && y != 1 {
			return false
		}
	}
	return true
}

// closePairs compares two arrays as if they had been broadcast to one shape.
type closePairs struct {
	m    *value.Meter
	atol float64
}

// all holds x, which has so many axes, against y.
func (c closePairs) all(x, y value.Value, axesX, axesY int) (bool, error) {
	if err := c.m.Take(1); err != nil {
		return false, err
	}
	if axesX == 0 && axesY == 0 {
		a, _ := number(x, false)
		b, _ := number(y, false)
		return isClose(a, b, c.atol), nil
	}
	var xs, ys []value.Value
	if axesX >= axesY {
		xs, _ = sequence(x)
		axesX--
	}
	if axesX < axesY {
		ys, _ = sequence(y)
		axesY--
	}
	n := max(len(xs), len(ys))
	if xs != nil && len(xs) == 0 || ys != nil && len(ys) == 0 {
		n = 0
	}
	for i := range n {
		a, b := x, y
		if xs != nil {
			a = xs[i%len(xs)]
		}
		if ys != nil {
			b = ys[i%len(ys)]
		}
		if same, err := c.all(a, b, axesX, axesY); !same {
			return false, err
		}
	}
	return true, nil
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

// array is nested lists and tuples of numbers that numpy makes an array of.
type array struct {
	v     value.Value
	shape []int
	words bool // whether ints have to fit 64 bits
}

// maxAxes is numpy's limit of nesting.
const maxAxes = 32

// newArray makes an array, or says that allclose would raise. An int that fits no
// machine word makes an array of objects, which numpy (2.4) refuses on the
// expected side alone, and a number by itself is no array.
func newArray(v value.Value, expected bool) (array, bool) {
	_, nested := sequence(v)
	a := array{v: v, words: expected && nested}
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
	return a, a.regular(v, 0)
}

// regular says whether v, which is axis deep, has the array's shape from there
// on, and nothing but numbers.
func (a *array) regular(v value.Value, axis int) bool {
	items, nested := sequence(v)
	if nested != (axis < len(a.shape)) {
		return false
	}
	if !nested {
		_, ok := number(v, a.words)
		return ok
	}
	if len(items) != a.shape[axis] {
		return false
	}
	for _, item := range items {
		if !a.regular(item, axis+1) {
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
