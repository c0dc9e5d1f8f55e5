package report

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/assay-dev/assay/harness/codeflow"
	"github.com/assay-dev/assay/harness/run"
	"github.com/assay-dev/assay/internal/plainfile"
	"github.com/assay-dev/assay/trainer"
)

// Report is what folders hold, ready to be written in any format.
type Report struct {
	Title     string
	Runs      []*evalRun
	Compared  []*comparison // each later run with the first one
	Flows     []*flow
	Trainings []*training

	withoutDisputed bool
}

// mostRows bounds the samples and traces of a report.
const mostRows = 200_000

// Options say what is in a report.
type Options struct {
	Title           string // "": called for the folders
	WithoutDisputed bool   // score eval runs without the tasks that are disputed too
}

// Open reads folders, each for what it is.
func Open(ctx context.Context, dirs []string, o Options) (*Report, error) {
	r := &Report{Title: o.Title, withoutDisputed: o.WithoutDisputed}
	names := namesOf(dirs)
	room := mostPages
	for i, dir := range dirs {
		if err := r.open(ctx, dir, names[i], &room); err != nil {
			return nil, err
		}
	}
	if n := r.rows(); n > mostRows {
		return nil, fmt.Errorf("the folders hold %d samples and traces; a report shows at most %d: report on fewer at once", n, mostRows)
	}
	for i := 1; i < len(r.Runs); i++ {
		r.Compared = append(r.Compared, compared(r.Runs[0], r.Runs[i]))
	}
	if r.Title == "" {
		r.Title = strings.Join(names, ", ")
	}
	r.Title = line(r.Title)
	return r, nil
}

// open adds what a folder holds.
func (r *Report) open(ctx context.Context, dir, name string, room *int) error {
	info, err := os.Stat(dir)
	if err != nil {
		return err
	}
	has := func(file string) bool {
		_, err := os.Stat(filepath.Join(dir, file))
		return err == nil
	}
	switch {
	case !info.IsDir() || has(run.ResultsName):
		e, err := openRun(ctx, dir, name, fmt.Sprintf("e%d", len(r.Runs)), room, r.withoutDisputed)
		if err != nil {
			return err
		}
		r.Runs = append(r.Runs, e)
	case has(codeflow.TracesName):
		f, err := openFlow(ctx, dir, name, fmt.Sprintf("f%d", len(r.Flows)), room)
		if err != nil {
			return err
		}
		r.Flows = append(r.Flows, f)
	case has(trainer.ManifestFile):
		t, err := openTraining(dir, name, fmt.Sprintf("t%d", len(r.Trainings)))
		if err != nil {
			return err
		}
		r.Trainings = append(r.Trainings, t)
	default:
		return fmt.Errorf("%s holds nothing to report on: assay eval leaves a %s at its end, assay codeflow a %s, assay train a %s",
			dir, run.ResultsName, codeflow.TracesName, trainer.ManifestFile)
	}
	return nil
}

// Several says whether there is more than one folder.
func (r *Report) Several() bool { return len(r.Runs)+len(r.Flows)+len(r.Trainings) > 1 }

func (r *Report) rows() int {
	n := 0
	for _, e := range r.Runs {
		n += len(e.Rows)
	}
	for _, f := range r.Flows {
		n += len(f.Rows)
	}
	return n
}

// namesOf are the folders' last elements, or their paths where two are alike.
func namesOf(dirs []string) []string {
	names := make([]string, len(dirs))
	seen := map[string]bool{}
	alike := false
	for i, dir := range dirs {
		names[i] = line(filepath.Base(filepath.Clean(dir)))
		alike = alike || seen[names[i]]
		seen[names[i]] = true
	}
	if alike {
		for i, dir := range dirs {
			names[i] = line(filepath.ToSlash(filepath.Clean(dir)))
		}
	}
	return names
}

// optional reads a file that a folder may lack.
func optional[T any](read func() (T, error)) (T, error) {
	v, err := read()
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return v, err
}

// Format is what a report is written as.
type Format string

// Formats are those that there are.
var Formats = []Format{HTML, Markdown, CSV}

const (
	HTML     Format = "html"
	Markdown Format = "md"
	CSV      Format = "csv"
)

// marks are what a report of a format has near its beginning, by which it is
// known as one.
var marks = map[Format]string{
	HTML:     `<meta name="generator" content="assay report">`,
	Markdown: "<!-- assay report -->",
	CSV:      "kind,folder,",
}

// nearBeginning is how far a mark is looked for, in bytes.
const nearBeginning = 4 << 10

// Write writes the report.
func (r *Report) Write(w io.Writer, f Format) error {
	switch f {
	case HTML:
		return r.html(w)
	case Markdown:
		return r.markdown(w)
	}
	return r.csv(w)
}

// Replaceable says why a file may not be written over: it is there and is no
// report of this format.
func Replaceable(path string, f Format) error {
	file, err := plainfile.Open(context.Background(), path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer file.Close()
	head, err := io.ReadAll(io.LimitReader(file, nearBeginning))
	if err != nil {
		return err
	}
	if bytes.Contains(head, []byte(marks[f])) {
		return nil
	}
	return fmt.Errorf("%s is there and is no %s report of assay: name another file with -o, or write over it with --force", path, strings.ToUpper(string(f)))
}
