package run

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"assay/harness/journal"
)

// A log that is cut anywhere gives the records that are whole, and can be gone
// on with.
func TestLogCutAnywhere(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, logName)
	l, err := createLog(path, header{Log: logVersion, Total: 3})
	if err != nil {
		t.Fatal(err)
	}
	records := [][]byte{[]byte(`{"a":1}`), []byte(`{"b":"\u003c"}`), []byte(`{"c":"é}"}`)}
	for _, r := range records {
		if err := l.Append(r); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	headerEnd := bytes.IndexByte(whole, '\n') + 1
	for n := headerEnd; n <= len(whole); n++ {
		if err := os.WriteFile(path, whole[:n], 0o644); err != nil {
			t.Fatal(err)
		}
		old, err := readLog(path)
		if err != nil {
			t.Fatalf("cut at %d: %v", n, err)
		}
		if want := bytes.Count(whole[headerEnd:n], []byte("\n")); len(old.lines) != want || old.damaged != 0 {
			t.Fatalf("cut at %d: %d records, %d damaged; want %d and none", n, len(old.lines), old.damaged, want)
		}
		again, err := journal.Reopen(path, old.size)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range records[len(old.lines):] {
			if err := again.Append(r); err != nil {
				t.Fatal(err)
			}
		}
		if err := again.Close(); err != nil {
			t.Fatal(err)
		}
		if now, _ := os.ReadFile(path); !bytes.Equal(now, whole) {
			t.Fatalf("cut at %d and gone on with: the log differs", n)
		}
	}
}
