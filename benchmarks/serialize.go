package benchmarks

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/assay-dev/assay/runtimes/value"
)

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
