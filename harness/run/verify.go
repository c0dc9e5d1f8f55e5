package run

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/benchmarks/peers"
	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/internal/humanize"
	"github.com/assay-dev/assay/internal/plainfile"
	"github.com/assay-dev/assay/internal/progress"
)

// VerifyConfig is what judges a stored run again: a suite and a judge that
// were made from the options in its summary.
type VerifyConfig struct {
	Suite    *benchmarks.Suite
	Judge    Judge
	Runtime  RuntimeID
	Version  string          // this assay's
	Runnable map[string]bool // see Config
	Workers  int             // default one for each core
	Progress progress.Func
}

// Verification is what came out.
type Verification struct {
	Samples     int          `json:"samples"`
	Differences []Difference `json:"differences"` // records that came out otherwise
	Files       []FileChange `json:"files"`       // files that are not what the run leaves
	Unchecked   []string     `json:"unchecked"`   // names in the folder that no run leaves: nothing is said of them
	Whole       bool         `json:"whole"`       // every file is, byte for byte, what the run leaves
	Note        string       `json:"note,omitempty"`
}

// Difference is a record that came out otherwise.
type Difference struct {
	TaskID string `json:"task_id"`
	Sample int    `json:"sample"`
	Was    string `json:"was"` // the lines
	Now    string `json:"now"`
}

// FileChange is a file of a results folder that is not what the run leaves.
type FileChange struct {
	Name string `json:"file"`
	Why  string `json:"why"`
	Line int    `json:"line,omitempty"` // the first that differs, from 1
	Was  string `json:"was,omitempty"`  // that line, cut
	Now  string `json:"now,omitempty"`
}

// Verify judges every sample of a stored run again, makes its files anew, and
// compares the bytes.
func Verify(ctx context.Context, s *Stored, cfg VerifyConfig) (*Verification, error) {
	p, err := s.plan(ctx, cfg)
	if err != nil {
		return nil, err
	}
	judge := func(p *Plan, stage string) error {
		pool := &pool{judge: cfg.Judge, plan: p, stage: stage, tells: cfg.Progress}
		return pool.run(ctx, cfg.Workers)
	}
	if err := p.judged(judge); err != nil {
		return nil, err
	}
	v := &Verification{Samples: len(s.Records), Differences: s.compare(p), Files: []FileChange{}, Unchecked: []string{}}
	if was := s.Summary.Assay; was != cfg.Version {
		v.Note = fmt.Sprintf("%s says that assay %s judged; this is assay %s", summaryName, was, cfg.Version)
	}
	if err := v.files(ctx, s, cfg, p); err != nil {
		return nil, err
	}
	v.Whole = len(v.Differences) == 0 && len(v.Files) == 0
	return v, nil
}

// plan makes the work of a stored run from its records and candidates.
func (s *Stored) plan(ctx context.Context, cfg VerifyConfig) (*Plan, error) {
	if s.Summary == nil {
		return nil, fmt.Errorf("%s holds no %s: it says what the run was", s.Dir, summaryName)
	}
	if id := suiteID(cfg.Suite); id != s.Summary.Suite {
		return nil, fmt.Errorf("the results are of %s (sha-256 %.12s…), this is %s (%.12s…)", s.Summary.Suite, s.Summary.Suite.SHA256, id, id.SHA256)
	}
	if cfg.Runtime != s.Summary.Runtime {
		return nil, fmt.Errorf("the results are of runtime %s (%.12s…), this is %s (%.12s…): only the same runtime gives the same bytes",
			s.Summary.Runtime.Name, s.Summary.Runtime.Identity, cfg.Runtime.Name, cfg.Runtime.Identity)
	}
	best, err := s.best(ctx)
	if err != nil {
		return nil, err
	}
	samples := make([]benchmarks.Sample, 0, len(s.Records))
	for _, r := range s.Records {
		solution, err := s.Candidate(r)
		if err != nil {
			return nil, err
		}
		samples = append(samples, benchmarks.Sample{TaskID: r.TaskID, Index: r.Sample, Solution: solution, Origin: s.Dir, Best: best[recordName(r)]})
	}
	return NewPlan(cfg.Suite, samples, Selection{Partial: true})
}

// best gives the programs of best.jsonl, by the name of their sample.
func (s *Stored) best(ctx context.Context) (map[string]string, error) {
	f, err := plainfile.OpenIn(ctx, s.Dir, bestName)
	if err != nil { // a run need not leave one; what else may be wrong is seen when it is compared
		return nil, nil
	}
	out := map[string]string{}
	var lost error
	best := &Stored{Dir: s.Dir, path: filepath.Join(s.Dir, bestName)}
	err = best.readResults(f, func(_ []byte, r harness.Record) {
		program, err := s.Candidate(r)
		out[recordName(r)], lost = program, cmp.Or(lost, err)
	})
	return out, cmp.Or(err, lost)
}

// compare finds the records that came out otherwise.
func (s *Stored) compare(p *Plan) []Difference {
	out := []Difference{}
	for i, r := range s.Records {
		var line []byte // none where the suite has no such task
		if it := p.find(r.TaskID, r.Sample); it != nil {
			line, _ = it.line() // it was written when it was judged
		}
		if !bytes.Equal(line, s.lines[i]) {
			out = append(out, Difference{r.TaskID, r.Sample, string(s.lines[i]), string(line)})
		}
	}
	return out
}

