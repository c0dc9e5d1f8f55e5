package benchmarks

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/assay-dev/assay/internal/testkit"
)

// plusRow is a row of evalplus's shape; each pair of edits replaces text in it.
func plusRow(edits ...string) string {
	const row = `{"task_id": "HumanEval/0", "prompt": "def f(x):\n", "entry_point": "f", ` +
		`"canonical_solution": "    return x\n", "base_input": [[1]], "plus_input": [[2], [3]], "atol": 0, "contract": ""}`
	return strings.NewReplacer(edits...).Replace(row)
}

func TestOpenDataFile(t *testing.T) {
	for _, content := range []string{plusRow(), testkit.Pack(t, plusRow()+"\n\n")} {
		path := testkit.File(t, "data", content)
		s, err := Open(context.Background(), "humaneval+", Options{DataFile: path})
		if err != nil {
			t.Fatal(err)
		}
		if s.Version != "custom" || len(s.Problems) != 1 {
			t.Fatalf("version %q, %d problems", s.Version, len(s.Problems))
		}
		p := s.Problems[0]
		if p.Canonical != "def f(x):\n    return x\n" || p.Oracle != Cases || p.Sets[1].N != 2 {
			t.Errorf("got %+v", p)
		}
	}
}

func TestOpenRefusesData(t *testing.T) {
	for _, tt := range []struct{ name, spec, content, want string }{
		{"an empty file", "humaneval+", "", "humaneval+: FILE: the file is empty"},
		{"blank lines", "humaneval+", "\n\n", "humaneval+@custom: FILE: no problem in it"},
		{"a malformed line", "humaneval+", plusRow() + "\n{\"task_id\"", "humaneval+@custom: FILE:2: the JSON ends early"},
		{"a line that is no object", "humaneval+", "[]", "humaneval+@custom: FILE:1: malformed JSON at byte 1: want an object"},
		{"a task twice", "humaneval+", plusRow() + "\n" + plusRow(), `humaneval+@custom: FILE:2: task "HumanEval/0" is there already, in line 1`},
		{"a missing field", "humaneval+", plusRow(`"atol"`, `"x"`), `humaneval+@custom: FILE:1: field "atol" is missing`},
		{"a field of another type", "humaneval+", plusRow(`"f"`, `["f"]`), `humaneval+@custom: FILE:1: field "entry_point": want a string, have ["f"]`},
		{"a null", "humaneval+", plusRow(`"atol": 0`, `"atol": null`), `humaneval+@custom: FILE:1: field "atol": want a number, have null`},
		{"inputs that are no list", "humaneval+", plusRow(`[[1]]`, `1`), `humaneval+@custom: FILE:1: field "base_input": malformed JSON at byte 1: want a list`},
		{"bytes that are no UTF-8", "humaneval+", "\xff", "humaneval+@custom: FILE:1: byte 1 of the line is not valid UTF-8"},
		{"a cut gzip file", "humaneval+", testkit.Pack(t, plusRow())[:40], "humaneval+: FILE: damaged gzip data: it ends early"},
		{"not the version asked for", "humaneval+@v0.1.9", plusRow(),
			"FILE: wrong checksum: humaneval+@v0.1.9 has sha-256 e62f4130146963d969da64553f407a66e52d095adbfed4ee6733b4d59e14a3ed, this is " +
				sum([]byte(plusRow())) + ": to read it as it is, ask for humaneval+ without a version"},
		{"a list of rows that is cut", "mbpp-sanitized", "[{", "mbpp-sanitized@custom: FILE: the JSON ends early"},
		{"a row of such a list", "mbpp-sanitized", "[\n{\n},\n{}]", `mbpp-sanitized@custom: FILE:2: field "test_imports" is missing`},
		{"tests that call nothing", "mbpp", `{"task_id": 1, "text": "", "code": "def f(): pass", "test_setup_code": "", "test_list": ["assert g()"]}`,
			"mbpp@custom: FILE:1: the tests call no function of the code"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := testkit.File(t, "data", tt.content)
			_, err := Open(context.Background(), tt.spec, Options{DataFile: path})
			testkit.Error(t, err, path, tt.want)
		})
	}
}

