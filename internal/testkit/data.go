package testkit

import (
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// Missing skips a test for want of something, unless ASSAY_REQUIRE is set.
func Missing(t testing.TB, format string, args ...any) {
	t.Helper()
	if os.Getenv("ASSAY_REQUIRE") != "" {
		t.Fatalf(format, args...)
	}
	t.Skipf(format, args...)
}

// Data is the folder with the data sets.
func Data(t testing.TB) string {
	t.Helper()
	dir := filepath.Join(shared(t), "data")
	if _, err := os.Stat(dir); err != nil {
		Missing(t, "no data sets: set ASSAY_SHARED to the folder whose data/ has them (%v)", err)
	}
	return dir
}

// Samples is the folder with what Qwen2.5-Coder-7B wrote for evalplus's suite of
// that family, humaneval or mbpp, and with the verdicts that were published.
func Samples(t testing.TB, family string) string {
	t.Helper()
	return filepath.Join(Data(t), "samples", "qwen2.5-coder-7b-base", "evalplus", family)
}

func shared(t testing.TB) string {
	t.Helper()
	if dir := os.Getenv("ASSAY_SHARED"); dir != "" {
		return dir
	}
	dir, err := os.Getwd()
	for err == nil && filepath.Dir(dir) != dir {
		if _, absent := os.Stat(filepath.Join(dir, "go.mod")); absent == nil {
			break
		}
		dir = filepath.Dir(dir)
	}
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(filepath.Dir(dir), "shared")
}

// Unpack reads a gzip file.
func Unpack(t testing.TB, path string) []byte {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
