package run

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/internal/excerpt"
	"github.com/assay-dev/assay/internal/jsonl"
	"github.com/assay-dev/assay/internal/plainfile"
)

// Stored is a results folder as it lies there.
type Stored struct {
	Dir     string
	path    string   // of the records
	Summary *Summary // nil where there is only a results.jsonl
	Records []harness.Record
	Damage  jsonl.Damage // lines that are no records: they are left out
	lines   [][]byte     // the records as written, without line ends
}

// maxLine bounds a line of results.jsonl that is read back, in bytes: older ones
// are longer than harness.MostRecord.
const maxLine = 1 << 20

// LineIsLost says what becomes of a line of results.jsonl that can't be read.
const LineIsLost = "the line is left out (eval --resume writes the file again)"

// Load reads a results folder, or the results.jsonl in it.
func Load(ctx context.Context, path string) (*Stored, error) {
	f, at, err := plainfile.OpenOrIn(ctx, path, ResultsName)
	if at == "" {
		return nil, err
	}
	s := &Stored{Dir: path, path: at}
	if at == path { // the file was named
		s.Dir = filepath.Dir(path)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s holds no %s: a run writes it at its end (go on with eval --resume)", s.Dir, ResultsName)
	}
	if err == nil {
		err = s.readResults(f, func(line []byte, rec harness.Record) {
			s.lines = append(s.lines, bytes.Clone(line))
			s.Records = append(s.Records, rec)
		})
	}
	if err != nil {
		return nil, err
	}
	s.Summary, err = readSummary(ctx, s.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	return s, err
}

// Each visits the records of a folder that a run has just written, one by one.
func Each(ctx context.Context, dir string, visit func(harness.Record)) error {
	s := &Stored{Dir: dir, path: filepath.Join(dir, ResultsName)}
	f, err := plainfile.OpenIn(ctx, dir, ResultsName)
	if err != nil {
		return err
	}
	return s.readResults(f, func(_ []byte, rec harness.Record) { visit(rec) })
}

// readResults visits the records of a file, and closes it.
func (s *Stored) readResults(f *plainfile.File, visit func(line []byte, rec harness.Record)) error {
	defer f.Close()
	r, err := jsonl.NewReader(s.path, f, jsonl.Bounds{Line: maxLine, Total: 1 << 40})
	if err != nil {
		return err
	}
	for line, err := range r.Salvage() {
		if err != nil && !jsonl.IsDamaged(err) {
			return err
		}
		var rec harness.Record
		if err == nil {
			if rec, err = decodeRecord(line); err != nil {
				err = r.Errorf("%w", err)
			}
		}
		if err != nil {
			s.Damage.Add(err)
			continue
		}
		visit(line, rec)
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

// Show writes all that is known of one record, for people. What comes from a
// candidate is escaped.
func (s *Stored) Show(w io.Writer, r harness.Record) error {
	solution, err := s.Candidate(r)
	if err != nil {
		return err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s  sample %d  %s\n", oneLine(r.TaskID), r.Sample, oneLine(verdictLine(r)))
	fmt.Fprintf(&b, "fuel %d, peak memory %.1f MiB, oracle %s\n", r.Fuel, float64(r.Pages)/16, oneLine(r.Oracle))
	fmt.Fprintf(&b, "candidate %s\nidentity  %s\n", r.Candidate, oneLine(r.Identity))
	if text := s.DisputeText(r); text != "" {
		fmt.Fprintf(&b, "note: the task is disputed: %s\n", oneLine(text))
	}
	for _, note := range RecordNotes(r, solution) {
		fmt.Fprintf(&b, "note: %s\n", note)
	}
	Section(&b, "program", Numbered(solution))
	for _, f := range []*harness.Failure{r.Failure, r.PlusFailure} {
		if f != nil {
			showFailure(&b, f)
		}
	}
	_, err = io.WriteString(w, b.String())
	return err
}

// DisputeText says what is disputed of a record's task; "" where nothing is.
func (s *Stored) DisputeText(r harness.Record) string {
	d := s.Summary.Dispute(r.TaskID)
	switch {
	case d == nil && r.OwnSolution == "":
		return ""
	case d == nil:
		return "its solution fails " + r.OwnSolution
	case d.Thread == "":
		return d.About
	}
	return d.About + " (" + d.Thread + ")"
}

func verdictLine(r harness.Record) string {
	out := string(r.Verdict)
	if r.Base != "" {
		out += fmt.Sprintf(" (base %s", r.Base)
		if r.Plus != "" {
			out += fmt.Sprintf(", plus %s", r.Plus)
		}
		out += ")"
	}
	return out
}

func showFailure(b *strings.Builder, f *harness.Failure) {
	if f.Input != nil {
		title := "input " + fmt.Sprint(*f.Input)
		if f.Set != "" {
			title += " of " + f.Set
		}
		Section(b, title, f.Args)
	}
	Section(b, "expected", f.Expected)
	Section(b, "actual", f.Actual)
	if x := f.Exception; x != nil {
		text := x.Type + ": " + x.Message
		if x.Line > 0 {
			text += fmt.Sprintf("\nline %d of the program", x.Line)
		}
		Section(b, "raised", text)
		Section(b, "traceback", x.Traceback)
	}
	Section(b, "detail", f.Detail)
}

// Section writes a titled text, escaped; none where there is no text. No line of
// the text looks like a title.
func Section(b *strings.Builder, title, text string) {
	text = strings.TrimRight(text, "\n")
	if text == "" {
		return
	}
	text = strings.ReplaceAll("\n"+excerpt.Escape(text), "\n-- ", "\n\\x2d- ")
	fmt.Fprintf(b, "\n-- %s%s\n", oneLine(title), text)
}

// oneLine is a short text of a file's.
func oneLine(s string) string { return excerpt.Line(s, 1000) }

// Numbered puts numbers before the lines of a program.
func Numbered(source string) string {
	lines := strings.Split(strings.TrimRight(source, "\n"), "\n")
	for i, line := range lines {
		lines[i] = fmt.Sprintf("%4d  %s", i+1, line)
	}
	return strings.Join(lines, "\n")
}

func recordName(r harness.Record) string { return fmt.Sprintf("%s#%d", r.TaskID, r.Sample) }