// TestInputErrors: what is wrong within an input shows when it is parsed.
func TestInputErrors(t *testing.T) {
	path := testkit.File(t, "data", "\n"+plusRow(`[[1]]`, `[[1], [nope], {"a": 1}]`))
	s, err := Open(context.Background(), "humaneval+", Options{DataFile: path})
	if err != nil {
		t.Fatal(err)
	}
	set := s.Problems[0].Sets[0]
	if _, err := set.Input(0); err != nil {
		t.Error(err)
	}
	_, err = set.Input(2)
	testkit.Error(t, err, path, `FILE:2: field "base_input": input 2: want a list of arguments, have {"a": 1}`)
	if _, err = set.Inputs(); err == nil || !strings.Contains(err.Error(), `:2: field "base_input": input 1: `) {
		t.Errorf("got %v", err)
	}
}

func TestLookup(t *testing.T) {
	for _, tt := range []struct{ spec, want string }{
		{"nope", `no suite is called "nope" (there are starter, humaneval, humaneval+, mbpp, mbpp-sanitized, mbpp+, bigcodebench, bigcodebench-hard, livecodebench)`},
		{"mbpp+@", `"mbpp+@" names no version (mbpp+ has v0.2.0, v0.1.0)`},
		{"humaneval+@v0.1.7", "humaneval+@v0.1.7: no checksum of this version is known (those of v0.1.10, v0.1.9, mini are), so it is never fetched: get it yourself and pass --data FILE"},
	} {
		_, err := Open(context.Background(), tt.spec, Options{})
		testkit.Error(t, err, "\x00", tt.want)
	}
}

// TestOpenUnknownVersion: a version without a checksum is read from a file.
func TestOpenUnknownVersion(t *testing.T) {
	s, err := Open(context.Background(), "humaneval+@v0.1.7", Options{DataFile: testkit.File(t, "data", plusRow())})
	if err != nil || s.Version != "v0.1.7" {
		t.Errorf("got %+v, %v", s, err)
	}
}

func TestOpenDataDir(t *testing.T) {
	dir := t.TempDir()
	deep := filepath.Join(dir, "a", "b")
	if err := os.MkdirAll(deep, 0o700); err != nil {
		t.Fatal(err)
	}
	damaged := filepath.Join(deep, "HumanEvalPlus.jsonl.gz")
	if err := os.WriteFile(damaged, []byte(plusRow()), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Open(context.Background(), "humaneval+", Options{DataDir: dir})
	testkit.Error(t, err, damaged, "FILE: wrong checksum: humaneval+@v0.1.10 has sha-256 272720b90ac375502c8ed23cd791c2a93dfb22a911641a494da74a426c09f101, this is "+
		sum([]byte(plusRow()))+": remove or replace the file, or read it as it is with --data FILE")

	_, err = Open(context.Background(), "humaneval+", Options{DataDir: filepath.Join(dir, "absent")})
	if err == nil || !strings.HasPrefix(err.Error(), "look for humaneval+@v0.1.10 in ASSAY_DATA: ") {
		t.Errorf("got %v", err)
	}
}

// TestOpenFileByContent: the same data is known as published, unpacked, and by
// its content under any name.
func TestOpenFileByContent(t *testing.T) {
	for _, name := range []string{"HumanEvalPlus-v0.1.9.jsonl.gz", "HumanEvalPlus.jsonl.gz"} {
		path := filepath.Join(testkit.Data(t), "humanevalplus", name)
		s, err := Open(context.Background(), "humaneval+", Options{DataFile: path})
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]string{"HumanEvalPlus-v0.1.9.jsonl.gz": "v0.1.9", "HumanEvalPlus.jsonl.gz": "v0.1.10"}[name]
		if s.Version != want {
			t.Errorf("%s is %s, want %s", name, s.Version, want)
		}
	}
}
