package benchmarks

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/assay-dev/assay/runtimes/value"
)

// args are the positional arguments of one input.
type args = []value.Value

// maxItems bounds what one argument may be spread into.
const maxItems = 1 << 24

// at gives an argument that has to be there.
func at(in args, i int) (value.Value, error) {
	if i >= len(in) {
		return nil, fmt.Errorf("there are %d arguments", len(in))
	}
	return in[i], nil
}

// tuple is Python's tuple(v).
func tuple(v value.Value) (value.Value, error) {
	items, err := value.Items(v, maxItems)
	return value.Tuple(items), err
}

// each is [f(item) for item in v].
func each(v value.Value, f func(value.Value) (value.Value, error)) ([]value.Value, error) {
	items, err := value.Items(v, maxItems)
	if err != nil {
		return nil, err
	}
	out := make([]value.Value, len(items))
	for i, item := range items {
		if out[i], err = f(item); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// tupleList is [tuple(item) for item in v].
func tupleList(v value.Value) (value.Value, error) {
	items, err := each(v, tuple)
	return value.List(items), err
}

// same leaves an argument as it is.
func same(v value.Value) (value.Value, error) { return v, nil }

// positional applies one function to each argument and drops the rest, as
// evalplus does.
func positional(in args, fs ...func(value.Value) (value.Value, error)) (args, error) {
	out := make(args, len(fs))
	for i, f := range fs {
		v, err := at(in, i)
		if err != nil {
			return nil, err
		}
		if out[i], err = f(v); err != nil {
			return nil, fmt.Errorf("argument %d: %w", i, err)
		}
	}
	return out, nil
}

func tuples(in args) (args, error)          { return each(value.List(in), tuple) }
func listsOfTuples(in args) (args, error)   { return each(value.List(in), tupleList) }
func listOfTuplesAny(in args) (args, error) { return positional(in, tupleList, same) }
func anyTuple(in args) (args, error)        { return positional(in, same, tuple) }
func tupleAny(in args) (args, error)        { return positional(in, tuple, same) }
func tupleAnyAny(in args) (args, error)     { return positional(in, tuple, same, same) }
func floatComplex(in args) (args, error)    { return positional(in, toFloat, toComplex) }
func complexOnly(in args) (args, error)     { return positional(in, toComplex) }

func tuplesOfTuples(in args) (args, error) {
	return each(value.List(in), func(v value.Value) (value.Value, error) {
		items, err := each(v, tuple)
		return value.Tuple(items), err
	})
}

func tupleOfMixed(in args) (args, error) {
	return positional(in, func(v value.Value) (value.Value, error) {
		items, err := each(v, func(v value.Value) (value.Value, error) {
			if l, ok := v.(value.List); ok {
				return value.Tuple(l), nil
			}
			return v, nil
		})
		return value.Tuple(items), err
	})
}

// listOfSets makes sets of lists; what is empty or no list becomes an empty
// dict, not an empty set.
func listOfSets(in args) (args, error) {
	return positional(in, func(v value.Value) (value.Value, error) {
		items, err := each(v, func(v value.Value) (value.Value, error) {
			if l, ok := v.(value.List); ok && len(l) > 0 {
				return value.NewSet(l)
			}
			return value.Dict{}, nil
		})
		return value.List(items), err
	})
}

func dictOfTuples(in args) (args, error) {
	first, err := at(in, 0)
	if err != nil {
		return nil, err
	}
	d, ok := first.(value.Dict)
	if !ok {
		return nil, fmt.Errorf("argument 0 is no dict")
	}
	out := make(value.Dict, len(d))
	for i, p := range d {
		t, err := tuple(p.Val)
		if err != nil {
			return nil, err
		}
		out[i] = value.Pair{Key: p.Key, Val: t}
	}
	return append(args{out}, in[1:]...), nil
}

func tuplesDown(in args) (args, error) { return each(value.List(in), tupleDown) }

// tupleDown makes tuples of lists, and of those within. JSON's parser bounds
// the depth.
func tupleDown(v value.Value) (value.Value, error) {
	l, ok := v.(value.List)
	if !ok {
		return v, nil
	}
	items, err := each(l, tupleDown)
	return value.Tuple(items), err
}

// toFloat is Python's float(v) for numbers and for their text.
func toFloat(v value.Value) (value.Value, error) {
	if s, ok := v.(value.Str); ok {
		f, err := strconv.ParseFloat(strings.TrimSpace(string(s)), 64)
		if err != nil && !math.IsInf(f, 0) {
			return nil, fmt.Errorf("%q is no float", string(s))
		}
		return value.Float(f), nil
	}
	f, ok := value.AsFloat(v)
	if !ok {
		return nil, fmt.Errorf("no float")
	}
	return value.Float(f), nil
}

// toComplex is Python's complex(v) for numbers and for their text.
func toComplex(v value.Value) (value.Value, error) {
	switch x := v.(type) {
	case value.Complex:
		return x, nil
	case value.Str:
		c, err := strconv.ParseComplex(strings.ReplaceAll(strings.TrimSpace(string(x)), "j", "i"), 128)
		if err != nil {
			return nil, fmt.Errorf("%q is no complex number", string(x))
		}
		return value.Complex(c), nil
	}
	f, err := toFloat(v)
	if err != nil {
		return nil, err
	}
	return value.Complex(complex(float64(f.(value.Float)), 0)), nil
}
