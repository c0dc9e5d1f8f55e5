package judge

import (
	"fmt"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/runtimes"
	"github.com/assay-dev/assay/runtimes/value"
)

// inputSet is one input set of a problem, ready to be sent.
type inputSet struct {
	name   string
	args   [][]byte // each a marshalled tuple of arguments
	source *benchmarks.InputSet
}

func newInputSet(p *benchmarks.Problem, s *benchmarks.InputSet) (inputSet, error) {
	set := inputSet{name: s.Name, args: make([][]byte, s.N), source: s}
	var buf []byte
	for n := range s.N {
		args, err := s.Input(n)
		if err != nil {
			return set, fmt.Errorf("inputs of %s: %w", p.ID, err)
		}
		start := len(buf)
		if buf, err = value.AppendMarshal(buf, value.Tuple(args)); err != nil {
			return set, fmt.Errorf("inputs of %s, %q, input %d: %w", p.ID, s.Name, n, err)
		}
		set.args[n] = buf[start:len(buf):len(buf)]
	}
	return set, nil
}

// inputs gives each input its budget; without budgets the limit on calls holds.
func (s inputSet) inputs(budget func(i int) uint64) []runtimes.Input {
	out := make([]runtimes.Input, len(s.args))
	for i := range out {
		out[i].Args = s.args[i]
		if budget != nil {
			out[i].Fuel = budget(i)
		}
	}
	return out
}

// values are the arguments of input i, for rules and messages.
func (s inputSet) values(i int) (value.Tuple, error) {
	args, err := s.source.Input(i)
	return value.Tuple(args), err
}

func (s inputSet) weight() int {
	sum := 0
	for _, a := range s.args {
		sum += 24 + len(a)
	}
	return sum
}
