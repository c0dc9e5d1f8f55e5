package memfs

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io/fs"
	"strings"
	"testing"
)

// archive makes a zip of the files; each may be changed before it is written.
func archive(t testing.TB, files map[string]string, change func(*zip.FileHeader)) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, data := range files {
		h := &zip.FileHeader{Name: name, Method: zip.Deflate}
		if change != nil {
			change(h)
		}
		w, err := z.CreateHeader(h)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(data)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func fromZip(data, key []byte) (*Tree, error) {
	return FromZip(bytes.NewReader(data), int64(len(data)), key)
}

func TestFromZip(t *testing.T) {
	data := archive(t, map[string]string{"pkg/a.py": "print()", "empty/": "", "b.py": strings.Repeat("b", 10_000)}, nil)
	tr, err := fromZip(data, nil)
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{"pkg/a.py": "print()", "b.py": strings.Repeat("b", 10_000)} {
		if got, err := tr.ReadFile(path); err != nil || string(got) != want {
			t.Errorf("%s: %d bytes, %v", path, len(got), err)
		}
	}
	keyed, err := fromZip(data, []byte("key"))
	if err != nil {
		t.Fatal(err)
	}
	if keyed.Hash() == tr.Hash() {
		t.Error("two keys give one hash")
	}
}

func TestFromZipRefuses(t *testing.T) {
	many := map[string]string{}
	for i := range zipEntries + 1 {
		many[fmt.Sprint(i)] = ""
	}
	for name, data := range map[string][]byte{
		"not a zip": []byte("PK\x03\x04 nothing more"),
		"..":        archive(t, map[string]string{"a/../../x": ""}, nil),
		"absolute":  archive(t, map[string]string{"/etc/passwd": ""}, nil),
		"backslash": archive(t, map[string]string{`..\x`: ""}, nil),
		"NUL":       archive(t, map[string]string{"a\x00b": ""}, nil),
		"symlink":   archive(t, map[string]string{"l": "/etc"}, func(h *zip.FileHeader) { h.SetMode(0o777 | fs.ModeSymlink) }),
		"entries":   archive(t, many, func(h *zip.FileHeader) { h.Method = zip.Store }),
		"bomb":      archive(t, map[string]string{"bomb": strings.Repeat("\x00", 8<<20)}, nil),
		"both":      archive(t, map[string]string{"a": "", "a/b": ""}, nil),
	} {
		if _, err := fromZip(data, nil); err == nil {
			t.Errorf("%s: was taken", name)
		}
	}
}

// A 10 MB archive of 100 GB says so in its directory: nothing is unpacked.
func TestZipThatAnnouncesTooMuch(t *testing.T) {
	data := archive(t, map[string]string{"big": "small"}, nil)
	at := bytes.LastIndex(data, []byte("PK\x01\x02"))
	for _, size := range []string{"\xff\xff\xff\x7f", "\x00\x00\x00\x11"} {
		bad := bytes.Clone(data)
		copy(bad[at+24:], size)
		if _, err := fromZip(bad, nil); err == nil {
			t.Errorf("% x bytes were believed", size)
		}
	}
}

func TestDamagedEntryIsAFaultOfOurs(t *testing.T) {
	data := archive(t, map[string]string{"f": "content"}, func(h *zip.FileHeader) { h.Method = zip.Store })
	copy(data[bytes.Index(data, []byte("content")):], "CONTENT")
	tr, err := fromZip(data, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tr.ReadFile("f"); err == nil || !strings.Contains(err.Error(), `"f"`) {
		t.Errorf("read: %v", err)
	}
}

func FuzzFromZip(f *testing.F) {
	f.Add(archive(f, map[string]string{"a/b": "content"}, nil))
	f.Add(archive(f, map[string]string{"../x": "", "d/": ""}, nil))
	f.Fuzz(func(t *testing.T, data []byte) {
		tr, err := fromZip(data, nil)
		if err != nil {
			return
		}
		view := New(tr, Limits{})
		for ino := Root; ino <= Ino(tr.Len()); ino++ {
			if view.Kind(ino) != File || view.Stat(ino).Size > 1<<20 {
				continue
			}
			if data, err := view.Bytes(ino, 0); err == nil && uint64(len(data)) != view.Stat(ino).Size {
				t.Fatalf("node %d: %d bytes of %d", ino, len(data), view.Stat(ino).Size)
			}
		}
	})
}
