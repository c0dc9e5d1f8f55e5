package run

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/internal/jsonl"
)

// Stored is a results folder as it lies there.
type Stored struct {
	Dir     string
	Summary *Summary // nil where there is only a results.jsonl
	Records []harness.Record
	lines   [][]byte // the same, as written, without line ends
}

// Load reads a results folder, or the results.jsonl in it.
func Load(path string) (*Stored, error) {
	dir := path
	if info, err := os.Stat(path); err != nil {
		return nil, err
	} else if !info.IsDir() {
		dir = filepath.Dir(path)
	} else {
		path = filepath.Join(path, ResultsName)
	}
	s := &Stored{Dir: dir}
	if err := s.readResults(path); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("%s holds no %s: a run writes it at its end (go on with eval --resume)", dir, ResultsName)
		}
		return nil, err
	}
	var err error
	s.Summary, err = readSummary(filepath.Join(dir, summaryName))
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	return s, err
}

func (s *Stored) readResults(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	r, err := jsonl.NewReader(path, f, jsonl.Bounds{Total: 1 << 40})
	if err != nil {
		return err
	}
	for line, err := range r.All() {
		if err != nil {
			return err
		}
		rec, err := decodeRecord(line)
		if err != nil {
			return r.Errorf("%w", err)
		}
		s.lines = append(s.lines, bytes.Clone(line))
		s.Records = append(s.Records, rec)
	}
	return nil
}

// Candidate returns the program that a record is about.
func (s *Stored) Candidate(r harness.Record) (string, error) {
	solution, err := candidates(filepath.Join(s.Dir, candidatesName)).read(r.Candidate)
	if err != nil {
		return "", fmt.Errorf("the program of %s#%d: %w", r.TaskID, r.Sample, err)
	}
	return solution, nil
}

// Find returns the records of "HumanEval/3" or the one of "HumanEval/3#1".
func (s *Stored) Find(name string) ([]harness.Record, error) {
	task, sample, one := strings.Cut(name, "#")
	index, err := strconv.Atoi(sample)
	if one && err != nil {
		return nil, fmt.Errorf("%q: what follows # is the number of a sample", name)
	}
	var out []harness.Record
	for _, r := range s.Records {
		if r.TaskID == task && (!one || r.Sample == index) {
			out = append(out, r)
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%s holds no %s", s.Dir, name)
	}
	return out, nil
}
