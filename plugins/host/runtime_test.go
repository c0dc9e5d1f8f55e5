package host

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/assay-dev/assay/plugins/sdk/language"
	"github.com/assay-dev/assay/plugins/sdk/wire"
	"github.com/assay-dev/assay/runtimes"
	"github.com/assay-dev/assay/runtimes/wasm/wasmtest"
	"github.com/assay-dev/assay/runtimes/worker"
)

// tongue is a language whose programs are modules in WebAssembly's text. How it
// behaves is said when it is made.
type tongue struct{ how, starts string }

func (l tongue) Info() language.Info {
	if l.how == "nameless" {
		return language.Info{}
	}
	return language.Info{Name: "wat", Extension: ".wat"}
}

func (l tongue) Detect(context.Context) (language.Detection, error) {
	return language.Detection{Version: "1", Install: "ask for " + os.Getenv("GRANTED_KEY")}, nil
}

func (l tongue) Prepare(context.Context) (language.Toolchain, error) {
	past, _ := os.ReadFile(l.starts)
	if err := os.WriteFile(l.starts, append(past, 'x'), 0o644); err != nil {
		return language.Toolchain{}, err
	}
	id := "same"
	if l.how == "another" {
		id = string(past) + "x"
	}
	return language.Toolchain{ID: id}, nil
}

func (l tongue) Wrap(_ context.Context, p language.Problem, completion string) (language.Source, error) {
	return language.Source{Name: "a.wat", Text: []byte(p.Prompt + completion)}, nil
}

func (l tongue) Compile(_ context.Context, sources []language.Source) ([]language.Program, error) {
	text := string(sources[0].Text)
	switch text {
	case "rubbish":
		return []language.Program{{Module: []byte("hello")}}, nil
	case "giant":
		return []language.Program{{Module: make([]byte, wire.MaxMessage)}}, nil
	case "hang":
		select {}
	case "panic":
		panic("what now, " + os.Getenv("GRANTED_KEY"))
	case "fail":
		return nil, errors.New("no idea what " + os.Getenv("GRANTED_KEY") + " is")
	case "reject":
		return []language.Program{{Diagnostics: []language.Diagnostic{{Line: 3, Message: "not so, " + os.Getenv("GRANTED_KEY")}, {Message: strings.Repeat("x", 1<<20)}}}}, nil
	case "limit":
		return []language.Program{{Limit: "it took more than " + os.Getenv("GRANTED_KEY")}}, nil
	case "fewer":
		return nil, nil
	}
	what, arg, reach := strings.Cut(text, " ")
	if what == "once" { // never the first time
		if _, err := os.Stat(arg); err == nil {
			return []language.Program{{Module: wasmtest.Wat(endsWell)}}, nil
		}
		if err := os.WriteFile(arg, nil, 0o600); err != nil {
			return nil, err
		}
		select {}
	}
	if reach && attempts[what] != nil {
		return nil, fmt.Errorf("%s: %v.", what, attempts[what](arg))
	}
	return []language.Program{{Module: wasmtest.Wat(text)}}, nil
}

// attempts are what a compiler might do that does what its source says.
var attempts = map[string]func(arg string) error{
	"read":    func(path string) error { _, err := os.ReadFile(path); return err },
	"list":    func(path string) error { _, err := os.ReadDir(path); return err },
	"write":   func(path string) error { return os.WriteFile(path, nil, 0o600) },
	"scratch": func(string) error { f, err := os.CreateTemp("", "x"); return errors.Join(err, f.Close()) },
	"dial": func(address string) error {
		network, rest, _ := strings.Cut(address, " ")
		_, err := net.Dial(network, rest)
		return err
	},
	"run": func(path string) error { return exec.Command(path).Run() },
	"eat": func(string) error {
		for b := [][]byte{}; ; b = append(b, bytes.Repeat([]byte{1}, 1<<20)) {
			_ = b
		}
	},
}

// Classify takes every end for an exception, those that were good too.
func (l tongue) Classify(context.Context, language.End) (language.Finding, error) {
	return language.Finding{Kind: language.Exception, Exception: &language.Thrown{Type: "E", Message: "of " + os.Getenv("GRANTED_KEY")}}, nil
}

