package benchmarks

import (
	"encoding/json"
	"fmt"

	"assay/runtimes/value"
)

// JSON returns input i as evalplus reports one that failed
// (mbpp_serialize_inputs): the JSON of the data set, but for the tasks whose
// arguments JSON does not have. Sets come in the order of the data set; evalplus
// gives them in that of Python's hash table.
func (s *InputSet) JSON(i int) ([]byte, error) {
	switch s.shape {
	case "list of sets":
		return s.asJSON(i, setsToLists)
	case "float, complex", "complex":
		return s.asJSON(i, numbersToText)
	}
	return s.raw[i], nil
}

func (s *InputSet) asJSON(i int, convert func(args) (any, error)) ([]byte, error) {
	in, err := s.Input(i)
	if err != nil {
		return nil, err
	}
	tree, err := convert(in)
	if err != nil {
		return nil, fmt.Errorf("%s: input %d: %w", s.where, i, err)
	}
	return json.Marshal(tree)
}

// reprBytes is more than the repr of any number of the data sets needs.
const reprBytes = 4096

func numbersToText(in args) (any, error) {
	out := make([]string, len(in))
	for i, v := range in {
		out[i] = value.Repr(v, reprBytes)
	}
	return out, nil
}

func setsToLists(in args) (any, error) {
	sets, err := value.Items(in[0], maxItems)
	if err != nil {
		return nil, err
	}
	out := make([][]json.RawMessage, len(sets))
	for i, set := range sets {
		items, err := value.Items(set, maxItems)
		if err != nil {
			return nil, err
		}
		out[i] = make([]json.RawMessage, len(items))
		for k, item := range items {
			if out[i][k], err = atomJSON(item); err != nil {
				return nil, err
			}
		}
	}
	return [][][]json.RawMessage{out}, nil
}

// atomJSON gives what a set of the data set may have in it.
func atomJSON(v value.Value) (json.RawMessage, error) {
	switch v := v.(type) {
	case value.Str:
		return json.Marshal(string(v))
	case value.None:
		return json.RawMessage("null"), nil
	case value.Bool:
		return json.Marshal(bool(v))
	case value.Small, value.Int, value.Float:
		return json.RawMessage(value.Repr(v, reprBytes)), nil
	}
	return nil, fmt.Errorf("%s in a set", value.Repr(v, 40))
}
