package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/internal/cache"
	"github.com/assay-dev/assay/runtimes/engine/registry"
)

// TestHostile holds candidates that cheat, steal, tamper or use up to the
// verdict that each must get. A script of testdata/script/hostile says in a
// comment what is tried and why it ends so, and then
//
//	judged SUITE [FLAG=VALUE...] (CANDIDATE VERDICT)...
//
// The candidates are samples of the task that "task ID" names before, by default
// Starter/0. The suite is starter, judged by its inputs, or humaneval: the same
// problems in HumanEval's form, judged by their test programs; or livecodebench,
// whose tasks sum and secret are programs that read and print; or bigcodebench: a
// problem of ours in its form (unittest.jsonl), judged by unit tests.
//
// Scripts with the same suite and flags are one run of the command. It is run
// twice, the second time by verify, and on every engine that is built in: every
// byte has to be the same, verdict, fuel, memory and message. Whatever programs do,
// records stay short, and every command reads the folder afterwards.
func TestHostile(t *testing.T) {
	shared, err := cache.DefaultRoot()
	if err != nil {
		t.Fatal(err)
	}
	if err := installPython(shared); err != nil {
		if os.Getenv("ASSAY_REQUIRE") != "" {
			t.Fatal(err)
		}
		t.Skipf("the Python runtime can't be had: %v", err)
	}
	own := filepath.Join(t.TempDir(), "cache")
	if err := shareCache(own, shared); err != nil {
		t.Fatal(err)
	}
	runs := readHostile(t, filepath.Join("testdata", "script", "hostile", "*.txtar"))
	for _, r := range runs {
		t.Run(r.name(), func(t *testing.T) { r.judge(t, own) })
	}
}

// hostileRun is every candidate that is judged by one run of the command.
type hostileRun struct {
	suite      string
	flags      []string
	candidates []hostile
}

// hostile is a candidate and its verdict.
type hostile struct{ script, file, task, source, verdict string }

func (r *hostileRun) name() string { return strings.Join(append([]string{r.suite}, r.flags...), " ") }

// readHostile reads scripts, sorted by what they ask for.
func readHostile(t *testing.T, pattern string) []*hostileRun {
	t.Helper()
	paths, err := filepath.Glob(pattern)
	if err != nil || len(paths) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	byName := map[string]*hostileRun{}
	for _, path := range paths {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range hostileRuns(t, filepath.Base(path), archive) {
			if first := byName[r.name()]; first != nil {
				first.candidates = append(first.candidates, r.candidates...)
			} else {
				byName[r.name()] = r
			}
		}
	}
	var runs []*hostileRun
	for _, r := range byName {
		runs = append(runs, r)
	}
	slices.SortFunc(runs, func(a, b *hostileRun) int { return strings.Compare(a.name(), b.name()) })
	return runs
}

func hostileRuns(t *testing.T, script string, a *txtar.Archive) (runs []*hostileRun) {
	t.Helper()
	task := "Starter/0"
	for line := range strings.Lines(string(a.Comment)) {
		words := strings.Fields(line)
		switch {
		case len(words) == 0 || words[0] == "#":
		case words[0] == "task" && len(words) == 2:
			task = words[1]
		case words[0] == "judged" && len(words) > 3:
			r := &hostileRun{suite: words[1]}
			for words = words[2:]; strings.HasPrefix(words[0], "-"); words = words[1:] {
				r.flags = append(r.flags, words[0])
			}
			for pair := range slices.Chunk(words, 2) {
				i := slices.IndexFunc(a.Files, func(f txtar.File) bool { return f.Name == pair[0] })
				if i < 0 || len(pair) < 2 {
					t.Fatalf("%s: no file %s, or no verdict for it", script, pair[0])
				}
				r.candidates = append(r.candidates, hostile{script, pair[0], task, string(a.Files[i].Data), pair[1]})
			}
			runs = append(runs, r)
		default:
			t.Fatalf("%s: what is %q?", script, line)
		}
	}
	if len(runs) == 0 {
		t.Fatalf("%s: nothing is judged", script)
	}
	return runs
}

// judge runs the command and compares verdicts, once for each engine.
func (r *hostileRun) judge(t *testing.T, cacheRoot string) {
	var first []byte
	for _, engine := range registry.BuiltIn() {
		results := r.results(t, cacheRoot, engineFlag(engine))
		if first == nil {
			first = results
			r.holdVerdicts(t, results)
		} else if diff := cmp.Diff(strings.Split(string(first), "\n"), strings.Split(string(results), "\n")); diff != "" {
			t.Errorf("%s gives other results (-%s +%s):\n%s", engine, registry.BuiltIn()[0], engine, diff)
		}
	}
}

// engineFlag chooses an engine where there is something to choose from.
func engineFlag(engine string) []string {
	if len(registry.BuiltIn()) == 1 {
		return nil
	}
	return []string{"--engine", engine}
}

