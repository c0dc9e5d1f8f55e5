package wire

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"

	"github.com/assay-dev/assay/plugins/sdk/language"
	runtimev1 "github.com/assay-dev/assay/plugins/sdk/proto/runtime/v1"
)

// tongue is a language that answers what it was made with, and keeps what it was
// asked.
type tongue struct {
	info     language.Info
	programs []language.Program
	finding  language.Finding
	err      error

	sources []language.Source
	end     language.End
	problem language.Problem
}

func (l *tongue) Info() language.Info { return l.info }

func (l *tongue) Detect(context.Context) (language.Detection, error) {
	return language.Detection{Version: "1", Missing: "x", Install: "y"}, l.err
}

func (l *tongue) Prepare(context.Context) (language.Toolchain, error) {
	return language.Toolchain{ID: l.info.Licence, About: "about"}, l.err
}

func (l *tongue) Wrap(_ context.Context, p language.Problem, completion string) (language.Source, error) {
	l.problem = p
	return language.Source{Name: "a.x", Text: []byte(completion)}, l.err
}

func (l *tongue) Compile(_ context.Context, s []language.Source) ([]language.Program, error) {
	l.sources = s
	return l.programs, l.err
}

func (l *tongue) Classify(_ context.Context, e language.End) (language.Finding, error) {
	l.end = e
	return l.finding, l.err
}

func connectRuntime(t *testing.T, l *tongue) *RuntimeClient {
	t.Helper()
	return connect(t, Runtime, ServeRuntime(l)).(*RuntimeClient)
}

func TestRuntimeThere(t *testing.T) {
	shared := []byte("\x00asm")
	l := &tongue{
		info: language.Info{
			Name: "c++", Aliases: []string{"cpp", "cxx"}, Extension: ".cc", Licence: "MIT", Deterministic: true,
			Examples: []language.Example{{Shows: language.ShowsPass, Text: "é\x00"}},
		},
		programs: []language.Program{
			{Module: shared, Args: []string{"-e", "1"}},
			{Diagnostics: []language.Diagnostic{{Line: 1, Column: 2, Message: "no"}, {Message: "never"}}},
			{Module: []byte{}},
			{Module: shared},
			{Limit: "to compile it takes more than 1 GiB of memory"},
		},
		finding: language.Finding{Kind: language.Exception, Exception: &language.Thrown{Type: "E", Message: "m", Line: 3}},
	}
	c := connectRuntime(t, l)
	info, err := c.Info(t.Context())
	if diff := cmp.Diff(l.info, info); diff != "" || err != nil {
		t.Errorf("%v %s", err, diff)
	}
	sources := []language.Source{{Name: "a", Text: []byte("\xff\x00")}, {Name: "b", Text: []byte("x")}, {Name: "c", Text: []byte("y")}, {Name: "d", Text: []byte("z")}, {Name: "e"}}
	programs, err := c.Compile(t.Context(), sources)
	if diff := cmp.Diff(l.programs, programs); diff != "" || err != nil {
		t.Errorf("%v %s", err, diff)
	}
	if diff := cmp.Diff(sources, l.sources); diff != "" {
		t.Error(diff)
	}
	if n := len(toPrograms(l.programs).Modules); n != 2 {
		t.Errorf("%d modules are sent, and two are different", n)
	}
	end := language.End{Trapped: true, ExitCode: 7, Trap: "unreachable", Stdout: []byte("\xff"), Stderr: []byte("e")}
	finding, err := c.Classify(t.Context(), end)
	if diff := cmp.Diff(l.finding, finding) + cmp.Diff(end, l.end); diff != "" || err != nil {
		t.Errorf("%v %s", err, diff)
	}
	problem := language.Problem{Name: "n", Prompt: "p", Tests: "t", EntryPoint: "e"}
	source, err := c.Wrap(t.Context(), problem, "done")
	if diff := cmp.Diff(language.Source{Name: "a.x", Text: []byte("done")}, source) + cmp.Diff(problem, l.problem); diff != "" || err != nil {
		t.Errorf("%v %s", err, diff)
	}
	toolchain, err := c.Prepare(t.Context())
	if toolchain != (language.Toolchain{ID: "MIT", About: "about"}) || err != nil {
		t.Errorf("%+v %v", toolchain, err)
	}
	found, err := c.Detect(t.Context())
	if found != (language.Detection{Version: "1", Missing: "x", Install: "y"}) || err != nil {
		t.Errorf("%+v %v", found, err)
	}
	l.finding = language.Finding{}
	if f, err := c.Classify(t.Context(), end); f != (language.Finding{}) || err != nil {
		t.Errorf("%+v %v", f, err)
	}
}