// files holds every file of the folder against what the run leaves.
func (v *Verification) files(ctx context.Context, s *Stored, cfg VerifyConfig, p *Plan) error {
	known := []string{logName, lockName, filepath.Base(s.path)}
	again := Config{
		Plan: p, Judge: cfg.Judge, Options: s.Summary.Options, Runtime: cfg.Runtime, Version: s.Summary.Assay,
		Asked: s.Summary.Asked, Runnable: cfg.Runnable, RunnableOnly: s.Summary.RunnableOnly,
	}
	_, err := render(again, p, func(name string, write peers.Writing) error {
		var want bytes.Buffer
		if err := write(&want); err != nil {
			return err
		}
		path := filepath.Join(s.Dir, name)
		if name == ResultsName {
			path = s.path
		}
		known = append(known, name)
		return v.file(ctx, path, want.Bytes())
	})
	if err != nil {
		return err
	}
	if err := v.log(s, again); err != nil {
		return err
	}
	others := Files(s.Dir)
	entries, err := os.ReadDir(s.Dir)
	for _, e := range entries {
		switch name := e.Name(); {
		case name == candidatesName:
			n, err := s.strayCandidates(p)
			if err != nil {
				return err
			}
			if n > 0 {
				v.Unchecked = append(v.Unchecked, fmt.Sprintf("%s (%s that no record names)", name, humanize.Plural(n, "program")))
			}
		case slices.Contains(known, name):
		case slices.Contains(others, name):
			v.Files = append(v.Files, FileChange{Name: name, Why: "a run as this one leaves no such file"})
		default:
			v.Unchecked = append(v.Unchecked, name)
		}
	}
	return err
}

// strayCandidates counts the programs of no record.
func (s *Stored) strayCandidates(p *Plan) (int, error) {
	entries, err := os.ReadDir(filepath.Join(s.Dir, candidatesName))
	named := map[string]bool{}
	for _, r := range s.Records {
		named[candidates("").path(r.Candidate)] = true
	}
	if p.best != nil {
		for _, it := range p.best.items {
			named[candidates("").path(it.group.candidate)] = true
		}
	}
	n := 0
	for _, e := range entries {
		if !named[e.Name()] {
			n++
		}
	}
	return n, err
}

// file holds one against the bytes that it must have.
func (v *Verification) file(ctx context.Context, path string, want []byte) error {
	change := FileChange{Name: filepath.Base(path)}
	f, err := plainfile.OpenIn(ctx, filepath.Dir(path), change.Name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		change.Why = "is missing"
	case errors.Is(err, plainfile.ErrNotPlain):
		change.Why = "is not a plain file"
	case err != nil:
		return err
	default:
		defer f.Close()
		was := make([]byte, len(want)+1) // a longer one need not be read whole
		n, err := io.ReadFull(f, was)
		if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
			return err
		}
		if bytes.Equal(was[:n], want) {
			return nil
		}
		change.Line, change.Was, change.Now = firstChange(was[:n], want)
		change.Why = "differs"
	}
	v.Files = append(v.Files, change)
	return nil
}

// log looks at what eval --resume would take from the log. A log may be gone:
// nothing is read from it but by --resume.
func (v *Verification) log(s *Stored, cfg Config) error {
	held, err := readLog(filepath.Join(s.Dir, logName))
	changed := func(why string) { v.Files = append(v.Files, FileChange{Name: logName, Why: why}) }
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case errors.Is(err, errNoHeader):
		changed(err.Error())
		return nil
	case err != nil:
		return err
	}
	if what := headerOf(cfg).differs(held.header); what != "" {
		changed("it is of another run, which differs in " + what)
	}
	if held.damaged > 0 {
		changed(fmt.Sprintf("%d damaged lines", held.damaged))
	}
	last := map[*item][]byte{}
	cfg.Plan.logged(held.lines, cfg.Judge, func(it *item, _ harness.Record, line []byte) { last[it] = line })
	for _, it := range cfg.Plan.items {
		now, _ := it.line() // it was written when it was judged
		if line, there := last[it]; there && !bytes.Equal(line, now) {
			changed("the record of " + it.name() + " is another")
		}
	}
	return nil
}

// mostShown bounds what is shown of a line, in bytes.
const mostShown = 200

// firstChange finds the first line in which two texts differ.
func firstChange(was, now []byte) (line int, a, b string) {
	at := 0
	for at < min(len(was), len(now)) && was[at] == now[at] {
		at++
	}
	start := bytes.LastIndexByte(now[:at], '\n') + 1
	cut := func(text []byte) string {
		// The change itself is shown, however long the line is.
		from := max(start, at-mostShown/2)
		text, _, _ = bytes.Cut(text[min(from, len(text)):], []byte("\n"))
		return string(text[:min(len(text), mostShown)])
	}
	return bytes.Count(now[:start], []byte("\n")) + 1, cut(was), cut(now)
}
