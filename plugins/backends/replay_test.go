package backends

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/assay-dev/assay/harness/model"
	"github.com/assay-dev/assay/internal/appendlog"
)

func write(t testing.TB, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file.jsonl")
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// logged is a line of a request log.
func logged(t testing.TB, r model.Request, texts ...string) string {
	t.Helper()
	x := model.Exchange{Request: r, Answer: model.Answer{Usage: model.Usage{CompletionTokens: int64(len(texts))}}}
	for _, text := range texts {
		x.Answer.Texts = append(x.Answer.Texts, model.Text{Text: text, Finish: model.Length})
	}
	record, err := json.Marshal(x)
	if err != nil {
		t.Fatal(err)
	}
	return string(appendlog.Seal(record))
}

func texts(a model.Answer) string {
	var out []string
	for _, t := range a.Texts {
		out = append(out, t.Text)
	}
	return strings.Join(out, ",")
}

func TestRows(t *testing.T) {
	b, err := newReplay(write(t, `{"task_id":"T/0","completion":"a"}
{"task_id":"T/1","solution":"x","more":[1]}
{"task_id":"T/0","completion":"b"}

{"task_id":"T/2","sample":1,"completion":"q"}
{"task_id":"T/2","sample":0,"completion":"p"}
{"task_id":"T/2","sample":3,"completion":"s"}
`))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		task     string
		index, n int
		want     string
	}{
		{"T/0", 0, 2, "a,b"}, {"T/0", 1, 5, "b"}, {"T/1", 0, 1, "x"}, {"T/2", 0, 4, "p,q"}, {"T/2", 3, 1, "s"},
		{"T/2", 2, 1, "refused: replay:file.jsonl has 3 samples of this task"},
		{"T/9", 0, 1, "refused: replay:file.jsonl has 0 samples of this task"},
	} {
		a, err := b.Complete(t.Context(), model.Request{Task: tt.task, Index: tt.index, N: tt.n, Model: "whatever"})
		got := texts(a)
		if err != nil {
			got = fmt.Sprintf("%s: %v", err.(*model.Error).Kind, err)
		}
		if got != tt.want {
			t.Errorf("%s#%d, %d: got %s, want %s", tt.task, tt.index, tt.n, got, tt.want)
		}
	}
}

// A request log answers the same requests, and no others, as they were answered
// then: with the same texts at a time, and the same tokens.
func TestLog(t *testing.T) {
	r := model.Request{Task: "T/0", Index: 0, N: 3, Model: "m", Prompt: "p", Temperature: 0.5}
	b, err := newReplay(write(t, logged(t, r, "a", "b")+logged(t, r.Only(2, 1), "c")+logged(t, r.Only(0, 1), "again")))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []struct {
		at    int
		texts string
		usage int64
	}{{0, "a,b", 2}, {2, "c", 1}} {
		a, err := b.Complete(t.Context(), r.Only(want.at, 3-want.at))
		if err != nil || texts(a) != want.texts || a.Texts[0].Finish != model.Length || a.Usage.CompletionTokens != want.usage {
			t.Errorf("got %v, %v, want %v", a, err, want)
		}
	}
	if a, err := b.Complete(t.Context(), r.Only(1, 1)); err != nil || texts(a) != "b" {
		t.Errorf("got %v, %v", a, err)
	}
	r.Temperature = 0.6
	if _, err := b.Complete(t.Context(), r); err == nil || !strings.Contains(err.Error(), "the same suite, prompt, model and sampling") {
		t.Errorf("got %v", err)
	}
}

func TestBadFiles(t *testing.T) {
	whole := logged(t, model.Request{N: 1}, "a")
	for _, tt := range []struct{ text, want string }{
		{"", "no answers in it"},
		{"hello", "file.jsonl:1: it is not a line of a request log, nor a row of samples"},
		{whole + strings.Replace(whole, `"a"`, `"b"`, 1), "file.jsonl:2: the line is damaged"},
		{`{"completion":"a"}`, `no "task_id"`},
		{`{"task_id":"T"}`, `neither "completion" nor "solution"`},
		{`{"task_id":"T","sample":-1,"completion":"a"}`, "no index from 0"},
		{`{"task_id":"T","sample":1,"completion":"a"}` + "\n" + `{"task_id":"T","sample":1,"completion":"a"}`, "file.jsonl:2: sample 1 of T is there already"},
		{`{"task_id":1}`, "file.jsonl:1: "},
	} {
		if _, err := newReplay(write(t, tt.text)); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %s", tt.text, err, tt.want)
		}
	}
	if _, err := newReplay(""); err == nil || !strings.Contains(err.Error(), "replay:FILE") {
		t.Errorf("got %v", err)
	}
}

// FuzzFile reads any file: it is refused, or answers what it has.
func FuzzFile(f *testing.F) {
	f.Add([]byte(`{"task_id":"T/0","completion":"a"}` + "\n" + `{"task_id":"T/0","sample":7,"solution":"b"}`))
	f.Add([]byte(logged(f, model.Request{Task: "T/0", N: 2}, "a", "b")))
	f.Add([]byte("\x1f\x8b"))
	f.Fuzz(func(t *testing.T, text []byte) {
		b, err := newReplay(write(t, string(text)))
		if err != nil {
			return
		}
		for task, rows := range b.listed {
			for i := range rows {
				if a, err := b.Complete(t.Context(), model.Request{Task: task, Index: i, N: 1}); err != nil || len(a.Texts) != 1 {
					t.Errorf("%s#%d: %v, %v", task, i, a, err)
				}
			}
		}
	})
}