// What can't be used of what a language says is an error in words.
func TestRuntimeRefused(t *testing.T) {
	l := &tongue{}
	c := connectRuntime(t, l)
	for _, tt := range []struct {
		name string
		set  func()
		ask  func() error
		want string
	}{
		{"its words", func() { l.err = errors.New("no compiler\xff") }, func() error { _, err := c.Prepare(t.Context()); return err }, "no compiler\uFFFD"},
		{"no id", func() {}, func() error { _, err := c.Prepare(t.Context()); return err }, `the id "", which is no hash`},
		{"no name", func() {}, func() error { _, err := c.Info(t.Context()); return err }, `calls its language ""`},
		{"a name of two lines", func() { l.info.Name = "a\nb" }, func() error { _, err := c.Info(t.Context()); return err }, `calls its language "a\nb"`},
		{"a folder", func() { l.info = language.Info{Name: "x", Extension: ".x/../y"} }, func() error { _, err := c.Info(t.Context()); return err }, "end with"},
		{"a long licence", func() { l.info = language.Info{Name: "x", Licence: strings.Repeat("x", 1000)} }, func() error { _, err := c.Info(t.Context()); return err }, "licence has 1000 bytes"},
		{"many examples", func() { l.info = language.Info{Name: "x", Examples: make([]language.Example, 101)} }, func() error { _, err := c.Info(t.Context()); return err }, "101 examples"},
		{"too few programs", func() {}, func() error { _, err := c.Compile(t.Context(), make([]language.Source, 2)); return err }, "0 programs of 2 sources"},
		{"not a word", func() { l.programs = make([]language.Program, 1) }, func() error { _, err := c.Compile(t.Context(), make([]language.Source, 1)); return err }, "rejects program 0 without a word"},
		{"too much", func() {}, func() error {
			_, err := c.Compile(t.Context(), []language.Source{{Text: make([]byte, MaxMessage)}})
			return err
		}, "a plugin takes 33554432"},
	} {
		*l = tongue{}
		tt.set()
		if err := tt.ask(); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
	}
}

// FuzzPrograms reads whatever a plugin may write: programs for all sources, each
// with a module or a reason, or an error.
func FuzzPrograms(f *testing.F) {
	for _, r := range []*runtimev1.CompileResponse{
		toPrograms([]language.Program{{Module: []byte("x")}, {Diagnostics: []language.Diagnostic{{Line: -1, Message: "m"}}}}),
		{Programs: []*runtimev1.Program{{Made: &runtimev1.Program_Module{Module: -1}}, nil}},
		{Programs: []*runtimev1.Program{{Made: &runtimev1.Program_Module{Module: 1}}, {}}},
	} {
		text, err := proto.Marshal(r)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var r runtimev1.CompileResponse
		if proto.Unmarshal(text, &r) != nil {
			return
		}
		programs, err := fromPrograms(&r, 2)
		if err != nil {
			return
		}
		for _, p := range programs {
			if (p.Module == nil) != (len(p.Diagnostics) > 0) {
				t.Errorf("%+v", p)
			}
		}
		var found runtimev1.ClassifyResponse
		if proto.Unmarshal(text, &found) == nil {
			if kind := fromFinding(&found).Kind; kind == "ok" {
				t.Error("an end became a success")
			}
		}
	})
}