func openRuntime(t *testing.T, how string) *Runtime {
	t.Helper()
	cache := t.TempDir() // of its own
	c := behaving(t, "runtime", how, filepath.Join(cache, "starts"))
	c.Cache, c.AnswerTimeout = cache, 5*time.Second
	r, err := OpenRuntime(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	return r
}

// runOne has a worker run a program of the language.
func runOne(t *testing.T, l language.Language, text string, lim runtimes.Limits) (runtimes.Outcome, error) {
	t.Helper()
	w := worker.New(worker.Config{
		Setup:     worker.Setup{Engine: os.Getenv("ASSAY_ENGINE")},
		Languages: func(context.Context, string) (language.Language, func(), error) { return l, func() {}, nil },
	})
	t.Cleanup(func() { _ = w.Close() })
	job := &runtimes.Job{Language: "wat", Mode: runtimes.ModeMain, Program: runtimes.Program{Source: text, Name: "a.wat"}, Limits: lim}
	return w.Run(t.Context(), job, nil)
}

const (
	endsWell = `(func (export "_start"))`
	endless  = `(func (export "_start") (loop (br 0)))`
)

// Whatever a language does instead of compiling is an error that names it,
// without its secrets; the next program is compiled all the same.
func TestRuntimeFailures(t *testing.T) {
	r := openRuntime(t, "well")
	for _, tt := range []struct{ text, want string }{
		{"fail", "plugin test failed: no idea what [GRANTED_KEY] is"},
		{"fewer", "plugin test failed: it made 0 programs of 1 sources"},
		{"hang", "plugin test has not answered within 5s"},
		{"panic", "plugin test ended while it was asked: exit status 2; it said: panic: what now, [GRANTED_KEY]"},
	} {
		if tt.text == "hang" {
			r.config.AnswerTimeout = 50 * time.Millisecond
		}
		_, err := runOne(t, r, tt.text, runtimes.Limits{})
		r.config.AnswerTimeout = time.Minute
		if err == nil || !strings.Contains(strings.Replace(err.Error(), "50ms", "5s", 1), tt.want) || strings.Contains(err.Error(), key) {
			t.Errorf("%s: got %v", tt.text, err)
		}
	}
	var err error
	retried(t, func() error {
		_, err = runOne(t, r, endsWell, runtimes.Limits{})
		return err
	})
	if err != nil {
		t.Errorf("after all that: %v", err)
	}
}

// TestRuntimeWalls: a language reaches its folder, its cache, what a granted
// variable names and the system's programs; nothing else, not even by the text
// that it compiles.
func TestRuntimeWalls(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux has walls")
	}
	granted, neighbour, home := t.TempDir(), t.TempDir(), t.TempDir()
	t.Setenv("HOME", home)
	for _, dir := range []string{granted, neighbour, home} {
		if err := os.WriteFile(filepath.Join(dir, "file"), []byte("sesame"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	l, err := net.Listen("unix", filepath.Join(neighbour, "socket"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	tcp, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer tcp.Close()
	c := behaving(t, "runtime", "well", filepath.Join(granted, "starts"))
	c.Env = append(c.Env, "HOME="+home, "TOOL_ROOT="+granted, "TOOL_CACHE="+granted, "PATH=/usr/bin"+string(filepath.ListSeparator)+home)
	c.Cache, c.AnswerTimeout, c.Memory = t.TempDir(), time.Minute, 512<<20
	if err := os.WriteFile(filepath.Join(c.Dir, "own"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := OpenRuntime(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for _, tt := range []struct {
		text string
		good bool
	}{
		{"read " + filepath.Join(c.Dir, "own"), true},
		{"read " + filepath.Join(granted, "file"), true},
		{"write " + filepath.Join(granted, "new"), true},
		{"write " + filepath.Join(c.Cache, "new"), true},
		{"scratch -", true},
		{"run /bin/true", true},
		{"write " + filepath.Join(c.Dir, "own"), false},
		{"read " + filepath.Join(neighbour, "file"), false},
		{"read " + filepath.Join(home, "file"), false},
		{"list " + home, false},
		{"list " + filepath.Dir(granted), false},
		{"read /etc/passwd", false},
		{"read /proc/self/environ", false},
		{"write /tmp/assay-walls", false},
		{"dial tcp " + tcp.Addr().String(), false},
		{"dial udp 127.0.0.1:53", false},
		{"dial unix " + l.Addr().String(), false},
	} {
		_, err := r.Compile(t.Context(), []language.Source{{Name: "a.wat", Text: []byte(tt.text)}})
		if err == nil || strings.Contains(err.Error(), ": <nil>.") != tt.good || strings.Contains(err.Error(), "sesame") {
			t.Errorf("%s: %v", tt.text, err)
		}
	}
}

// TestRuntimeLimit: a source for which a plugin takes more than it may take is over
// a limit; what was compiled at the same time is compiled again, and so is what
// comes after.
func TestRuntimeLimit(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux has walls")
	}
	cache := t.TempDir()
	begun := filepath.Join(cache, "begun")
	c := behaving(t, "runtime", "well", filepath.Join(cache, "starts"))
	c.Cache, c.AnswerTimeout, c.Memory = cache, time.Minute, 256<<20
	c.RestartWait = time.Hour // which an end by a limit does not wait for
	r, err := OpenRuntime(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	compile := func(text string) (language.Program, error) {
		p, err := r.Compile(t.Context(), []language.Source{{Name: "a.wat", Text: []byte(text)}})
		if err != nil {
			return language.Program{}, err
		}
		return p[0], nil
	}
	innocent := make(chan error)
	go func() {
		p, err := compile("once " + begun)
		if err == nil && p.Module == nil {
			err = fmt.Errorf("%+v", p)
		}
		innocent <- err
	}()
	for {
		if _, err := os.Stat(begun); err == nil || t.Context().Err() != nil {
			break
		}
		runtime.Gosched()
	}
	for range mostFailures + 1 { // none counts as a failure of the plugin's
		if p, err := compile("eat -"); err != nil || p.Module != nil || p.Limit != "to compile it takes more than 256 MiB of memory" {
			t.Fatalf("%+v, %v", p, err)
		}
	}
	if err := <-innocent; err != nil {
		t.Errorf("beside it: %v", err)
	}
	if p, err := compile(endsWell); err != nil || p.Module == nil {
		t.Errorf("after it: %+v, %v", p, err)
	}
}

// A program that is rejected is no fault, and what is said of it is bounded.
func TestRuntimeRejects(t *testing.T) {
	r := openRuntime(t, "well")
	o, err := runOne(t, r, "reject", runtimes.Limits{})
	if err != nil || o.Kind != runtimes.SyntaxError || o.Exception.Line != 3 || o.Exception.Message != "not so, [GRANTED_KEY]" || len(o.Exception.Traceback) > 3000 {
		t.Errorf("%v %s %+v", err, o.Kind, o.Exception)
	}
	if o, err := runOne(t, r, "giant", runtimes.Limits{}); err != nil || o.Kind != runtimes.CompileLimit || o.Detail != "its module has more than 33554432 bytes" {
		t.Errorf("%v %s %q", err, o.Kind, o.Detail)
	}
	if o, err := runOne(t, r, strings.Repeat("x", mostSource+1), runtimes.Limits{}); err != nil || o.Kind != runtimes.CompileLimit || o.Detail != "it has more than 4194304 bytes" {
		t.Errorf("%v %s %q", err, o.Kind, o.Detail)
	}
	if o, err := runOne(t, r, "limit", runtimes.Limits{}); err != nil || o.Kind != runtimes.CompileLimit || o.Detail != "it took more than [GRANTED_KEY]" {
		t.Errorf("%v %s %q", err, o.Kind, o.Detail)
	}
	// What it makes is a module that nobody trusts: one that can't be run is the
	// program's failure.
	for text, want := range map[string]string{
		"rubbish": "not a module that can be run",
		`(import "env" "system" (func)) (func (export "_start"))`: `imports "system" of "env"`,
		`(memory 1) (func (export "run"))`:                        "exports no function _start",
	} {
		o, err := runOne(t, r, text, runtimes.Limits{})
		if err != nil || o.Kind != runtimes.SyntaxError || o.Exception.Type != "invalid module" || !strings.Contains(o.Exception.Message, want) {
			t.Errorf("%s: %v %s %+v", text, err, o.Kind, o.Exception)
		}
	}
}

// A language names ends, and takes none back: what met a limit stays that.
func TestRuntimeClassifies(t *testing.T) {
	r := openRuntime(t, "well")
	for _, tt := range []struct {
		text string
		want runtimes.Kind
	}{{endsWell, runtimes.Exception}, {endless, runtimes.OutOfFuel}, {`(func (export "_start") unreachable)`, runtimes.Exception}} {
		o, err := runOne(t, r, tt.text, runtimes.Limits{LoadFuel: 1e6})
		if err != nil || o.Kind != tt.want || o.Kind == runtimes.Exception && o.Exception.Message != "of [GRANTED_KEY]" {
			t.Errorf("%s: %v %s %+v", tt.text, err, o.Kind, o.Exception)
		}
	}
}

// After a crash the toolchain is prepared again, and is the same, or nothing is
// compiled by it.
func TestRuntimeAnotherToolchain(t *testing.T) {
	for how, want := range map[string]string{"well": "", "another": "has another toolchain after it was started again (xx, and x before)"} {
		r := openRuntime(t, how)
		if _, err := runOne(t, r, endsWell, runtimes.Limits{}); err != nil {
			t.Fatal(err)
		}
		if err := r.Kill(t.Context()); err != nil {
			t.Fatal(err)
		}
		var err error
		retried(t, func() error {
			_, err = runOne(t, r, endsWell, runtimes.Limits{})
			return err
		})
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", how, err)
		}
	}
}

// Who is no runtime, or has no name, does not start as one.
func TestNoRuntime(t *testing.T) {
	for _, tt := range []struct {
		what []string
		want string
	}{
		{[]string{"backend"}, "its handshake promises a runtime, but it serves none"},
		{[]string{"trainer", "well"}, "its handshake promises a runtime, but it serves none"},
		{[]string{"runtime", "nameless", "x"}, `it calls its language ""`},
		{[]string{"rubbish"}, "is no handshake"},
	} {
		if _, err := OpenRuntime(t.Context(), behaving(t, tt.what...)); err == nil || !strings.Contains(err.Error(), tt.want) || !strings.HasPrefix(err.Error(), "plugin test does not start: ") {
			t.Errorf("%v: %v", tt.what, err)
		}
	}
	found, err := openRuntime(t, "well").Detect(t.Context())
	if err != nil || found.Install != "ask for [GRANTED_KEY]" {
		t.Errorf("%+v %v", found, err)
	}
}
