package report

import (
	"bytes"
	"encoding/csv"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/internal/atomicfile"
)

var update = flag.Bool("update", false, "write the goldens anew")

// folders are one of each kind, in a folder that the test works in.
func folders(t testing.TB) (evals, flows, trainings []string) {
	t.Helper()
	t.Chdir(t.TempDir())
	return []string{before(t, "before"), after(t, "after")}, []string{flowFolder(t, "flow")}, []string{trainingFolder(t, "trained", true)}
}

func rendered(t testing.TB, f Format, dirs ...string) string {
	t.Helper()
	r, err := Open(t.Context(), dirs, Options{})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := r.Write(&b, f); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestGoldens: what a reader is told, in every format.
func TestGoldens(t *testing.T) {
	home, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	evals, flows, trainings := folders(t)
	all := append(append(append([]string{}, evals...), flows...), trainings...)
	for name, got := range map[string]string{
		"report.md":     rendered(t, Markdown, all...),
		"report.txt":    outline(t, rendered(t, HTML, all...)),
		"samples.csv":   rendered(t, CSV, evals...),
		"attempts.csv":  rendered(t, CSV, flows...),
		"steps.csv":     rendered(t, CSV, trainings...),
		"single_run.md": rendered(t, Markdown, evals[0]),
	} {
		path := filepath.Join(home, "testdata", name)
		if *update {
			put(t, filepath.Dir(path), name, got)
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), got); diff != "" {
			t.Errorf("%s (-update writes it anew):\n%s", name, diff)
		}
	}
}

// TestWithoutDisputed: the score without disputed tasks stands beside the usual one.
func TestWithoutDisputed(t *testing.T) {
	evals, _, _ := folders(t)
	for asked, want := range map[bool][]string{false: {"base 4", "plus 4"}, true: {"base 4", "plus 4", "undisputed 2"}} {
		r, err := Open(t.Context(), evals, Options{WithoutDisputed: asked})
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range r.Runs {
			var got []string
			for _, s := range e.Scores {
				got = append(got, fmt.Sprintf("%s %d", s.Set, s.Samples))
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s: %s", e.Name, diff)
			}
		}
	}
}

