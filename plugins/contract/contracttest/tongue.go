package contracttest

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/assay-dev/assay/plugins/sdk/language"
	"github.com/assay-dev/assay/runtimes/wasm/wasmtest"
)

// Tongue is a language whose programs are modules in WebAssembly's text.
type Tongue struct {
	// Breaks is how it breaks the contract: see the words in the code.
	Breaks string

	compiled int
}

// texts are its examples, by what they show. A failed assertion is exit code 3,
// an exception 4.
var texts = map[language.Shows]string{
	language.ShowsPass: `
(import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
(memory 1)
(data (i32.const 0) "\10\00\00\00\05\00\00\00\00\00\00\00\00\00\00\00pass\0a")
(func (export "_start") (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))))`,
	language.ShowsWrong:     exits(3),
	language.ShowsThrow:     exits(4),
	language.ShowsSyntax:    "no module",
	language.ShowsLoop:      `(func (export "_start") (loop (br 0)))`,
	language.ShowsRecursion: `(func $f (export "_start") (call $f))`,
	language.ShowsMemory: `
(memory 1)
(func (export "_start") (loop (br_if 0 (i32.ne (memory.grow (i32.const 16)) (i32.const -1)))) unreachable)`,
	language.ShowsRandom: `(func (export "_start"))`,
}

func exits(code int) string {
	return fmt.Sprintf(`
(import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
(memory 1)
(func (export "_start") (call $exit (i32.const %d)))`, code)
}

// Info has an example of each end, but for what it breaks.
func (t *Tongue) Info() language.Info {
	i := language.Info{Name: "wat", Extension: ".wat", Deterministic: true}
	for _, what := range []language.Shows{
		language.ShowsPass, language.ShowsWrong, language.ShowsThrow, language.ShowsSyntax,
		language.ShowsLoop, language.ShowsRecursion, language.ShowsMemory, language.ShowsRandom,
	} {
		if t.Breaks != "no "+string(what) {
			i.Examples = append(i.Examples, language.Example{Shows: what, Text: texts[what]})
		}
	}
	if t.Breaks == "odd example" {
		i.Examples = append(i.Examples, language.Example{Shows: "odd", Text: "x"})
	}
	return i
}

// Detect finds itself.
func (t *Tongue) Detect(context.Context) (language.Detection, error) {
	if t.Breaks == "missing" {
		return language.Detection{Missing: "it is not here", Install: "by hand"}, nil
	}
	return language.Detection{Version: "1"}, nil
}

// Prepare has nothing to do.
func (t *Tongue) Prepare(context.Context) (language.Toolchain, error) {
	if t.Breaks == "id" {
		return language.Toolchain{}, nil
	}
	return language.Toolchain{ID: "1"}, nil
}

// Wrap puts things after each other.
func (t *Tongue) Wrap(_ context.Context, p language.Problem, completion string) (language.Source, error) {
	if t.Breaks == "wrap" {
		completion = ""
	}
	return language.Source{Name: "main.wat", Text: []byte(p.Prompt + completion + "\n" + p.Tests)}, nil
}

// Compile assembles what looks like a module.
func (t *Tongue) Compile(_ context.Context, sources []language.Source) ([]language.Program, error) {
	var all []language.Program
	for _, s := range sources {
		text := string(s.Text)
		t.compiled++
		switch {
		case t.Breaks == "fails" && strings.Contains(text, "\x00"):
			return nil, errors.New("a text with a zero in it")
		case t.Breaks == "mixes" && len(sources) > 1:
			text = texts[language.ShowsLoop]
		case t.Breaks == "modules":
			text += strings.Repeat("(memory 1)", t.compiled%2)
		}
		if !strings.Contains(text, "_start") {
			d := language.Diagnostic{Line: 1, Message: "no module"}
			if t.Breaks == "line" {
				d.Line = 0
			}
			all = append(all, language.Program{Diagnostics: []language.Diagnostic{d}})
			continue
		}
		all = append(all, language.Program{Module: wasmtest.Wat(text)})
	}
	return all, nil
}

// Classify knows its exit codes, and that only memory traps.
func (t *Tongue) Classify(_ context.Context, e language.End) (language.Finding, error) {
	switch {
	case t.Breaks == "assertions" && e.ExitCode == 3:
		return language.Finding{}, nil
	case e.Trapped:
		return language.Finding{Kind: language.OutOfMemory}, nil
	case e.ExitCode != 0:
		return language.Finding{Kind: language.Exception}, nil
	}
	return language.Finding{}, nil
}
