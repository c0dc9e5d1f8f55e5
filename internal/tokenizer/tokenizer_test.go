package tokenizer

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestCounts: as many tokens as Hugging Face's own library counts
// (testdata/make.py).
func TestCounts(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("testdata", "counts.json"))
	if err != nil {
		t.Fatal(err)
	}
	var want struct {
		Texts  []string
		Counts map[string][]int
	}
	if err := json.Unmarshal(data, &want); err != nil {
		t.Fatal(err)
	}
	if len(want.Counts) < 4 || len(want.Texts) < 50 {
		t.Fatalf("%d tokenizers, %d texts", len(want.Counts), len(want.Texts))
	}
	for name, counts := range want.Counts {
		tok, err := Open(filepath.Join("testdata", name+".json"))
		if err != nil {
			t.Fatal(err)
		}
		for i, text := range want.Texts {
			n, err := tok.Count(text)
			if err != nil || n != counts[i] {
				t.Errorf("%s: %q has %d tokens (%v), want %d", name, text, n, err, counts[i])
			}
			for limit := range 12 {
				if over, err := tok.Exceeds(text, limit); err != nil || over != (counts[i] > limit) {
					t.Errorf("%s: %q, of %d tokens, exceeds %d: %v, %v", name, text, counts[i], limit, over, err)
				}
			}
		}
	}
}

// TestEncode: the tokens are those of Hugging Face's library, their places have no
// gap, and their pieces are the text.
func TestEncode(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("testdata", "counts.json"))
	if err != nil {
		t.Fatal(err)
	}
	var want struct {
		Texts []string
		Smol  [][]int
	}
	if err := json.Unmarshal(data, &want); err != nil || len(want.Smol) != len(want.Texts) {
		t.Fatal(len(want.Smol), err)
	}
	tok, err := Open(filepath.Join("testdata", "smol.json"))
	if err != nil {
		t.Fatal(err)
	}
	pieces := tok.Pieces()
	for i, text := range want.Texts {
		got, err := tok.Encode(text)
		if err != nil {
			t.Fatal(err)
		}
		ids, at := []int{}, 0
		for _, g := range got {
			ids = append(ids, g.ID)
			if g.Start != at || text[g.Start:g.End] != pieces[g.ID] {
				t.Fatalf("%q: token %d, %q, stands from %d to %d", text, g.ID, pieces[g.ID], g.Start, g.End)
			}
			at = g.End
		}
		if at != len(text) || !slices.Equal(ids, want.Smol[i]) {
			t.Errorf("%q is %v to byte %d, want %v", text, ids, at, want.Smol[i])
		}
	}
	if _, err := tok.Encode("a\xff"); err == nil || !strings.Contains(err.Error(), "UTF-8") {
		t.Errorf("not UTF-8: %v", err)
	}
	for _, changes := range []string{"qwen", "gpt2"} {
		tok, err := Open(filepath.Join("testdata", changes+".json"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tok.Encode("a"); !errors.Is(err, errChanged) {
			t.Errorf("%s: %v", changes, err)
		}
	}
}

// TestRefused: what would be counted otherwise is said, not read roughly.
func TestRefused(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("testdata", "qwen.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ from, to, want string }{
		{`"type":"BPE"`, `"type":"Unigram"`, `model is "Unigram"`},
		{`"byte_fallback":false`, `"byte_fallback":true`, "byte-level BPE family"},
		{`{"type":"NFC"}`, `{"type":"Lowercase"}`, `normalizer is "Lowercase"`},
		{`"behavior":"Isolated"`, `"behavior":"Removed"`, `pre-tokenizer is "Split" (Removed)`},
		{`"type":"ByteLevel"`, `"type":"Whitespace"`, `pre-tokenizer is "Whitespace"`},
		{`"lstrip":false`, `"lstrip":true`, "takes in what stands beside it"},
		{`"!":1,`, ``, "no token for byte 33"},
		{`"merges":[[`, `"merges":[["none","of them"],[`, "not in its vocabulary"},
		{`{"version"`, `[{"version"`, "no tokenizer.json"},
	} {
		bad := strings.Replace(string(data), c.from, c.to, 1)
		if bad == string(data) {
			t.Fatalf("%s: the case changes nothing", c.from)
		}
		if _, err := parse([]byte(bad)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %s", c.to, err, c.want)
		}
	}
	if _, err := Open(filepath.Join("testdata", "none.json")); err == nil {
		t.Error("a file that isn't there")
	}
}

func TestBytes(t *testing.T) {
	for _, c := range []struct {
		ratio Bytes
		text  string
		want  int
	}{{3, "", 0}, {3, "abc", 1}, {3, "abcd", 2}, {2.5, "ééé", 3}} {
		n, err := c.ratio.Count(c.text)
		over, err2 := c.ratio.Exceeds(c.text, c.want)
		if n != c.want || over || err != nil || err2 != nil {
			t.Errorf("%q at %v: %d, over %v", c.text, c.ratio, n, over)
		}
	}
	for _, b := range []Bytes{0, 0.5, -1, 101} {
		if b.Check() == nil {
			t.Errorf("%v is no ratio", float64(b))
		}
	}
}

// FuzzCount: every text has between one token and one a byte, once it is normal.
func FuzzCount(f *testing.F) {
	tok, err := Open(filepath.Join("testdata", "qwen.json"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add("def f(x):\n    return x == '<|end|>'\n")
	f.Add("e\u0301 \xff\n\n")
	f.Fuzz(func(t *testing.T, text string) {
		n, err := tok.Count(text)
		if err != nil || n > 3*len(tok.normal(text)) || n == 0 && text != "" { // what is no UTF-8 becomes U+FFFD
			t.Errorf("%q has %d tokens, %v", text, n, err)
		}
	})
}
