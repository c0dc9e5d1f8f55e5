package tokenizer

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var corpus = []string{
	strings.Repeat("def add(a, b):\n    return a + b\n", 3),
	strings.Repeat("for number in numbers:\n    total += number\n", 2), "größe = 'ä'\n",
}

func TestLearned(t *testing.T) {
	v, err := OfCorpus(corpus, 280)
	if err != nil {
		t.Fatal(err)
	}
	if v.Size != 280 || v.End != 256 || v.EndText() != End {
		t.Errorf("%d tokens, the end is %d, %q", v.Size, v.End, v.EndText())
	}
	for _, text := range append(corpus, "", "\x00\x7f ~", "日本 🙂\u2028", "a"+End+"b"+End) {
		tokens, err := v.Encode(text)
		if err != nil {
			t.Fatal(err)
		}
		var back strings.Builder
		for _, token := range tokens {
			back.WriteString(v.Piece(token.ID))
		}
		if back.String() != text {
			t.Errorf("%q comes back as %q", text, back.String())
		}
	}
	bytes, err := OfCorpus(nil, LeastVocabulary)
	if err != nil {
		t.Fatal(err)
	}
	few, _ := v.Encode(corpus[0])
	many, _ := bytes.Encode(corpus[0])
	if len(many) != len(corpus[0]) || len(few) > len(many)/2 {
		t.Errorf("%d bytes are %d tokens, and %d of the bytes'", len(corpus[0]), len(few), len(many))
	}
	if ends, _ := v.Encode("a" + End); len(ends) != 2 || ends[1].ID != v.End {
		t.Errorf("%v", ends)
	}
}

func TestSameCorpusSameFile(t *testing.T) {
	first, err := learn(corpus, 290)
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		again, err := learn([]string{corpus[2], corpus[0], corpus[1]}, 290)
		if err != nil || !bytes.Equal(first, again) {
			t.Fatalf("another file, %v", err)
		}
	}
	small, err := OfCorpus([]string{"ab"}, 400) // nothing is there twice
	if err != nil || small.Size != LeastVocabulary {
		t.Errorf("%d tokens, %v", small.Size, err)
	}
	for _, size := range []int{256, maxSize + 1} {
		if _, err := learn(corpus, size); err == nil || !strings.Contains(err.Error(), "it has 257 (bytes) to") {
			t.Errorf("%d: %v", size, err)
		}
	}
}

func TestFolder(t *testing.T) {
	dir := t.TempDir()
	v, err := OfCorpus(corpus, 270)
	if err != nil {
		t.Fatal(err)
	}
	if err := v.Write(dir); err != nil {
		t.Fatal(err)
	}
	again, err := OpenVocabulary(dir, 256)
	if err != nil || again.Size != v.Size || !bytes.Equal(again.settings, v.settings) {
		t.Fatalf("%v", err)
	}
	if _, err := OpenVocabulary(dir, 500); err == nil || !strings.Contains(err.Error(), "the token 500 is to end texts") {
		t.Errorf("%v", err)
	}
	if err := os.Remove(filepath.Join(dir, settingsFile)); err != nil {
		t.Fatal(err)
	}
	if again, err := OpenVocabulary(dir, 256); err != nil || !bytes.Equal(again.settings, v.settings) {
		t.Errorf("without settings: %v", err)
	}
	if _, err := OpenVocabulary(t.TempDir(), 256); !os.IsNotExist(err) {
		t.Errorf("%v", err)
	}
}

func TestWhole(t *testing.T) {
	for text, want := range map[string]string{"": "", "a": "a", "aé": "aé", "a\xc3": "a", "🙂"[:3]: "", "a\xff": "a\xff", "é"[1:]: "é"[1:]} {
		if got := Whole(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
