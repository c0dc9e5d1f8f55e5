package pip

import (
	"archive/zip"
	"bytes"
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

func TestMember(t *testing.T) {
	whole := archive(t, map[string]string{"a/b": "text", "c": ""})
	if got, err := Member(whole, "a/b", 1<<20); err != nil || string(got) != "text" {
		t.Errorf("member = %q, %v", got, err)
	}
	if got, err := Member(whole, "c", 1<<20); err != nil || len(got) != 0 {
		t.Errorf("empty member = %q, %v", got, err)
	}
	if _, err := Member(whole, "d", 1<<20); err == nil {
		t.Error("an absent member was found")
	}
	if _, err := Member(whole[:len(whole)/2], "a/b", 1<<20); err == nil {
		t.Error("half an archive was read")
	}
	if _, err := Member(whole, "a/b", 3); err == nil || !strings.Contains(err.Error(), "4 bytes, at most 3") {
		t.Errorf("more than was allowed: %v", err)
	}
	damaged := bytes.Clone(archive(t, map[string]string{"a": strings.Repeat("text ", 100)}))
	damaged[40] ^= 0xff
	if _, err := Member(damaged, "a", 1<<20); err == nil {
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
		data, err := Member(archive, "m", 1<<20)
		if err == nil && len(data) > 1100*len(archive) { // deflate's best is 1032
			t.Errorf("%d bytes out of %d", len(data), len(archive))
		}
	})
}
