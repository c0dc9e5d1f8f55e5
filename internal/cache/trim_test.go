package cache

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// TestTrim: what was read of late stays, with the folder beside it, and so does
// what was fetched; nothing is looked for again on the same day.
func TestTrim(t *testing.T) {
	root := t.TempDir()
	f, err := Open(root)
	if err != nil {
		t.Fatal(err)
	}
	age := func(name string, old time.Duration) {
		t.Helper()
		when := time.Now().Add(-old)
		if err := os.Chtimes(filepath.Join(root, name), when, when); err != nil {
			t.Fatal(err)
		}
	}
	put := func(kind, key string, old time.Duration) {
		t.Helper()
		if err := f.Put(kind, key, []byte("data")); err != nil {
			t.Fatal(err)
		}
		age(filepath.Join(kind, key), old)
	}
	beside := func(key string) {
		t.Helper()
		dir := filepath.Join(root, Code, key+besides)
		if err := os.MkdirAll(filepath.Join(dir, "engine"), 0o755); err != nil {
			t.Fatal(err)
		}
		age(filepath.Join(Code, key+besides), 2*keep)
	}
	put(Code, "read", keep-time.Hour)
	beside("read")
	put(Code, "old", keep+time.Hour)
	beside("old")
	beside("unfinished")
	put(Images, "noted", 2*keep)
	if _, err := f.Get(Images, "noted"); err != nil {
		t.Fatal(err)
	}
	put(Verdicts, "old", 2*keep)
	put(Wheels, "old", 2*keep)
	put(Suites, "old", 2*keep)

	left := func() (names []string) {
		if _, err := Open(root); err != nil {
			t.Fatal(err)
		}
		for _, kind := range Kinds() {
			entries, err := os.ReadDir(filepath.Join(root, kind))
			if err != nil && !errors.Is(err, os.ErrNotExist) {
				t.Fatal(err)
			}
			for _, e := range entries {
				names = append(names, kind+"/"+e.Name())
			}
		}
		slices.Sort(names)
		return names
	}
	before := left()
	if len(before) != 9 {
		t.Errorf("trimmed on the same day: %v is left", before)
	}
	age(trimName, 2*trimEvery)
	want := []string{"code/read", "code/read.d", "images/noted", "suites/old", "wheels/old"}
	if got := left(); !slices.Equal(got, want) {
		t.Errorf("%v is left, want %v", got, want)
	}
	put(Code, "late", 2*keep)
	if got := left(); len(got) != len(want)+1 {
		t.Errorf("trimmed twice on one day: %v is left", got)
	}
}
