package benchmarks

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/assay-dev/assay/internal/testkit"
)

// add puts a file to a folder of suites and opens the suite by its name.
func add(t *testing.T, content, name string) (*Suite, error) {
	t.Helper()
	custom := CustomSuites{t.TempDir()}
	if _, err := custom.Add(t.Context(), testkit.File(t, "mine.jsonl", content), name, false, func([]*Problem) error { return nil }); err != nil {
		return nil, err
	}
	own, err := custom.Suites()
	if err != nil || len(own) != 1 {
		t.Fatalf("%d suites, %v", len(own), err)
	}
	return Open(t.Context(), own[0].Name, Options{Added: own})
}

const ownRow = `{"task_id": "a", "statement": "Do.", "tests": [{"input": "1", "output": "2"}]`

func TestOwnSuite(t *testing.T) {
	content := `{"suite": "mine", "version": "3", "licence": "MIT", "origin": "us", "compare": "tokens", "tolerance": 0.5, "seconds": 2}
` + ownRow + `}
{"task_id": "b", "tests": [{"input": "", "output": ""}], "compare": "exact", "seconds": 0.25, "solution": "pass", "difficulty": "hard", "date": "2024-01-01", "title": "B"}
` + lcbRow(t, nil) + "\n" + lcbRow(t, lcbFunction) + "\n"
	for _, text := range []string{content, testkit.Pack(t, content)} {
		s, err := add(t, text, "")
		if err != nil {
			t.Fatal(err)
		}
		if s.Name != "mine" || s.Version != "3" || s.Licence != "MIT" || s.Origin != "us" || len(s.Problems) != 4 {
			t.Fatalf("suite %+v", s)
		}
		a, b, program, method := s.Problems[0], s.Problems[1], s.Problems[2], s.Problems[3]
		if a.Output != (OutputRule{Name: Tokens, Tolerance: 0.5}) || a.Seconds != 2 || a.Text() != "Do." || a.Canonical != "" || a.Oracle != Stdio {
			t.Errorf("a: %+v", a)
		}
		if b.Output != (OutputRule{Name: Exact}) || b.Seconds != 0.25 || b.Canonical != "pass" || b.Contest != (Contest{Title: "B", Date: "2024-01-01", Difficulty: "hard"}) {
			t.Errorf("b: %+v", b)
		}
		if program.Output != (OutputRule{Name: Tokens, Tolerance: 0.5}) || program.Seconds != 2 || program.Before == "" || method.Oracle != Cases || method.Seconds != 6 {
			t.Errorf("LiveCodeBench's: %+v, %+v", program, method)
		}
		for _, p := range s.Problems {
			if _, err := p.Tests.Load(); err != nil {
				t.Errorf("%s: %v", p.ID, err)
			}
		}
	}
	plain, err := add(t, ownRow+"}\n", "plain")
	if err != nil || plain.Version != "1" || plain.Origin != "mine.jsonl" || plain.Problems[0].Output.Name != Lines || plain.Problems[0].Seconds != 1 {
		t.Errorf("%+v, %v", plain, err)
	}
}

func TestOwnSuiteRefuses(t *testing.T) {
	for _, c := range []struct{ content, want string }{
		{"", "mine.jsonl: no problem in it"},
		{`{"suite": "x"}`, "mine.jsonl: no problem in it"},
		{`{"suite": "X y"}`, `mine.jsonl:1: field "suite": "X y" can't be the name`},
		{`{"suite": "x", "name": "y"}`, `mine.jsonl:1: no field is called "name" here`},
		{`{"suite": "x", "tolerance": 1}`, `mine.jsonl:1: a tolerance, and ignoring case, go with "compare": "tokens" alone`},
		{`{"suite": "x", "seconds": -1}`, `mine.jsonl:1: field "seconds": -1: want a number above 0`},
		{ownRow + `, "seconds": 1e9}`, `mine.jsonl:1: field "seconds": 1e+09: want`},
		{ownRow + `, "compare": 1}`, `mine.jsonl:1: field "compare": want a string`},
		{ownRow + `, "date": "May"}`, `mine.jsonl:1: field "date": "May" is no date`},
		{ownRow + `, "solution": null}`, `mine.jsonl:1: field "solution": want a string, have null`},
		{ownRow + "}\n{\"suite\": \"x\"}", `mine.jsonl:2: no field is called "suite" here`},
		{`{"task_id": "a"}`, `mine.jsonl:1: field "tests" is missing`},
		{`{"task_id": " ", "tests": []}`, `mine.jsonl:1: field "task_id": " " is no id`},
		{`{"task_id": "a", "tests": {}}`, `mine.jsonl:1: field "tests"`},
		{`{"task_id": "a", "tests": [[]]}`, `mine.jsonl:1: field "tests": test 0`},
		{`{"task_id": "a", "tests": [{"input": "", "output": "", "more": 1}]}`, `test 0: no field is called "more"`},
		{`{"name": "a", "description": "", "public_tests": {"input": ["1"], "output": []}}`, `field "public_tests": 1 inputs and 0 outputs`},
		{"[", "mine.jsonl:1"},
	} {
		if _, err := add(t, c.content, "own"); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.content, err, c.want)
		}
	}
}

