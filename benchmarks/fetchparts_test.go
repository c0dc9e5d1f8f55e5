package benchmarks

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// parted serves the files of a suite of two parts, as its handler changes it.
func parted(t *testing.T) (info Info, files map[string][]byte) {
	t.Helper()
	files = map[string][]byte{
		"/one.jsonl": []byte(lcbRow(t, nil) + "\n"),
		"/two.jsonl": []byte(lcbRow(t, lcbFunction) + "\n"),
	}
	info = lcbInfo("parted", 1, 0)
	for _, name := range []string{"/one.jsonl", "/two.jsonl"} {
		info.Files = append(info.Files, File{Name: name[1:], URL: "https://example.org" + name, Bytes: int64(len(files[name])), SHA256: sum(files[name])})
	}
	return info, files
}

func TestFetchParts(t *testing.T) {
	info, files := parted(t)
	var asked []string
	broken := true // the first answer for a file ends in its middle
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.Path+" "+r.Header.Get("Range"))
		content := files[r.URL.Path]
		if broken {
			broken = false
			w.Header().Set("Content-Length", fmt.Sprint(len(content)))
			w.Write(content[:100])
			return
		}
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
	}))
	defer server.Close()
	o := Options{BaseURL: server.URL, Cache: newCache(t)}
	open := func(o Options) error {
		d, err := locateParts(t.Context(), info, info.Spec(), o)
		if err != nil {
			return err
		}
		s, err := load(d)
		if err == nil && len(s.Problems) != 2 {
			t.Errorf("%d problems", len(s.Problems))
		}
		return err
	}
	if err := open(o); err == nil || !strings.Contains(err.Error(), "are not fetched unasked") || len(asked) > 0 {
		t.Errorf("got %v, asked %q", err, asked)
	}
	o.Large = true
	if err := open(o); err == nil || !strings.Contains(err.Error(), "one.jsonl: ") || !strings.Contains(err.Error(), "go on with the same command") {
		t.Errorf("got %v", err)
	}
	if err := open(o); err != nil {
		t.Error(err)
	}
	if want := "/one.jsonl |/one.jsonl bytes=100-|/two.jsonl "; strings.Join(asked, "|") != want {
		t.Errorf("asked %q, want %q", strings.Join(asked, "|"), want)
	}
	// Once fetched, they are there for everybody, and checked again.
	server.Close()
	o.Large = false
	if err := open(o); err != nil {
		t.Error(err)
	}
	path, err := info.Files[1].cached(o.Cache)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(lcbRow(t, nil)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := open(o); err == nil || !strings.Contains(err.Error(), "is there already") && !strings.Contains(err.Error(), "wrong checksum") {
		t.Errorf("got %v", err)
	}
}

func TestFetchPartsRefuses(t *testing.T) {
	info, files := parted(t)
	for _, c := range []struct {
		what    string
		handler http.HandlerFunc
		want    string
	}{
		{"absent", http.NotFound, "answers 404"},
		{"another file", func(w http.ResponseWriter, _ *http.Request) {
			w.Write(bytes.Repeat([]byte("x"), len(files["/one.jsonl"])))
		}, "wrong checksum"},
		{"a longer file", func(w http.ResponseWriter, _ *http.Request) { w.Write(append(files["/one.jsonl"], "more"...)) }, "wrong checksum"},
		{"a shorter file", func(w http.ResponseWriter, _ *http.Request) { w.Write(files["/one.jsonl"][:7]) }, "unexpected EOF"},
	} {
		server := httptest.NewServer(c.handler)
		o := Options{BaseURL: server.URL, Cache: newCache(t), Large: true}
		_, err := locateParts(t.Context(), info, info.Spec(), o)
		server.Close()
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.what, err, c.want)
		}
		left, err := filepath.Glob(filepath.Join(o.Cache.Root(), "suites", "*.jsonl"))
		if err != nil || len(left) > 0 {
			t.Errorf("%s: %v is there, %v", c.what, left, err)
		}
	}
	if _, err := locateParts(t.Context(), info, info.Spec(), Options{Large: true}); err == nil || !strings.Contains(err.Error(), "no cache") {
		t.Errorf("without a cache: %v", err)
	}
}
