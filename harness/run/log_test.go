package run

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
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
		if err := l.append(r); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.close(); err != nil {
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
		again, err := reopenLog(path, old.size)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range records[len(old.lines):] {
			if err := again.append(r); err != nil {
				t.Fatal(err)
			}
		}
		if err := again.close(); err != nil {
			t.Fatal(err)
		}
		if now, _ := os.ReadFile(path); !bytes.Equal(now, whole) {
			t.Fatalf("cut at %d and gone on with: the log differs", n)
		}
	}
}

func FuzzOpenLine(f *testing.F) {
	f.Add([]byte(`{"a":1}`))
	f.Add(sumLine([]byte(`{"a":1}`)))
	f.Add([]byte(`{"sum":"zzzzzzzzzzzzzzzz","data":{}}` + "\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if payload, ok := openLine(data); ok && !bytes.Equal(sumLine(payload), data) {
			t.Errorf("%q was taken for a line that it isn't", data)
		}
		if payload, ok := openLine(sumLine(data)); !ok || !bytes.Equal(payload, data) {
			t.Errorf("%q does not come back", data)
		}
	})
}
