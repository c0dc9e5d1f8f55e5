package benchmarks

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"

	"github.com/assay-dev/assay/internal/cache"
	"github.com/assay-dev/assay/internal/jsonl"
	"github.com/assay-dev/assay/internal/progress"
)

// Options say where data sets are looked for. The zero value fetches from the
// publishers and keeps nothing.
type Options struct {
	DataFile string        // this file and no other; "": none
	DataDir  string        // a folder that may have the data set, three levels deep at most; "": none
	Added    []Info        // the suites that the user added
	Cache    cache.Store   // keeps what was fetched; nil: nothing is kept
	Large    bool          // fetch also what has more than 100 MB
	Keep     bool          // not to get what was fetched into the cache is an error; otherwise it is passed over
	Progress progress.Func // told while something is fetched

	BaseURL string       // replaces scheme and host of what is fetched, for a mirror; "": as published
	Client  *http.Client // nil: one with time limits of its own
	Pip     []string     // the command that runs pip; nil: the one that is found
}

// Open loads the suite that spec names: "humaneval+" or "humaneval+@v0.1.9".
// The data set is DataFile where one is given; otherwise the first of DataDir,
// the cache and the publisher that has it, by checksum.
func Open(ctx context.Context, spec string, o Options) (*Suite, error) {
	info, err := Lookup(spec, o.Added...)
	if err != nil {
		return nil, err
	}
	d, err := locate(ctx, info, spec, o)
	if err != nil {
		return nil, err
	}
	return load(d)
}

// format reads the problems of a data set.
type format func(*dataset) ([]*Problem, error)

var errNoProblem = errors.New("no problem in it")

// load turns the bytes of a data set into a suite.
func load(d *dataset) (*Suite, error) {
	problems, err := d.info.format(d)
	if err == nil && len(problems) == 0 {
		err = &jsonl.Error{File: d.name, Err: errNoProblem}
	}
	var wrong *mismatchError
	switch {
	case errors.As(err, &wrong):
		return nil, wrong // it names the suite
	case err != nil:
		return nil, fmt.Errorf("%s: %w", d.info.Spec(), err)
	}
	for _, p := range problems {
		p.Hash = p.hash()
	}
	return &Suite{
		Name: d.info.Name, Version: d.info.Version,
		SHA256: d.sum(), MD5: d.md5(),
		Licence: d.info.Licence, Origin: d.info.Origin,
		Sets: d.info.Sets, Libraries: d.info.Libraries, Python: d.info.Python, Problems: problems,
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
	p.Origin = fmt.Sprintf("%s:%d", r.file, r.line)
	c.problems = append(c.problems, p)
	return nil
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
