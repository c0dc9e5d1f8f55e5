package runtimes_test

import (
	"context"
	"reflect"
	"strings"
	"testing"

	"github.com/assay-dev/assay/plugins/sdk/language"
	"github.com/assay-dev/assay/runtimes"
)

// teller takes every end for one thing.
type teller struct {
	language.Language // what is not asked here
	finding           language.Finding
	ends              []language.End
}

func (*teller) Info() language.Info { return language.Info{Name: "teller"} }

func (f *teller) Classify(_ context.Context, e language.End) (language.Finding, error) {
	f.ends = append(f.ends, e)
	return f.finding, nil
}

// A language is asked about ends that are its business, and can make failures of
// them and nothing else.
func TestReadEnd(t *testing.T) {
	exit := func(code string) runtimes.Outcome { return runtimes.Outcome{Kind: runtimes.OK, Detail: code} }
	for _, c := range []struct {
		name  string
		end   runtimes.Outcome
		says  runtimes.Kind
		want  runtimes.Kind // "": an error
		asked bool
	}{
		{"nothing to say", exit("3"), "", runtimes.OK, true},
		{"a failure of a success", exit("0"), runtimes.Exception, runtimes.Exception, true},
		{"memory", exit("3"), runtimes.OutOfMemory, runtimes.OutOfMemory, true},
		{"stack", exit("3"), runtimes.StackOverflow, runtimes.StackOverflow, true},
		{"a trap", runtimes.Outcome{Kind: runtimes.Trap}, runtimes.SyntaxError, runtimes.SyntaxError, true},
		{"a success of a failure", exit("3"), runtimes.OK, "", true},
		{"fuel that was not used up", exit("3"), runtimes.OutOfFuel, "", true},
		{"a limit", runtimes.Outcome{Kind: runtimes.OutOfFuel}, runtimes.Exception, runtimes.OutOfFuel, false},
		{"too much memory", runtimes.Outcome{Kind: runtimes.OutOfMemory}, runtimes.Exception, runtimes.OutOfMemory, false},
		{"no exit code", exit("?"), "", "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			long := strings.Repeat("m", 1<<20)
			f := &teller{finding: language.Finding{Kind: language.Kind(c.says), Exception: &language.Thrown{Message: long, Line: -3}}}
			c.end.Stdout = []byte(long)
			o, err := runtimes.ReadEnd(t.Context(), f, c.end)
			if (err != nil) != (c.want == "") || err == nil && o.Kind != c.want || (len(f.ends) > 0) != c.asked {
				t.Errorf("%v %s, asked %d", err, o.Kind, len(f.ends))
			}
			if c.asked && len(f.ends[0].Stdout) != language.MaxStream {
				t.Errorf("it was shown %d bytes", len(f.ends[0].Stdout))
			}
			if x := o.Exception; x != nil && (len(x.Message) > 1<<10 || x.Line != 0) {
				t.Errorf("%d bytes, line %d", len(x.Message), x.Line)
			}
		})
	}
}

// A program's module is run as the source was asked to be: its own arguments
// come before the user's.
func TestCompiled(t *testing.T) {
	job := &runtimes.Job{Language: "x", Mode: runtimes.ModeMain, Args: []string{"a", "b"}, Stdin: []byte("in"), Seed: 3}
	p := language.Program{Module: []byte("module"), Args: []string{"-e", "code"}}
	got, rejected, err := runtimes.Compiled(job, language.Source{Name: "0.x"}, p)
	want := &runtimes.Job{
		Language: runtimes.Wasm, Mode: runtimes.ModeMain, Program: runtimes.Program{Source: "module", Name: "0.x"},
		Args: []string{"-e", "code", "a", "b"}, Stdin: []byte("in"), Seed: 3,
	}
	if err != nil || rejected != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v, %v", got, rejected, err)
	}
}

// What is rejected says so, within bounds; without a word it is a fault.
func TestRejected(t *testing.T) {
	many := make([]language.Diagnostic, 1000)
	for i := range many {
		many[i] = language.Diagnostic{Line: i + 1, Column: 2, Message: strings.Repeat("é", 1<<10) + "\xff"}
	}
	_, o, err := runtimes.Compiled(&runtimes.Job{}, language.Source{Name: "0.x"}, language.Program{Diagnostics: many})
	if err != nil {
		t.Fatal(err)
	}
	x := o.Exception
	if o.Kind != runtimes.SyntaxError || x.Line != 1 || len(x.Traceback) > 12<<10 || !strings.HasSuffix(x.Traceback, "\nand 990 more\n") || !strings.HasPrefix(x.Traceback, "0.x:1:2: é") {
		t.Errorf("%s %+.300v", o.Kind, x)
	}
	_, o, err = runtimes.Compiled(&runtimes.Job{}, language.Source{Name: "0.x"}, language.Program{Limit: strings.Repeat("l", 1<<20)})
	if err != nil || o.Kind != runtimes.CompileLimit || len(o.Detail) > 2<<10 {
		t.Errorf("%v, %s %.100s", err, o.Kind, o.Detail)
	}
	if _, _, err := runtimes.Compiled(&runtimes.Job{}, language.Source{Name: "0.x"}, language.Program{}); err == nil || !strings.Contains(err.Error(), "0.x was rejected without a word") {
		t.Errorf("%v", err)
	}
}
