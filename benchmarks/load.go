package benchmarks

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/assay-dev/assay/internal/jsonl"
)

// format reads the problems of a data set.
type format func(*dataset) ([]*Problem, error)

var errNoProblem = errors.New("no problem in it")

// load turns the bytes of a data set into a suite.
func load(d *dataset) (*Suite, error) {
	problems, err := d.info.format(d)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", d.info.Spec(), err)
	}
	if len(problems) == 0 {
		return nil, fmt.Errorf("%s: %w", d.info.Spec(), &jsonl.Error{File: d.name, Err: errNoProblem})
	}
	if err := d.checkParts(); err != nil {
		return nil, fmt.Errorf("%s: %w", d.info.Spec(), err)
	}
	for _, p := range problems {
		p.Hash = p.hash()
	}
	return &Suite{
		Name: d.info.Name, Version: d.info.Version,
		SHA256: d.contentSum(), MD5: d.md5(),
		Licence: d.info.Licence, Origin: d.info.Origin,
		Sets: d.info.Sets, Libraries: d.info.Libraries, Problems: problems,
	}, nil
}

// collector gathers problems and refuses a second one of the same id.
type collector struct {
	problems []*Problem
	lines    map[string]int
}

func (c *collector) add(r row, p *Problem) error {
	if c.lines == nil {
		c.lines = make(map[string]int)
	}
	if first, dup := c.lines[p.ID]; dup {
		return fmt.Errorf("task %q is there already, in line %d", p.ID, first)
	}
	c.lines[p.ID] = r.line
	c.problems = append(c.problems, p)
	return nil
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
