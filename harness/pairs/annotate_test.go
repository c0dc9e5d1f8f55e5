package pairs

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-dev/assay/trainer"
)

// annotated writes rows, annotates them, and gives what was written.
func annotated(t *testing.T, rows string) (string, Annotated, error) {
	t.Helper()
	dir := t.TempDir()
	in, out := filepath.Join(dir, "rows.jsonl"), filepath.Join(dir, "spans.jsonl")
	if err := os.WriteFile(in, []byte(rows), 0o644); err != nil {
		t.Fatal(err)
	}
	a, err := Annotate(t.Context(), in, out)
	if err != nil {
		if _, err := os.Lstat(out); err == nil {
			t.Error("a file is there after an error")
		}
		return "", a, err
	}
	return read(t, out), a, nil
}

// TestAnnotate: rows get spans and keep all else, and are read as they were.
func TestAnnotate(t *testing.T) {
	const user, good, bad = `{"role":"user","content":"p"}`, `{"role":"assistant","content":"x\na\n"}`, `{"role":"assistant","content":"x\nb\n"}`
	for _, c := range []struct{ name, row, want string }{
		{"texts", `{"prompt":"p","chosen":"x\na\n","rejected":"x\nb\n"}`,
			`{"version":1,"id":"1","prompt":"p","chosen":"x\na\n","rejected":"x\nb\n","chosen_spans":[[2,4]],"rejected_spans":[[2,4]]}`},
		{"other columns, as they were written", `{"score": 1.50,"id":3,"prompt":"p","chosen":"é<\n","rejected":"\u00e9>\n","v&":{"a": NaN}}`,
			`{"version":1,"id":"3","prompt":"p","chosen":"é<\n","rejected":"é>\n","chosen_spans":[[0,4]],"rejected_spans":[[0,4]],"score":1.50,"v&":{"a": NaN}}`},
		{"spans that are there", `{"version":1,"id":"a","prompt":"p","chosen":"x\na\n","rejected":"x\nb\n","chosen_spans":[],"rejected_spans":[[0,4]],"task_id":"T"}`,
			`{"version":1,"id":"a","prompt":"p","chosen":"x\na\n","rejected":"x\nb\n","chosen_spans":[],"rejected_spans":[[0,4]],"task_id":"T"}`},
		{"a prompt in both texts", `{"chosen":"p\na","rejected":"p\nb"}`,
			`{"version":1,"id":"1","prompt":"p\n","chosen":"a","rejected":"b","chosen_spans":[[0,1]],"rejected_spans":[[0,1]]}`},
		{"messages", `{"prompt":[` + user + `],"chosen":[` + good + `],"rejected":[` + bad + `],"n":1}`,
			`{"version":1,"id":"1","chosen_spans":[[2,4]],"rejected_spans":[[2,4]],"prompt":[` + user + `],"chosen":[` + good + `],"rejected":[` + bad + `],"n":1}`},
		{"a prompt in both conversations", `{"prompt":"p","chosen":[` + user + `,` + good + `],"rejected":[` + user + `,` + bad + `]}`,
			`{"version":1,"id":"1","chosen_spans":[[2,4]],"rejected_spans":[[2,4]],"prompt":[` + user + `],"chosen":[` + good + `],"rejected":[` + bad + `]}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, a, err := annotated(t, c.row+"\n")
			if err != nil {
				t.Fatal(err)
			}
			if got != c.want+"\n" {
				t.Errorf("%s\nwant %s", got, c.want)
			}
			if a.Pairs != 1 || a.Computed+a.Kept != 1 || a.File.Bytes != int64(len(got)) {
				t.Errorf("%+v", a)
			}
			was, err := trainer.ReadPair([]byte(c.row), 1)
			if err == nil {
				was, err = was.WithSpans()
			}
			is, errs := trainer.ReadPair([]byte(got), 1)
			if diff := cmp.Diff(was, is); diff != "" || err != nil || errs != nil {
				t.Error(diff, err, errs)
			}
			again, a, err := annotated(t, got)
			if again != got || err != nil || a.Kept != 1 {
				t.Errorf("annotated again: %s, %+v, %v", again, a, err)
			}
		})
	}
}

// TestAnnotateRefuses: nothing is written, and the line is named.
func TestAnnotateRefuses(t *testing.T) {
	const good = `{"prompt":"p","chosen":"a","rejected":"b"}` + "\n"
	for rows, want := range map[string]string{
		"\n":             "rows.jsonl holds no pair",
		good + `{"a":1}`: "rows.jsonl:2: pair 2: chosen is missing",
		good + `[1]`:     "rows.jsonl:2: a pair is an object of JSON",
		good + "{\"id\":\"" + `1","version":1,"prompt":"p","chosen":"a","rejected":"b","chosen_spans":[],"rejected_spans":[]}`:  "rows.jsonl:2: pair 1 is in line 1 already",
		`{"version":1,"id":"a","prompt":"p","chosen":"a","rejected":"b","chosen_spans":[[0,2]],"rejected_spans":[]}`:            "rows.jsonl:1: pair a: chosen_spans: span 0, 0 to 2, is outside of the text, which has 1 bytes; take chosen_spans and rejected_spans out, and they are computed",
		good + `{"prompt":"p","chosen":"` + strings.Repeat(`a\n`, 5000) + `","rejected":"` + strings.Repeat(`b\n`, 5000) + `"}`: "rows.jsonl:2: pair 2: chosen and rejected: the texts differ in too much",
	} {
		if _, _, err := annotated(t, rows); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.100s: %v, want %s", rows, err, want)
		}
	}
}
