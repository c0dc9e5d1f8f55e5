package atomicfile

import (
	"os"
	"path/filepath"
	"testing"
)

func TestWholeOrNotAtAll(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "f.jsonl")
	for _, c := range []struct {
		text   string
		commit bool
		want   string
	}{{"a<", true, "a<\"<é>\"\n"}, {"b", false, "a<\"<é>\"\n"}, {"c", true, "c\"<é>\"\n"}} {
		f, err := Create(path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(c.text)); err != nil {
			t.Fatal(err)
		}
		if err := f.Row("<é>"); err != nil {
			t.Fatal(err)
		}
		if c.commit {
			if err := f.Commit(); err != nil {
				t.Fatal(err)
			}
		}
		f.Discard()
		if got, err := os.ReadFile(path); err != nil || string(got) != c.want {
			t.Errorf("after %q there is %q, %v", c.text, got, err)
		}
	}
	if left, _ := os.ReadDir(dir); len(left) != 1 {
		t.Errorf("left behind: %v", left)
	}
	if _, err := Create(filepath.Join(dir, "none", "f")); err == nil {
		t.Error("a folder that isn't there")
	}
}
