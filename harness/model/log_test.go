package model

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/assay-dev/assay/internal/appendlog"
)

func journalLine(t testing.TB, x Exchange) appendlog.Line {
	t.Helper()
	record, err := json.Marshal(x)
	if err != nil {
		t.Fatal(err)
	}
	return appendlog.Line{Record: record}
}

// FuzzLog opens any file as a log: it is read without fault, asked without
// fault, and can be gone on with.
func FuzzLog(f *testing.F) {
	r := question(0, 2)
	line := appendlog.Seal(journalLine(f, Exchange{Backend: "test:server", Request: r, Answer: texts(r, 2)}).Record)
	f.Add(line)
	f.Add(append(line, line[:len(line)/2]...))
	f.Add([]byte("\n\n{}\n"))
	f.Add(appendlog.Seal([]byte(`{"backend":"test:server","request":{"index":-9223372036854775808,"n":-1},"answer":{"texts":[{},{}]}}`)))
	f.Fuzz(func(t *testing.T, text []byte) {
		path := filepath.Join(t.TempDir(), "log")
		if err := os.WriteFile(path, text, 0o644); err != nil {
			t.Fatal(err)
		}
		log := openLog(t, path)
		missing := log.missing(r)
		if missing.N > 0 {
			if err := log.add(missing, texts(missing, missing.N)); err != nil {
				t.Fatal(err)
			}
		}
		if missing = log.missing(r); missing.N > 0 && missing.Index == 0 {
			t.Error("an answer was added, and is not there")
		}
		if err := log.Close(); err != nil {
			t.Fatal(err)
		}
		again := openLog(t, path)
		defer again.Close()
		if _, ok, err := again.Text(r); err != nil || !ok {
			t.Errorf("the log was not gone on with: %v %v", ok, err)
		}
	})
}