// TestSameBytes: the same folders give the same report.
func TestSameBytes(t *testing.T) {
	evals, flows, trainings := folders(t)
	all := append(append(evals, flows...), trainings...)
	for _, f := range []Format{HTML, Markdown} {
		first := rendered(t, f, all...)
		for range 3 {
			if rendered(t, f, all...) != first {
				t.Fatalf("%s: other bytes of the same folders", f)
			}
		}
		if rendered(t, f, all...) == rendered(t, f, evals...) {
			t.Errorf("%s: the folders leave no trace in it", f)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	in := func(name string, files map[string]string) string {
		for file, text := range files {
			put(t, filepath.Join(dir, name), file, text)
		}
		return filepath.Join(dir, name)
	}
	for _, test := range []struct{ dir, says string }{
		{filepath.Join(dir, "nowhere"), "nowhere: no such file or directory"},
		{in("else", map[string]string{"notes.txt": "x"}), "else holds nothing to report on: assay eval leaves a results.jsonl at its end, assay codeflow a traces.jsonl, assay train a manifest.json"},
		{in("empty", map[string]string{"results.jsonl": ""}), "empty: the results have no sample"},
		{in("broken", map[string]string{"results.jsonl": "{}\n"}), "results.jsonl:1: record of version 0; this assay reads 1"},
		{in("oldsummary", map[string]string{"results.jsonl": `{"version":1,"task_id":"a","verdict":"pass"}` + "\n", "summary.json": `{"version":9}`}), "summary.json: version 9; this assay reads 1"},
		{in("oldcost", map[string]string{"results.jsonl": `{"version":1,"task_id":"a","verdict":"pass"}` + "\n", "cost.json": `{"version":9}`}), "cost.json: version 9; this assay reads 1"},
		{in("badtraces", map[string]string{"traces.jsonl": "[]\n"}), "traces.jsonl:1: it is no trace"},
		{in("notraces", map[string]string{"traces.jsonl": ""}), "notraces holds no trace"},
		{in("badstats", map[string]string{"traces.jsonl": "", "stats.json": "[]"}), "stats.json: json: cannot unmarshal"},
		{in("oldstats", map[string]string{"traces.jsonl": "", "stats.json": `{"version":7}`}), "stats.json: version 7; this assay reads 1"},
		{in("unstarted", map[string]string{"manifest.json": "{}", "config.json": "{}"}), "the run has logged nothing yet: "},
		{in("badmanifest", map[string]string{"manifest.json": "[]"}), "manifest.json: json: cannot unmarshal"},
		{in("badmetrics", map[string]string{"manifest.json": "{}", "config.json": "{}", "metrics.jsonl": "{\"step\":1}\n{\"step\":\"x\"}\n"}), "metrics.jsonl:2: figures are numbers by name"},
	} {
		_, err := Open(t.Context(), []string{test.dir}, Options{})
		if err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %v, want … %s …", test.dir, err, test.says)
		}
	}
}

// TestWhatIsMissingIsSaid: a folder without a summary, a program or statistics
// is reported on, and says so.
func TestWhatIsMissingIsSaid(t *testing.T) {
	dir := t.TempDir()
	bare := resultsFolder(t, filepath.Join(dir, "bare"), "", sample("T/1", "pass", "x = 1\n", nil))
	if err := os.RemoveAll(filepath.Join(bare, "candidates")); err != nil {
		t.Fatal(err)
	}
	flow := flowFolder(t, filepath.Join(dir, "flow"))
	if err := os.Remove(filepath.Join(flow, "stats.json")); err != nil {
		t.Fatal(err)
	}
	text := outline(t, rendered(t, HTML, bare, flow, trainingFolder(t, filepath.Join(dir, "t"), false)))
	for _, says := range []string{
		"has no summary.json: scores were worked out from the records", "The programs of 1 sample are not in the folder",
		"no stats.json: rates and moves are not shown", "The run is not finished: it has no result.json",
	} {
		if !strings.Contains(text, says) {
			t.Errorf("the page doesn't say: %s", says)
		}
	}
	if md := rendered(t, Markdown, bare, flow); !strings.Contains(md, "| `bare` | base | pass@1 | 1.0000 | 0.0250 to 1.0000 | 1 of 1 |") {
		t.Errorf("no score was worked out:\n%s", md)
	}
}

// TestEveryScore: a suite may have other scores than base and plus.
func TestEveryScore(t *testing.T) {
	dir := resultsFolder(t, filepath.Join(t.TempDir(), "g"), "graded", sample("T/1", "pass", "1\n", nil), sample("T/2", "trap", "2\n", nil))
	r, err := Open(t.Context(), []string{dir}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range r.Runs[0].Scores {
		got = append(got, fmt.Sprintf("%s %v", s.Set, s.Value))
	}
	if want := []string{"base 0.5", "runnable 1", "difficulty easy 1", "difficulty hard 0.5"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if text := outline(t, rendered(t, HTML, dir)); !strings.Contains(text, "the score that counts | of tasks whose canonical solution passes here") {
		t.Error("which score counts is not said")
	}
}

// TestForgedScores: a score that the records don't give isn't shown.
func TestForgedScores(t *testing.T) {
	for name, c := range map[string]struct{ suite, old, new, says string }{
		"no probability":            {"tiny", `"value":0.5`, `"value":1.83`, "scores.base.pass@1 is 1.83, which is no probability"},
		"NaN by another way":        {"tiny", `"low":`, `"low":-`, "no probability"},
		"another score":             {"tiny", `"value":0.5`, `"value":0.75`, `other scores of "base" than its records give`},
		"more right than there are": {"graded", `"correct":1`, `"correct":7`, "7 right samples of 2"},
	} {
		dir := resultsFolder(t, filepath.Join(t.TempDir(), "r"), c.suite, sample("T/1", "pass", "1\n", nil), sample("T/2", "trap", "2\n", nil))
		path := filepath.Join(dir, "summary.json")
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		forged := strings.ReplaceAll(string(data), c.old, c.new)
		if forged == string(data) {
			t.Fatalf("%s: %q is not in %s", name, c.old, data)
		}
		if err := os.WriteFile(path, []byte(forged), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(t.Context(), []string{dir}, Options{}); err == nil || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), "assay verify") {
			t.Errorf("%s: %v, want … %s …", name, err, c.says)
		}
	}
}

// TestNothingInCommon: runs of different tasks have nothing to compare.
func TestNothingInCommon(t *testing.T) {
	dir := t.TempDir()
	a := resultsFolder(t, filepath.Join(dir, "a"), "one", sample("A/1", "pass", "1\n", nil))
	b := resultsFolder(t, filepath.Join(dir, "b"), "two", sample("B/1", "infra_error", "1\n", nil))
	for _, f := range []Format{HTML, Markdown} {
		if text := rendered(t, f, a, b); !strings.Contains(text, "no task in common") || strings.Contains(text, "NaN") {
			t.Errorf("%s", text)
		}
	}
}

// TestNames: folders are called by their last element, or by their paths where
// two are called alike.
func TestNames(t *testing.T) {
	for _, test := range []struct{ dirs, names []string }{
		{[]string{"out/a/", "b"}, []string{"a", "b"}},
		{[]string{"x/out", "y/out", "z"}, []string{"x/out", "y/out", "z"}},
	} {
		if diff := cmp.Diff(test.names, namesOf(test.dirs)); diff != "" {
			t.Error(diff)
		}
	}
}

// TestCSVIsOneTable: folders of several kinds don't fit into one.
func TestCSVIsOneTable(t *testing.T) {
	evals, flows, _ := folders(t)
	r, err := Open(t.Context(), append(evals, flows...), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Write(&bytes.Buffer{}, CSV); err == nil || !strings.Contains(err.Error(), "a CSV has one table") {
		t.Error(err)
	}
	rows, err := csv.NewReader(strings.NewReader(rendered(t, CSV, evals...))).ReadAll()
	if err != nil || len(rows) != 9 {
		t.Errorf("%d rows, want one for each of 8 samples below the head: %v", len(rows), err)
	}
}

// TestReplaceable: a report is written over, anything else is not.
func TestReplaceable(t *testing.T) {
	evals, _, _ := folders(t)
	for _, f := range Formats {
		name := "out." + string(f)
		if err := Replaceable(name, f); err != nil {
			t.Errorf("what isn't there: %v", err)
		}
		if err := atomicfile.Write(name, []byte(rendered(t, f, evals...))); err != nil {
			t.Fatal(err)
		}
		if err := Replaceable(name, f); err != nil {
			t.Error(err)
		}
		put(t, ".", name, "precious")
		if err := Replaceable(name, f); err == nil || !strings.Contains(err.Error(), "is no "+strings.ToUpper(string(f))+" report of assay") {
			t.Errorf("%s: %v", f, err)
		}
	}
}

// TestMarkdownIsBounded: tables stay, lists are cut, and say by how much.
func TestMarkdownIsBounded(t *testing.T) {
	var samples []judged
	for i := range 800 {
		s := sample("T/"+strings.Repeat("9", i%7+1), "wrong_answer", "x\n", &harness.Failure{Detail: strings.Repeat("long ", 40)})
		s.Sample = i
		samples = append(samples, s)
	}
	md := rendered(t, Markdown, resultsFolder(t, filepath.Join(t.TempDir(), "big"), "tiny", samples...))
	if len(md) > 65_536 || !strings.Contains(md, "more\n") || !strings.HasSuffix(md, "</details>\n\n") {
		t.Errorf("%d bytes, ends with %q", len(md), md[len(md)-60:])
	}
}
