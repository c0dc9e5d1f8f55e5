package compiled_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/assay-dev/assay/runtimes"
	"github.com/assay-dev/assay/runtimes/compiled"
	"github.com/assay-dev/assay/runtimes/engine"
	"github.com/assay-dev/assay/runtimes/engine/registry"
	"github.com/assay-dev/assay/runtimes/language"
	"github.com/assay-dev/assay/runtimes/wasi"
	"github.com/assay-dev/assay/runtimes/wasm/wasmtest"
)

// fake is a language that gives what it was made with.
type fake struct {
	language.Language // what is not asked here
	programs          []language.Program
	finding           language.Finding
	ends              []language.End
}

func (*fake) Info() language.Info { return language.Info{Name: "fake"} }

func (f *fake) Compile(context.Context, []language.Source) ([]language.Program, error) {
	return f.programs, nil
}

func (f *fake) Classify(_ context.Context, e language.End) (language.Finding, error) {
	f.ends = append(f.ends, e)
	return f.finding, nil
}

// argv exits with the number of its arguments.
const argv = `
(import "wasi_snapshot_preview1" "args_sizes_get" (func $args (param i32 i32) (result i32)))
(import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
(memory 1)
(func (export "_start")
  (drop (call $args (i32.const 0) (i32.const 4)))
  (call $exit (i32.load (i32.const 0))))`

func open(t *testing.T) engine.Engine {
	t.Helper()
	e, err := registry.New(os.Getenv("ASSAY_ENGINE"), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	return e
}

func compile(t *testing.T, f *fake) (*compiled.Batch, error) {
	t.Helper()
	sources := make([]language.Source, len(f.programs))
	for i := range sources {
		sources[i].Name = fmt.Sprintf("%d.x", i)
	}
	b, err := compiled.Compile(t.Context(), open(t), f, sources, nil)
	if err == nil {
		t.Cleanup(func() { _ = b.Close() })
	}
	return b, err
}

// Programs that share a module have their own arguments, before the user's.
func TestArguments(t *testing.T) {
	module := wasmtest.Wat(argv)
	f := &fake{programs: []language.Program{{Module: module}, {Module: module, Args: []string{"-e", "code"}}}}
	b, err := compile(t, f)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"3", "5"} {
		o, err := b.Run(t.Context(), i, wasi.Input{Args: []string{"a", "b"}}, runtimes.Limits{})
		if err != nil || o.Kind != runtimes.OK || o.Detail != want {
			t.Errorf("%d: %v %s %s, want %s", i, err, o.Kind, o.Detail, want)
		}
	}
}

// A language is asked about ends that are its business, and can make failures of
// them and nothing else.
func TestClassify(t *testing.T) {
	exit := func(code int) string {
		return fmt.Sprintf(`(import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32))) (memory 1) (func (export "_start") (call $exit (i32.const %d)))`, code)
	}
	for _, c := range []struct {
		name, wat string
		says      runtimes.Kind
		want      runtimes.Kind // "": an error
		asked     bool
	}{
		{"nothing to say", exit(3), "", runtimes.OK, true},
		{"a failure of a success", exit(0), runtimes.Exception, runtimes.Exception, true},
		{"memory", exit(3), runtimes.OutOfMemory, runtimes.OutOfMemory, true},
		{"stack", exit(3), runtimes.StackOverflow, runtimes.StackOverflow, true},
		{"a trap", `(func (export "_start") unreachable)`, runtimes.SyntaxError, runtimes.SyntaxError, true},
		{"a success of a failure", exit(3), runtimes.OK, "", true},
		{"fuel that was not used up", exit(3), runtimes.OutOfFuel, "", true},
		{"a limit", `(func (export "_start") (loop (br 0)))`, runtimes.Exception, runtimes.OutOfFuel, false},
		{"too much memory from the start", `(memory 100) (func (export "_start"))`, runtimes.Exception, runtimes.OutOfMemory, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			long := strings.Repeat("m", 1<<20)
			f := &fake{programs: []language.Program{{Module: wasmtest.Wat(c.wat)}}, finding: language.Finding{Kind: c.says, Exception: &runtimes.ExceptionInfo{Message: long, Line: -3}}}
			b, err := compile(t, f)
			if err != nil {
				t.Fatal(err)
			}
			o, err := b.Run(t.Context(), 0, wasi.Input{}, runtimes.Limits{LoadFuel: 1e6, MemoryBytes: 1 << 20})
			if (err != nil) != (c.want == "") || err == nil && o.Kind != c.want || (len(f.ends) > 0) != c.asked {
				t.Errorf("%v %s, asked %d", err, o.Kind, len(f.ends))
			}
			if x := o.Exception; x != nil && (len(x.Message) > 1<<10 || x.Line != 0) {
				t.Errorf("%d bytes, line %d", len(x.Message), x.Line)
			}
		})
	}
}

// What is rejected says so when it is run, within bounds; a faulty module is no
// outcome.
func TestRejected(t *testing.T) {
	many := make([]language.Diagnostic, 1000)
	for i := range many {
		many[i] = language.Diagnostic{Line: i + 1, Column: 2, Message: strings.Repeat("é", 1<<10) + "\xff"}
	}
	b, err := compile(t, &fake{programs: []language.Program{{Diagnostics: many}}})
	if err != nil {
		t.Fatal(err)
	}
	o, err := b.Run(t.Context(), 0, wasi.Input{}, runtimes.Limits{})
	x := o.Exception
	if err != nil || o.Kind != runtimes.SyntaxError || x.Line != 1 || len(x.Traceback) > 12<<10 || !strings.HasSuffix(x.Traceback, "\nand 990 more\n") || !strings.HasPrefix(x.Traceback, "0.x:1:2: é") {
		t.Errorf("%v %s %+.300v", err, o.Kind, x)
	}
	if _, err := compile(t, &fake{programs: []language.Program{{}}}); err == nil || !strings.Contains(err.Error(), "0.x was rejected without a word") {
		t.Errorf("%v", err)
	}
	if _, err := compile(t, &fake{programs: []language.Program{{Module: wasmtest.Wat(argv)}, {Module: []byte{}}}}); !errors.Is(err, wasi.ErrModule) || !strings.HasPrefix(err.Error(), "1.x: the module that was made of it by fake: ") {
		t.Errorf("%v", err)
	}
	if _, err := compiled.Compile(t.Context(), open(t), &fake{}, make([]language.Source, 2), nil); err == nil || !strings.Contains(err.Error(), "0 programs were made of 2 sources") {
		t.Errorf("%v", err)
	}
}
