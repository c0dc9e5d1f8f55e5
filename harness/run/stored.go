package run

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/internal/jsonl"
	"github.com/assay-dev/assay/internal/progress"
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

// Show writes all that is known of one record, for people. What comes from a
// candidate is escaped.
func (s *Stored) Show(w io.Writer, r harness.Record) error {
	solution, err := s.Candidate(r)
	if err != nil {
		return err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s  sample %d  %s\n", r.TaskID, r.Sample, verdictLine(r))
	fmt.Fprintf(&b, "fuel %d, peak memory %.1f MiB, oracle %s\n", r.Fuel, float64(r.Pages)/16, r.Oracle)
	fmt.Fprintf(&b, "candidate %s\nidentity  %s\n", r.Candidate, r.Identity)
	for _, way := range Reaches(solution) {
		fmt.Fprintf(&b, "note: the program %s\n", way)
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

// Section writes a titled text, escaped; none where there is no text.
func Section(b *strings.Builder, title, text string) {
	text = strings.TrimRight(text, "\n")
	if text == "" {
		return
	}
	fmt.Fprintf(b, "\n-- %s\n%s\n", title, Escape(text))
}

// Numbered puts numbers before the lines of a program.
func Numbered(source string) string {
	lines := strings.Split(strings.TrimRight(source, "\n"), "\n")
	for i, line := range lines {
		lines[i] = fmt.Sprintf("%4d  %s", i+1, line)
	}
	return strings.Join(lines, "\n")
}

// Escape makes text from a candidate safe for a terminal: everything but line
// ends, tabs and what can be seen is written as an escape.
func Escape(s string) string {
	var b strings.Builder
	for len(s) > 0 {
		r, n := utf8.DecodeRuneInString(s)
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, s[0])
		case r == '\n' || r == '\t' || unicode.IsGraphic(r):
			b.WriteString(s[:n])
		case r < 0x80:
			fmt.Fprintf(&b, `\x%02x`, r)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
		s = s[n:]
	}
	return b.String()
}

// VerifyConfig is what judges a stored run again: a suite and a judge that
// were made from the options in its summary.
type VerifyConfig struct {
	Suite    *benchmarks.Suite
	Judge    Judge
	Runtime  RuntimeID
	Workers  int // default one for each core
	Progress progress.Func
}

// Verification is what came out.
type Verification struct {
	Samples     int          `json:"samples"`
	Differences []Difference `json:"differences"`
	// Whole says that results.jsonl is, byte for byte, what this run gives,
	// and that the summary's hash is the file's.
	Whole bool `json:"whole"`
}

// Difference is a record that came out otherwise.
type Difference struct {
	TaskID string `json:"task_id"`
	Sample int    `json:"sample"`
	Was    string `json:"was"` // the lines
	Now    string `json:"now"`
}

// Verify judges every sample of a stored run again and compares the bytes.
func Verify(ctx context.Context, s *Stored, cfg VerifyConfig) (*Verification, error) {
	p, err := s.plan(cfg)
	if err != nil {
		return nil, err
	}
	pool := &pool{judge: cfg.Judge, plan: p, tells: cfg.Progress}
	if err := pool.run(ctx, cfg.Workers); err != nil {
		return nil, err
	}
	return s.compare(p), nil
}

// plan makes the work of a stored run from its records and candidates.
func (s *Stored) plan(cfg VerifyConfig) (*Plan, error) {
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
	samples := make([]benchmarks.Sample, 0, len(s.Records))
	for _, r := range s.Records {
		solution, err := s.Candidate(r)
		if err != nil {
			return nil, err
		}
		samples = append(samples, benchmarks.Sample{TaskID: r.TaskID, Index: r.Sample, Solution: solution, Origin: s.Dir})
	}
	return NewPlan(cfg.Suite, samples, Selection{Partial: true})
}

func (s *Stored) compare(p *Plan) *Verification {
	now := make(map[string][]byte, len(p.items))
	for _, it := range p.items {
		now[it.name()] = it.line
	}
	v := &Verification{Samples: len(s.Records)}
	for i, r := range s.Records {
		line := now[recordName(r)]
		if !bytes.Equal(line, s.lines[i]) {
			v.Differences = append(v.Differences, Difference{r.TaskID, r.Sample, string(s.lines[i]), string(line)})
		}
	}
	results := p.results()
	v.Whole = bytes.Equal(results, s.bytes()) && hashOf(string(results)) == s.Summary.Results
	return v
}

func (s *Stored) bytes() []byte {
	var b bytes.Buffer
	for _, line := range s.lines {
		b.Write(line)
		b.WriteByte('\n')
	}
	return b.Bytes()
}

func recordName(r harness.Record) string { return fmt.Sprintf("%s#%d", r.TaskID, r.Sample) }
