package worker

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-dev/assay/plugins/sdk/language"
	"github.com/assay-dev/assay/runtimes"
	"github.com/assay-dev/assay/runtimes/wasm/wasmtest"
)

// exits is a language whose programs are numbers: a program ends with its number
// as the exit code, and "loop" never does.
type exits struct{}

func (exits) Info() language.Info { return language.Info{Name: "exits", Extension: ".exit"} }

func (exits) Detect(context.Context) (language.Detection, error) {
	return language.Detection{Version: "1"}, nil
}

func (exits) Prepare(context.Context) (language.Toolchain, error) {
	return language.Toolchain{ID: "exits 1", About: "1"}, nil
}

func (exits) Wrap(context.Context, language.Problem, string) (language.Source, error) {
	return language.Source{}, errors.ErrUnsupported
}

func (exits) Compile(_ context.Context, sources []language.Source) (all []language.Program, err error) {
	for _, s := range sources {
		var code uint32
		switch _, bad := fmt.Sscan(string(s.Text), &code); {
		case string(s.Text) == "loop":
			all = append(all, language.Program{Module: wasmtest.Wat(`(func (export "_start") (loop (br 0)))`)})
		case bad != nil:
			all = append(all, language.Program{Diagnostics: []language.Diagnostic{{Line: 1, Message: "not a number"}}})
		default:
			all = append(all, language.Program{Module: wasmtest.Wat(fmt.Sprintf(
				`(import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32))) (memory 1) (func (export "_start") (call $exit (i32.const %d)))`, code))})
		}
	}
	return all, nil
}

func (exits) Classify(_ context.Context, e language.End) (language.Finding, error) {
	if e.ExitCode == 9 {
		return language.Finding{Kind: language.Exception, Exception: &language.Thrown{Type: "nine"}}, nil
	}
	return language.Finding{}, nil
}

// TestAddedLanguage: a language is one type and one line that opens it. Its
// programs run in processes, and end there as they do in this one.
func TestAddedLanguage(t *testing.T) {
	languages := func(_ context.Context, name string) (language.Language, func(), error) {
		if name != "exits" {
			return nil, nil, fmt.Errorf("no language is called %q", name)
		}
		return exits{}, func() {}, nil
	}
	setup := Setup{Engine: os.Getenv("ASSAY_ENGINE")}
	far := New(Config{Args: []string{os.Args[0], realArg}, Setup: setup, Languages: languages})
	near := New(Config{Setup: setup, Languages: languages})
	t.Cleanup(func() { _, _ = far.Close(), near.Close() })
	if about, err := far.Ready(t.Context(), "exits"); err != nil || about.Name != "exits (1)" || about.Identity == "" {
		t.Errorf("%+v, %v", about, err)
	}
	want := map[string]string{"0": "ok 0", "9": "exception ", "loop": "out_of_fuel ", "x": "syntax_error "}
	for n := range 2 * maxModules { // more than keep a process
		want[fmt.Sprint(10+n)] = fmt.Sprint("ok ", 10+n)
	}
	for range 2 {
		for source, end := range want {
			job := &runtimes.Job{
				Language: "exits", Mode: runtimes.ModeMain, Program: runtimes.Program{Source: source, Name: "p.exit"}, Limits: runtimes.Limits{LoadFuel: 1e6},
			}
			a, errA := far.Run(t.Context(), job, nil)
			b, errB := near.Run(t.Context(), job, nil)
			if errA != nil || errB != nil || cmp.Diff(a, b) != "" || !strings.HasPrefix(fmt.Sprint(a.Kind, " ", a.Detail), end) {
				t.Errorf("%s: %v %+v, in this process %v %+v, want %s", source, errA, a, errB, b, end)
			}
		}
	}
	if n := len(far.modules); n > maxModules {
		t.Errorf("%d processes are kept, want %d at most", n, maxModules)
	}
	if _, err := far.Run(t.Context(), &runtimes.Job{Language: "other", Mode: runtimes.ModeMain}, nil); err == nil || !strings.Contains(err.Error(), `no language is called "other"`) {
		t.Errorf("another language: %v", err)
	}
	if _, err := far.Run(t.Context(), &runtimes.Job{Language: "exits", Mode: runtimes.ModeCases}, nil); err == nil || !strings.Contains(err.Error(), "can be run, and nothing else") {
		t.Errorf("another mode: %v", err)
	}
}
