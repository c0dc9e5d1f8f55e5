package atomicfile

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestDocument(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.json")
	if err := WriteDocument(path, map[string]int{"a": 1}); err != nil {
		t.Fatal(err)
	}
	var got map[string]int
	if err := ReadDocument(path, &got); err != nil || got["a"] != 1 {
		t.Errorf("%v, %v", got, err)
	}
	for _, test := range []struct {
		says  string
		write func() error
	}{
		{"x.json: unexpected end", func() error { return os.WriteFile(path, []byte("{"), 0o644) }},
		{"x.json has more than 67108864 byt", func() error { return os.Truncate(path, mostDocument+1) }},
		{"no such file", func() error { return os.Remove(path) }},
	} {
		if err := test.write(); err != nil {
			t.Fatal(err)
		}
		if err := ReadDocument(path, &got); err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%v, want %s", err, test.says)
		}
	}
}
