package trainer

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const goodLine = `{"version":1,"id":"a","prompt":"p","chosen":"é\n","rejected":"e\n","chosen_spans":[[0,3]],"rejected_spans":[[0,2]],"task_id":"x"}`

func readPairs(text string) ([]Pair, error) {
	r, err := NewPairReader("pairs.jsonl", strings.NewReader(text))
	if err != nil {
		return nil, err
	}
	var pairs []Pair
	for {
		p, err := r.Next()
		if err == io.EOF {
			return pairs, nil
		}
		if err != nil {
			return pairs, err
		}
		pairs = append(pairs, p)
	}
}

func TestPairsReadAsWritten(t *testing.T) {
	want, err := NewPair("a", "p", "x = '<é>'\ny\n", "x = '<e>'\ny\n")
	if err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if err := WritePair(&file, want); err != nil {
		t.Fatal(err)
	}
	got, err := readPairs(file.String())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]Pair{want}, got); diff != "" {
		t.Error(diff)
	}
	if !strings.Contains(file.String(), "<é>") {
		t.Errorf("text was escaped without need: %s", file.String())
	}
}

// TestBadPairs: the error names the file, the line, and what to do.
func TestBadPairs(t *testing.T) {
	for _, c := range []struct{ name, from, to, want string }{
		{"no spans", `,"chosen_spans":[[0,3]],"rejected_spans":[[0,2]]`, ``, "it has no spans"},
		{"null spans", `"rejected_spans":[[0,2]]`, `"rejected_spans":null`, `spans are "all" or an array`},
		{"outside", `[[0,2]]`, `[[0,3]]`, "rejected_spans: span 0, 0 to 3, is outside of the text, which has 2 bytes"},
		{"half a character", `[[0,3]]`, `[[1,3]]`, "chosen_spans: span 0, 1 to 3, cuts a character"},
		{"not a span", `[[0,2]]`, `[[0,2,3]]`, "a span is [start, end]"},
		{"not a number", `[[0,2]]`, `[[0,1.5]]`, "a span is [start, end]"},
		{"version", `"version":1`, `"version":2`, "version is 2"},
		{"no id", `"id":"a"`, `"id":""`, "id is missing"},
		{"long id", `"id":"a"`, `"id":"` + strings.Repeat("a", 300) + `"`, "300 bytes"},
		{"no prompt", `"prompt":"p"`, `"prompt":""`, "pair a: prompt is missing"},
		{"messages", `"prompt":"p"`, `"prompt":[{"role":"user","content":"p"}]`, "prompt"},
		{"no answer", `"chosen":"é\n"`, `"chosen":""`, "chosen is missing"},
		{"no object", goodLine, `[1]`, "a pair is an object"},
		{"cut off", goodLine, goodLine[:40], "a pair is an object"},
	} {
		t.Run(c.name, func(t *testing.T) {
			other := strings.Replace(goodLine, `"id":"a"`, `"id":"b"`, 1)
			bad := strings.Replace(goodLine, c.from, c.to, 1)
			if bad == goodLine {
				t.Fatal("the case changes nothing")
			}
			_, err := readPairs(other + "\n\n" + bad + "\n")
			if err == nil || !strings.HasPrefix(err.Error(), "pairs.jsonl:3: ") || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want line 3 and %q", err, c.want)
			}
		})
	}
	_, err := readPairs(goodLine + "\n" + goodLine)
	if err == nil || err.Error() != "pairs.jsonl:2: pair a is in line 1 already" {
		t.Errorf("a pair twice: %v", err)
	}
}

// FuzzPairs: a line that is read can be written and read again.
func FuzzPairs(f *testing.F) {
	f.Add(goodLine)
	f.Add(strings.Replace(goodLine, `[[0,2]]`, `"all"`, 1))
	f.Add(strings.Replace(goodLine, `[[0,2]]`, `[]`, 1))
	f.Fuzz(func(t *testing.T, line string) {
		first, err := readPairs(line)
		if err != nil {
			t.Skip(err)
		}
		var file bytes.Buffer
		for _, p := range first {
			if err := WritePair(&file, p); err != nil {
				t.Fatal(err)
			}
		}
		again, err := readPairs(file.String())
		if err != nil {
			t.Fatalf("%v in %s", err, file.String())
		}
		a, _ := json.Marshal(first)
		b, _ := json.Marshal(again)
		if !bytes.Equal(a, b) {
			t.Errorf("read %s, then %s", a, b)
		}
	})
}
