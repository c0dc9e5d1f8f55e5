package benchmarks

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/assay-dev/assay/internal/jsonl"
	"github.com/assay-dev/assay/internal/value"
)

// InputSet is a named list of inputs. They are parsed only when a worker gets
// there, because HumanEval+ has 122,683 of them.
type InputSet struct {
	Name string // "base" or "plus"
	N    int    // number of inputs

	text  []byte   // the JSON list of all
	raw   [][]byte // its items, each a list of positional arguments
	shape string   // how JSON is turned back into the arguments; see shapes
	where string   // file, line and field, for messages
}

// NewInputSet makes a set of the text of a JSON list, whose items are the lists
// of positional arguments. "{}" counts as empty: so Mbpp/793 says it.
func NewInputSet(name string, text []byte) (InputSet, error) {
	if bytes.Equal(text, []byte("{}")) {
		text = []byte("[]")
	}
	raw, err := jsonl.Array(text)
	return InputSet{Name: name, N: len(raw), text: text, raw: raw, where: name}, err
}

// Inputs returns the positional arguments of each input, afresh.
func (s *InputSet) Inputs() ([][]value.Value, error) {
	out := make([][]value.Value, s.N)
	for i := range out {
		args, err := s.Input(i)
		if err != nil {
			return nil, err
		}
		out[i] = args
	}
	return out, nil
}

// Input returns the positional arguments of input i, afresh.
func (s *InputSet) Input(i int) ([]value.Value, error) {
	args, err := parseArgs(s.raw[i])
	if err == nil {
		args, err = restore(s.shape, args)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: input %d: %w", s.where, i, err)
	}
	return args, nil
}

func parseArgs(raw []byte) ([]value.Value, error) {
	v, err := value.ParseJSON(raw)
	if err != nil {
		return nil, err
	}
	args, ok := v.(value.List)
	if !ok {
		return nil, fmt.Errorf("want a list of arguments, have %s", jsonl.Excerpt(raw))
	}
	return args, nil
}

// JSON returns input i as evalplus reports one that failed
// (mbpp_serialize_inputs): the JSON of the data set, but for the tasks whose
// arguments JSON does not have. Sets come in the order of the data set; evalplus
// gives them in that of Python's hash table.
func (s *InputSet) JSON(i int) ([]byte, error) {
	write := map[string]func(value.Value) ([]byte, error){
		"list of sets":   listOfSetsJSON,
		"float, complex": textJSON,
		"complex":        textJSON,
	}[s.shape]
	if write == nil {
		return s.raw[i], nil
	}
	in, err := s.Input(i)
	if err != nil {
		return nil, err
	}
	out, err := listJSON(value.List(in), write)
	if err != nil {
		return nil, fmt.Errorf("%s: input %d: %w", s.where, i, err)
	}
	return out, nil
}

// listJSON writes the items of v as Python's json does a list.
func listJSON(v value.Value, item func(value.Value) ([]byte, error)) ([]byte, error) {
	items, err := value.Items(v, maxItems)
	if err != nil {
		return nil, err
	}
	parts := make([][]byte, len(items))
	for i := range items {
		if parts[i], err = item(items[i]); err != nil {
			return nil, err
		}
	}
	return append(append([]byte("["), bytes.Join(parts, []byte(", "))...), ']'), nil
}

func listOfSetsJSON(v value.Value) ([]byte, error) {
	return listJSON(v, func(set value.Value) ([]byte, error) { return listJSON(set, atomJSON) })
}

// reprBytes is more than the repr of any number of the data sets needs.
const reprBytes = 4096

// textJSON writes a number as a string: str(v).
func textJSON(v value.Value) ([]byte, error) { return json.Marshal(value.Repr(v, reprBytes)) }

// atomJSON writes what a set of the data set may have in it.
func atomJSON(v value.Value) ([]byte, error) {
	switch v := v.(type) {
	case value.Str:
		return json.Marshal(string(v))
	case value.None:
		return []byte("null"), nil
	case value.Bool:
		return json.Marshal(bool(v))
	case value.Small, value.Int, value.Float:
		return []byte(value.Repr(v, reprBytes)), nil
	}
	return nil, fmt.Errorf("%s in a set", value.Repr(v, 40))
}

// A shape says what JSON lost of MBPP+'s arguments: tuples, sets and complex
// numbers. evalplus restores them by task (mbpp_deserialize_inputs in
// evalplus/data/mbpp.py), whatever their values look like.
var shapes = []struct {
	name    string
	tasks   []int
	restore func(args) (args, error)
}{
	{"tuples", []int{
		2, 116, 132, 143, 222, 261, 273, 394, 399, 421, 424, 429, 470, 560, 579, 596, 616, 630, 726, 740, 744, 809,
	}, tuples},
	{"lists of tuples", []int{
		63, 64, 70, 94, 120, 237, 272, 299, 400, 409, 417, 438, 473, 614, 780,
	}, listsOfTuples},
	{"list of tuples, any", []int{75, 413, 444, 753}, listOfTuplesAny},
	{"any, tuple", []int{106, 750}, anyTuple},
	{"list of sets", []int{115}, listOfSets},
	{"float, complex", []int{124}, floatComplex},
	{"tuple, any", []int{250, 405, 446, 617, 720, 763, 808}, tupleAny},
	{"tuples of tuples", []int{259, 401, 445}, tuplesOfTuples},
	{"tuple of tuples and others", []int{278}, tupleOfMixed},
	{"tuple, any, any", []int{307}, tupleAnyAny},
	{"dict of tuples, rest", []int{722}, dictOfTuples},
	{"complex", []int{252}, complexOnly},
	{"tuples all the way down", []int{580, 615, 791}, tuplesDown},
}

// mbppShape gives the name of a task's shape, "" if JSON lost nothing.
func mbppShape(taskID string) string {
	n, err := strconv.Atoi(taskID[strings.LastIndexByte(taskID, '/')+1:])
	if err != nil {
		return ""
	}
	for _, s := range shapes {
		if slices.Contains(s.tasks, n) {
			return s.name
		}
	}
	return ""
}

// restore gives the arguments their shape.
func restore(shape string, in args) (args, error) {
	if shape == "" {
		return in, nil
	}
	for _, s := range shapes {
		if s.name != shape {
			continue
		}
		out, err := s.restore(in)
		if err != nil {
			return nil, fmt.Errorf("want %s: %w", shape, err)
		}
		return out, nil
	}
	return nil, fmt.Errorf("no shape is called %q", shape)
}

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
