package cache

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func openTemp(t testing.TB) *Folder {
	t.Helper()
	f, err := Open(filepath.Join(t.TempDir(), "a", "cache"))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func put(t testing.TB, f *Folder, kind, key string, parts ...[]byte) {
	t.Helper()
	if err := f.Put(kind, key, parts...); err != nil {
		t.Fatal(err)
	}
}

func TestPutAndGet(t *testing.T) {
	f := openTemp(t)
	if _, err := f.Get(Images, "absent"); !errors.Is(err, ErrMiss) {
		t.Errorf("an absent entry: %v", err)
	}
	for key, parts := range map[string][][]byte{
		"nothing": nil, "empty": {{}}, "one": {[]byte("one")}, "more": {[]byte("o"), nil, []byte("ne more")},
		"large": {bytes.Repeat([]byte("large"), 1<<18)},
	} {
		for range 2 { // the second time over the first
			put(t, f, Images, key, parts...)
			got, err := f.Get(Images, key)
			if want := bytes.Join(parts, nil); err != nil || !bytes.Equal(got, want) {
				t.Errorf("%s: %d bytes, %v; want %d", key, len(got), err, len(want))
			}
		}
	}
}

func TestGetInto(t *testing.T) {
	f := openTemp(t)
	put(t, f, Images, "key", []byte("payload"))
	room := make([]byte, 100)
	got, err := f.GetInto(Images, "key", func(size int) ([]byte, error) { return room[:size], nil })
	if err != nil || string(got) != "payload" || &got[0] != &room[0] {
		t.Errorf("%q, %v", got, err)
	}
	full := errors.New("no room")
	if _, err := f.GetInto(Images, "key", func(int) ([]byte, error) { return nil, full }); !errors.Is(err, full) {
		t.Errorf("without room: %v", err)
	}
	if _, err := f.Get(Images, "key"); err != nil {
		t.Errorf("want of room has cost the entry: %v", err)
	}
}

// TestDamage damages every byte of an entry, and its length: always a miss that
// says so, never more room than the file is long, and the entry is gone.
func TestDamage(t *testing.T) {
	f := openTemp(t)
	put(t, f, Expected, "key", []byte("some payload"))
	path := filepath.Join(f.Root(), Expected, "key")
	sound, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	damage := map[string][]byte{"empty": {}, "longer": append(bytes.Clone(sound), 0)}
	for i := range sound {
		flipped := bytes.Clone(sound)
		flipped[i] ^= 1
		damage[fmt.Sprintf("byte %d", i)] = flipped
		damage[fmt.Sprintf("cut at %d", i)] = sound[:i]
	}
	for _, size := range []uint64{0, 13, 1 << 40, math.MaxInt64, math.MaxUint64} {
		long := bytes.Clone(sound)
		binary.LittleEndian.PutUint64(long[len(magic):], size)
		damage[fmt.Sprintf("length %d", size)] = long
	}
	for name, data := range damage {
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
		_, err := f.GetInto(Expected, "key", func(size int) ([]byte, error) {
			if size > len(data) {
				t.Errorf("%s: asked for room for %d bytes", name, size)
			}
			return make([]byte, size), nil
		})
		damaged := (*damagedError)(nil)
		if !errors.Is(err, ErrMiss) || !errors.As(err, &damaged) || damaged.Path != path {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s: the entry is there still", name)
		}
	}
}

func TestRenamedEntryIsDamaged(t *testing.T) {
	f := openTemp(t)
	put(t, f, Verdicts, "pass", []byte("pass"))
	if err := os.Rename(filepath.Join(f.Root(), Verdicts, "pass"), filepath.Join(f.Root(), Verdicts, "fail")); err != nil {
		t.Fatal(err)
	}
	if got, err := f.Get(Verdicts, "fail"); !errors.As(err, new(*damagedError)) {
		t.Errorf("under another name: %q, %v", got, err)
	}
}

func TestNames(t *testing.T) {
	f := openTemp(t)
	for _, name := range []string{"", ".", "..", ".hidden", "a/b", `a\b`, "a b", "ä", "a:b", strings.Repeat("a", 161)} {
		if err := f.Put(Images, name, nil); err == nil {
			t.Errorf("Put took the key %q", name)
		}
		if _, err := f.Get(name, "key"); err == nil || errors.Is(err, ErrMiss) {
			t.Errorf("Get from the kind %q: %v", name, err)
		}
		if _, err := f.Dir(name); err == nil {
			t.Errorf("Dir made %q", name)
		}
	}
}

// TestUnwritable puts a file where a folder must be made: an error that names
// the place, and what is in the cache can be read still.
func TestUnwritable(t *testing.T) {
	f := openTemp(t)
	put(t, f, Images, "key", []byte("kept"))
	if err := os.RemoveAll(filepath.Join(f.Root(), tmpName)); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(f.Root(), tmpName), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := f.Put(Images, "key", []byte("new")); err == nil || !strings.Contains(err.Error(), f.Root()) {
		t.Errorf("Put: %v", err)
	}
	if got, err := f.Get(Images, "key"); err != nil || string(got) != "kept" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestFailedPutLeavesNothing(t *testing.T) {
	f := openTemp(t)
	dir := filepath.Join(f.Root(), Images, "key")
	if err := os.MkdirAll(filepath.Join(dir, "in the way"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := f.Put(Images, "key", []byte("data")); err == nil {
		t.Fatal("Put renamed over a folder")
	}
	if left, err := os.ReadDir(filepath.Join(f.Root(), tmpName)); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestOpenWhereNoFolderCanBe(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(filepath.Join(file, "cache")); err == nil || !strings.Contains(err.Error(), "ASSAY_CACHE") {
		t.Errorf("Open below a file: %v", err)
	}
}

func TestDefaultRoot(t *testing.T) {
	t.Setenv("ASSAY_CACHE", "/elsewhere")
	if got, err := DefaultRoot(); err != nil || got != "/elsewhere" {
		t.Errorf("%q, %v", got, err)
	}
	t.Setenv("ASSAY_CACHE", "")
	t.Setenv("XDG_CACHE_HOME", "/caches")
	if got, err := DefaultRoot(); err != nil || filepath.Base(got) != "assay" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestUsageAndClear(t *testing.T) {
	f := openTemp(t)
	put(t, f, Images, "a", []byte("12345"))
	put(t, f, Images, "b", nil)
	dir, err := f.Dir(Code)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(dir, "deep"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "deep", "file"), make([]byte, 100), 0o644); err != nil {
		t.Fatal(err)
	}
	check := func(when string, images, code Usage) {
		t.Helper()
		usage, err := f.Usage()
		if err != nil {
			t.Fatal(err)
		}
		for i, u := range usage {
			want := Usage{Kind: Kinds()[i]}
			switch u.Kind {
			case Images:
				want = images
			case Code:
				want = code
			}
			if u != want {
				t.Errorf("%s: %+v, want %+v", when, u, want)
			}
		}
	}
	check("full", Usage{Images, 2, int64(2*headerSize) + 5}, Usage{Code, 1, 100})
	if err := f.Clear(Images); err != nil {
		t.Fatal(err)
	}
	check("without images", Usage{Kind: Images}, Usage{Code, 1, 100})
	if err := f.Clear(); err != nil {
		t.Fatal(err)
	}
	check("clear", Usage{Kind: Images}, Usage{Kind: Code})
	put(t, f, Images, "a", []byte("again"))
}

func TestSweep(t *testing.T) {
	f := openTemp(t)
	put(t, f, Images, "a", nil)
	old, young := filepath.Join(f.Root(), tmpName, "old"), filepath.Join(f.Root(), tmpName, "young")
	for _, name := range []string{old, young} {
		if err := os.WriteFile(name, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	long := time.Now().Add(-25 * time.Hour)
	if err := os.Chtimes(old, long, long); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(f.Root()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(old); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("what a killed process left is there still: %v", err)
	}
	if _, err := os.Stat(young); err != nil {
		t.Errorf("a file being written was removed: %v", err)
	}
}

func FuzzUnseal(f *testing.F) {
	header, _ := seal("kind/key", [][]byte{[]byte("payload")})
	f.Add(append(header, "payload"...))
	f.Add([]byte(magic))
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := unseal(bytes.NewReader(data), int64(len(data)), "kind/key", func(n int) ([]byte, error) {
			if n > len(data) {
				t.Fatalf("asked for room for %d bytes of %d", n, len(data))
			}
			return make([]byte, n), nil
		})
		if err == nil && !bytes.Equal(got, data[headerSize:]) {
			t.Error("gave other bytes than the file's")
		}
	})
}

func BenchmarkPut(b *testing.B) {
	f := openTemp(b)
	for i := range b.N {
		if err := f.Put(Verdicts, fmt.Sprint("key", i%100), make([]byte, 500)); err != nil {
			b.Fatal(err)
		}
	}
}
