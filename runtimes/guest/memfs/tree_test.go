package memfs

import (
	"strings"
	"testing"
)

func mustTree(t *testing.T, files map[string][]byte) *Tree {
	t.Helper()
	tr, err := fromMap(files)
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

func TestHashIsOfNamesKindsAndContent(t *testing.T) {
	a := mustTree(t, map[string][]byte{"d/x": []byte("1"), "e/": nil, "y": []byte("2")})
	same := NewBuilder()
	for _, err := range []error{same.File("y", []byte("2")), same.Dir("/e/"), same.Mount("/", mustTree(t, map[string][]byte{"d/x": []byte("1")}))} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if a.Hash() != same.Tree().Hash() {
		t.Error("one content has two hashes")
	}
	links := NewBuilder()
	if err := links.Symlink("y", "2"); err != nil {
		t.Fatal(err)
	}
	seen := map[[32]byte]string{a.Hash(): "a"}
	for name, tr := range map[string]*Tree{
		"content": mustTree(t, map[string][]byte{"d/x": []byte("1"), "e/": nil, "y": []byte("3")}),
		"moved":   mustTree(t, map[string][]byte{"dx": []byte("1"), "e/": nil, "y": []byte("2")}),
		"file":    mustTree(t, map[string][]byte{"d/x": []byte("1"), "e": nil, "y": []byte("2")}),
		"less":    mustTree(t, map[string][]byte{"d/x": []byte("1"), "y": []byte("2")}),
		"link":    links.Tree(), "empty": NewBuilder().Tree(),
	} {
		if old, ok := seen[tr.Hash()]; ok {
			t.Errorf("%s has the hash of %s", name, old)
		}
		seen[tr.Hash()] = name
	}
}

func TestMountNumbersAnew(t *testing.T) {
	lib := mustTree(t, map[string][]byte{"a.py": []byte("a"), "pkg/b.py": []byte("b")})
	b := NewBuilder()
	for _, err := range []error{b.File("zz", nil), b.Mount("/usr/lib", lib), b.File("aa", nil)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	tr := b.Tree()
	if got, err := tr.ReadFile("/usr/lib/pkg/b.py"); err != nil || string(got) != "b" {
		t.Errorf("%q, %v", got, err)
	}
	fs := New(tr, Limits{})
	for path, want := range map[string]Ino{"aa": 2, "usr": 3, "usr/lib": 4, "usr/lib/a.py": 5, "usr/lib/pkg/b.py": 7, "zz": 8} {
		if got, err := fs.Find(Root, path, false); err != nil || got != want {
			t.Errorf("%s is node %d, %v, want %d", path, got, err, want)
		}
	}
	if err := b.Mount("usr/lib", lib); err == nil {
		t.Error("mounted over what is there")
	}
	if err := b.Mount("zz", lib); err == nil {
		t.Error("mounted on a file")
	}
}

func TestBuilderRefuses(t *testing.T) {
	b := NewBuilder()
	if err := b.File("f", nil); err != nil {
		t.Fatal(err)
	}
	for name, err := range map[string]error{
		"..": b.File("../x", nil), "inner ..": b.File("a/../x", nil), ".": b.File("./x", nil), "empty": b.File("", nil),
		"slashes": b.File("a//b", nil), "NUL": b.File("a\x00", nil), "UTF-8": b.File("\xff", nil),
		"long": b.File(strings.Repeat("x", 256), nil), "longer": b.Dir(strings.Repeat("x/", 3000)),
		"twice": b.File("f", nil), "below a file": b.File("f/x", nil), "target": b.Symlink("l", ""),
	} {
		if err == nil {
			t.Errorf("%s: was taken", name)
		}
	}
	tr := b.Tree()
	for _, path := range []string{"absent", "/", "f/x"} {
		if _, err := tr.ReadFile(path); err == nil {
			t.Errorf("%s was read", path)
		}
	}
}