func TestCodeContestsRows(t *testing.T) {
	s, err := add(t, `{"name": "1_A. Theatre Square", "description": "Tile.", "time_limit": {"seconds": 1, "nanos": 500000000}, "public_tests": {"input": ["6 6 4\n"], "output": ["4\n"]}, "private_tests": {"input": [], "output": []}, "generated_tests": {"input": ["1 1 1\n"], "output": ["1\n"]}, "difficulty": 7}
{"name": "b", "description": "", "time_limit": null, "public_tests": {"input": [""], "output": [""]}}
`, "contests")
	if err != nil {
		t.Fatal(err)
	}
	p := s.Problems[0]
	tests, err := p.Tests.Load()
	if err != nil || len(tests) != 2 || tests[1] != (Test{"1 1 1\n", "1\n"}) || p.Seconds != 1.5 || p.Output != (codeContests) || p.Text() != "Tile." || s.Problems[1].Seconds != 1 {
		t.Errorf("%+v, %v, %v", p, tests, err)
	}
}

// TestCodeContestsShared adds what is there of the real thing.
func TestCodeContestsShared(t *testing.T) {
	custom := CustomSuites{t.TempDir()}
	added, err := custom.Add(t.Context(), filepath.Join(testkit.Data(t), "codecontests", "code-contests-20.jsonl.gz"), "codecontests", false, func([]*Problem) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	if added.Info.Problems != 20 || added.Tests < 100 {
		t.Errorf("%d problems, %d tests", added.Info.Problems, added.Tests)
	}
	t.Logf("%d tests", added.Tests)
}

// What somebody else wrote into the folder is said to be so, by the file.
func TestCustomSuitesAreChecked(t *testing.T) {
	custom := CustomSuites{t.TempDir()}
	if own, err := (CustomSuites{filepath.Join(custom.root, "absent")}).Suites(); err != nil || len(own) != 0 {
		t.Errorf("an absent folder has %v, %v", own, err)
	}
	if _, err := custom.Add(t.Context(), testkit.File(t, "mine.jsonl", ownRow+"}\n"), "mine", false, func([]*Problem) error { return nil }); err != nil {
		t.Fatal(err)
	}
	info, data := filepath.Join(custom.root, "mine", customInfo), filepath.Join(custom.root, "mine", customData)
	own, err := custom.Suites()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(data, []byte(ownRow+", \"seconds\": 2}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), "mine", Options{Added: own}); err == nil || !strings.Contains(err.Error(), "the file is another than the one that was added") {
		t.Errorf("got %v", err)
	}
	for _, text := range []string{"", "{}", `{"form": 1, "name": "other", "sha256": ["x"]}`} {
		if err := os.WriteFile(info, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := custom.Suites(); err == nil || !strings.Contains(err.Error(), info) {
			t.Errorf("%q: got %v", text, err)
		}
	}
	for _, name := range []string{"../mine", "", "absent", "."} {
		if err := custom.Remove(name); err == nil {
			t.Errorf("%q was removed", name)
		}
	}
	if err := os.Remove(data); err != nil {
		t.Fatal(err)
	}
	if err := custom.Remove("mine"); err != nil {
		t.Error(err)
	}
}

// The schema takes what is read, and refuses what is refused.
func TestSuiteSchema(t *testing.T) {
	schema := testkit.Schema(t, "suite", Schema)
	for line, want := range map[string]bool{
		`{"suite": "x", "compare": "tokens", "tolerance": 0.1, "seconds": 2}`: true,
		ownRow + `, "difficulty": "easy", "date": "2024-01-01"}`:              true,
		`{"suite": "X"}`:                       false,
		`{"suite": "x", "compare": "loosely"}`: false,
		`{"task_id": "a"}`:                     false,
		`{"task_id": "a", "tests": []}`:        false,
		ownRow + `, "test": 1}`:                false,
		ownRow + `, "seconds": 0}`:             false,
	} {
		v, err := jsonschema.UnmarshalJSON(strings.NewReader(line))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(v); (err == nil) != want {
			t.Errorf("%s: %v", line, err)
		}
	}
}
