package jsonl

import (
	"bytes"
	"errors"
	"math"
	"strings"
	"testing"
)

func TestWrite(t *testing.T) {
	var out bytes.Buffer
	for _, v := range []any{map[string]any{"a": "<&>é\u2028\n", "b": 1}, []int{}} {
		if err := Write(&out, v); err != nil {
			t.Fatal(err)
		}
	}
	if want := `{"a":"<&>é\u2028\n","b":1}` + "\n[]\n"; out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
	if line, err := Marshal("a"); err != nil || string(line) != `"a"` {
		t.Errorf("%q, %v", line, err)
	}
	if err := Write(&out, math.NaN()); err == nil {
		t.Error("NaN was written")
	}
	if err := Write(full{}, 1); !errors.Is(err, errFull) {
		t.Errorf("got %v", err)
	}
}

var errFull = errors.New("full")

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestAll(t *testing.T) {
	r, err := NewReader("f", strings.NewReader("1\n\n22\n55555\n4\n"), Bounds{Line: 2})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	var failed error
	for line, err := range r.All() {
		if failed = err; err == nil {
			got = append(got, string(line))
			if r.Line() != 2*len(got)-1 {
				t.Errorf("line %d", r.Line())
			}
		}
	}
	if want := "f:4: the line is longer than 2 bytes"; strings.Join(got, ",") != "1,22" || failed == nil || failed.Error() != want {
		t.Errorf("got %q and %v, want %s", got, failed, want)
	}
	if r, err = NewReader("f", strings.NewReader("1\n2\n"), Bounds{}); err != nil {
		t.Fatal(err)
	}
	for range r.All() {
		break // the rest is still there
	}
	if line, n, err := r.Next(); err != nil || n != 2 || string(line) != "2" {
		t.Errorf("%q in line %d, %v", line, n, err)
	}
}
