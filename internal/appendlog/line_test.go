package appendlog

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func FuzzUnseal(f *testing.F) {
	f.Add([]byte(`{"a":1}`))
	f.Add(Seal([]byte(`{"a":1}`)))
	f.Add([]byte(`{"sum":"zzzzzzzzzzzzzzzz","data":{}}` + "\n"))
	f.Add([]byte(`{"sum":"C5e3762ffC8453C6000000000{"a":1}}` + "\n")) // the sum is right, what stands around it is not
	f.Fuzz(func(t *testing.T, data []byte) {
		if record, ok := Unseal(data); ok && !bytes.Equal(Seal(record), data) {
			t.Errorf("%q was taken for a line that it isn't", data)
		}
		if record, ok := Unseal(Seal(data)); !ok || !bytes.Equal(record, data) {
			t.Errorf("%q does not come back", data)
		}
	})
}

// TestLongLine: a line that is too long is damaged, and those around it are read.
func TestLongLine(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	record := []byte(`{"a":1}`)
	text := slices.Concat(Seal(record), bytes.Repeat([]byte("x"), maxLine), []byte("\n"), Seal(record), []byte("torn"))
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	var got []Line
	size, err := Read(path, func(l Line) error { got = append(got, l); return nil })
	if err != nil || size != int64(len(text)-len("torn")) || len(got) != 3 {
		t.Fatalf("%d lines, %d bytes, %v", len(got), size, err)
	}
	if !bytes.Equal(got[0].Record, record) || got[1].Record != nil || got[1].Size != maxLine+1 || !bytes.Equal(got[2].Record, record) {
		t.Errorf("got %v, of %d and %d bytes", got[1].Record == nil, got[1].Size, got[2].Size)
	}
}