// results judges the candidates, verifies that, and gives results.jsonl.
func (r *hostileRun) results(t *testing.T, cacheRoot string, engine []string) []byte {
	dir := t.TempDir()
	var samples bytes.Buffer
	var tasks []string
	for _, c := range r.candidates {
		if !slices.Contains(tasks, c.task) {
			tasks = append(tasks, c.task)
		}
		line := map[string]string{"task_id": c.task, "solution": c.source}
		if err := json.NewEncoder(&samples).Encode(line); err != nil {
			t.Fatal(err)
		}
	}
	unit, err := os.ReadFile(filepath.Join("testdata", "unittest.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	data := map[string][]byte{
		"samples.jsonl": samples.Bytes(), "starter.jsonl": benchmarks.StarterProblems(),
		"livecodebench.jsonl": []byte(stdioTasks), "unittest.jsonl": unit,
	}
	for name, data := range data {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	common := slices.Clone(engine)
	switch r.suite {
	case "humaneval":
		common = append(common, "--data", "starter.jsonl")
	case "livecodebench":
		common = append(common, "--data", "livecodebench.jsonl")
	case "bigcodebench":
		common = append(common, "--data", "unittest.jsonl")
	}
	eval := []string{"eval", r.suite, "--samples", "samples.jsonl", "--out", "out", "--quiet", "--fresh", "--tasks", strings.Join(tasks, ",")}
	again := append(slices.Concat(eval, common, r.flags), "--resume")
	for _, args := range [][]string{
		slices.Concat(eval, common, r.flags), slices.Concat([]string{"verify", "out"}, common),
		again, {"errors", "out"}, {"show", "out", tasks[0] + "#0"}, {"report", "out", "--out", "report.html"},
	} {
		cmd := exec.CommandContext(t.Context(), "assay", args...)
		cmd.Dir, cmd.Env = dir, append(os.Environ(), "ASSAY_CACHE="+cacheRoot)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("assay %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
	for _, name := range []string{"log.jsonl", "results.jsonl"} {
		lines, err := os.ReadFile(filepath.Join(dir, "out", name))
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(lines)) {
			if len(line) > harness.MostRecord {
				t.Errorf("%s has a line of %d bytes: %.300s", name, len(line), line)
			}
			if bad := strings.IndexFunc(line, func(r rune) bool { return r != '\n' && !unicode.IsGraphic(r) }); bad >= 0 {
				t.Errorf("%s shows what can't be seen: %.40q", name, line[bad:])
			}
		}
	}
	results, err := os.ReadFile(filepath.Join(dir, "out", "results.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	return results
}

// stdioTasks are two of LiveCodeBench's rows: the sum of two numbers, and a
// number that nobody can know.
const stdioTasks = `{"question_id": "sum", "public_test_cases": "[{\"input\": \"1 2\\n\", \"output\": \"3\\n\", \"testtype\": \"stdin\"}, {\"input\": \"20 22\\n\", \"output\": \"42\\n\", \"testtype\": \"stdin\"}]", ` + stdioRow + `
{"question_id": "secret", "public_test_cases": "[{\"input\": \"\", \"output\": \"735291846\\n\", \"testtype\": \"stdin\"}]", ` + stdioRow + "\n"

const stdioRow = `"question_title": "", "question_content": "", "platform": "atcoder", "contest_id": "1", "contest_date": "2024-01-01", "starter_code": "", "difficulty": "easy", "metadata": "{}"}`

func (r *hostileRun) holdVerdicts(t *testing.T, results []byte) {
	rows := map[string]string{}
	for row := range strings.Lines(string(results)) {
		var id struct {
			Task   string `json:"task_id"`
			Sample int
		}
		if err := json.Unmarshal([]byte(row), &id); err != nil {
			t.Fatal(err)
		}
		rows[fmt.Sprint(id.Task, "#", id.Sample)] = row
	}
	samples := map[string]int{} // of a task, so far
	for _, c := range r.candidates {
		row := rows[fmt.Sprint(c.task, "#", samples[c.task])]
		samples[c.task]++
		t.Run(strings.TrimSuffix(c.script, ".txtar")+"/"+c.file, func(t *testing.T) {
			if !strings.Contains(row, fmt.Sprintf("%q:%q,", "verdict", c.verdict)) {
				t.Errorf("want %s: %s", c.verdict, row)
			}
		})
	}
}

// TestHostileTable: the table of the folder's README names scripts that exist.
func TestHostileTable(t *testing.T) {
	dir := filepath.Join("testdata", "script", "hostile")
	text, err := os.ReadFile(filepath.Join(dir, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	named := 0
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if len(cells) != 2 || strings.Contains(cells[1], "---") || strings.TrimSpace(cells[1]) == "script" {
			continue
		}
		for _, name := range strings.Split(cells[1], ",") {
			if name = strings.TrimSpace(name); name == "" {
				continue
			}
			named++
			if _, err := os.Stat(filepath.Join(dir, name+".txtar")); err != nil {
				t.Errorf("%s: %v", strings.TrimSpace(cells[0]), err)
			}
		}
	}
	if named < 90 {
		t.Errorf("the table names %d scripts", named)
	}
}
