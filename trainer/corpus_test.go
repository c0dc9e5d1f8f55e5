package trainer

import (
	"io"
	"strings"
	"testing"
)

func TestCorpus(t *testing.T) {
	r, err := NewCorpusReader("corpus.jsonl", strings.NewReader(`{"prompt":"a","completion":"b","more":1}
{"id":"x","prompt":"é","completion":"c\n"}
`))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range [][3]string{{"1", "a", "b"}, {"x", "é", "c\n"}} {
		p, err := r.Next()
		if err != nil || p.ID != want[0] || p.Prompt != want[1] || p.Chosen != want[2] || p.Rejected != want[2] || !p.RejectedSpans.Empty() {
			t.Errorf("%+v, %v", p, err)
		}
	}
	if _, err := r.Next(); err != io.EOF {
		t.Error(err)
	}
	for text, says := range map[string]string{
		`{"prompt":"a"}`:     "corpus.jsonl:1: completion is missing",
		`{"completion":"a"}`: "prompt is missing",
		`[]`:                 "an object with prompt and completion",
		`{"id":"2","prompt":"a","completion":"b"}` + "\n" + `{"prompt":"a","completion":"b"}`: "corpus.jsonl:2: row 2 is in line 1 already",
	} {
		r, err := NewCorpusReader("corpus.jsonl", strings.NewReader(text))
		for err == nil {
			_, err = r.Next()
		}
		if !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want %s", text, err, says)
		}
	}
}
