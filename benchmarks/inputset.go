package benchmarks

import (
	"bytes"
	"fmt"

	"github.com/assay-dev/assay/internal/jsonl"
	"github.com/assay-dev/assay/runtimes/value"
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
