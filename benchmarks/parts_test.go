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

// smallIsLarge has every data set be a large one.
func smallIsLarge(t *testing.T) {
	t.Helper()
	usual := largest
	largest = 0
	t.Cleanup(func() { largest = usual })
}

func TestFetchParts(t *testing.T) {
	info, files := parted(t)
	smallIsLarge(t)
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
		d, err := locate(t.Context(), info, info.Spec(), o)
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
	damaged := bytes.Replace(files["/two.jsonl"], []byte("leetcode"), []byte("leetcodf"), 1)
	if err := os.WriteFile(path, damaged, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := open(o); err == nil || !strings.Contains(err.Error(), "wrong checksum: two.jsonl of livecodebench@parted has sha-256") {
		t.Errorf("got %v", err)
	}
	// What isn't JSON any more is said to be another file too, and so is a file of
	// another length, which counts as absent.
	damaged[0] = '!'
	if err := os.WriteFile(path, damaged, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := open(o); err == nil || !strings.Contains(err.Error(), "wrong checksum") {
		t.Errorf("got %v", err)
	}
	if err := os.WriteFile(path, []byte(lcbRow(t, nil)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := open(o); err == nil || !strings.Contains(err.Error(), "are not fetched unasked") {
		t.Errorf("got %v", err)
	}
}

func TestFetchPartsRefuses(t *testing.T) {
	info, files := parted(t)
	smallIsLarge(t)
	for _, c := range []struct {
		what    string
		handler http.HandlerFunc
		want    string
	}{
		{"absent", http.NotFound, "answers 404"},
		{"another file", func(w http.ResponseWriter, _ *http.Request) {
			w.Write(bytes.Repeat([]byte("x"), len(files["/one.jsonl"])))
		}, "wrong checksum"},
		{"a longer file", func(w http.ResponseWriter, _ *http.Request) { w.Write(append(files["/one.jsonl"], "more"...)) }, "too big for a data set"},
		{"a shorter file", func(w http.ResponseWriter, _ *http.Request) { w.Write(files["/one.jsonl"][:7]) }, "wrong checksum"},
		{"the start of a file", func(w http.ResponseWriter, _ *http.Request) {
			w.Write(files["/one.jsonl"][:7])
			w.(http.Flusher).Flush() // and so nobody says how long it is
		}, "unexpected EOF"},
		{"a file that stops", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", fmt.Sprint(len(files["/one.jsonl"])))
			w.Write(files["/one.jsonl"][:7])
		}, "unexpected EOF"},
	} {
		server := httptest.NewServer(c.handler)
		o := Options{BaseURL: server.URL, Cache: newCache(t), Large: true}
		_, err := locate(t.Context(), info, info.Spec(), o)
		server.Close()
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.what, err, c.want)
		}
		left, err := filepath.Glob(filepath.Join(o.Cache.Root(), "suites", "*.jsonl"))
		if err != nil || len(left) > 0 {
			t.Errorf("%s: %v is there, %v", c.what, left, err)
		}
		// What is another file is not gone on with; what is the start of ours is.
		for _, half := range halves(t, o.Cache.Root()) {
			if goesOn := c.want == "unexpected EOF"; goesOn != (len(half) == 7) || !goesOn && len(half) > 0 {
				t.Errorf("%s: %d bytes are kept", c.what, len(half))
			}
		}
	}
	if _, err := locate(t.Context(), info, info.Spec(), Options{Large: true}); err == nil || !strings.Contains(err.Error(), "no cache") {
		t.Errorf("without a cache: %v", err)
	}
}

// halves are the files that are not complete.
func halves(t *testing.T, root string) [][]byte {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(root, "suites", "*.part"))
	if err != nil {
		t.Fatal(err)
	}
	var out [][]byte
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, data)
	}
	return out
}

// A small file is gone on with as well, and verified before it is used.
func TestFetchGoesOn(t *testing.T) {
	info, files := parted(t)
	info.Files = info.Files[:1]
	content := files["/one.jsonl"]
	var asked []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Header.Get("Range"))
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
	}))
	defer server.Close()
	o := Options{BaseURL: server.URL, Cache: newCache(t)}
	path, err := info.Files[0].cached(o.Cache)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path+".part", content[:9], 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := locate(t.Context(), info, info.Spec(), o); err != nil {
			t.Fatal(err)
		}
	}
	if strings.Join(asked, "|") != "bytes=9-" {
		t.Errorf("asked for %q", asked)
	}
	damaged := bytes.Clone(content)
	damaged[3] ^= 1
	if err := os.WriteFile(path, damaged, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := locate(t.Context(), info, info.Spec(), o); err != nil || len(asked) != 2 {
		t.Errorf("a damaged file in the cache: %v, asked %q", err, asked)
	}
}
