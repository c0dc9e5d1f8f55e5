package testkit

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
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

// Pack is content as gzip packs it.
func Pack(t testing.TB, content string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(content)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// File writes a file that is gone after the test, and gives its path.
func File(t testing.TB, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// Error holds an error against its text, in which FILE stands for path.
func Error(t testing.TB, err error, path, want string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want %s", want)
	}
	if got := strings.ReplaceAll(err.Error(), path, "FILE"); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// Schema compiles the schema that read gives for a name.
func Schema(t *testing.T, name string, read func(name string) ([]byte, error)) *jsonschema.Schema {
	t.Helper()
	data, err := read(name)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource(name, doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
