package python

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/assay-dev/assay/internal/value"
	"github.com/assay-dev/assay/runtimes"
	"github.com/assay-dev/assay/runtimes/engine"
)

// TestPrograms runs every program of testdata/programs, each twice, on the whole
// interpreter and on its core: what comes of it is in its archive, and both runs must
// agree on fuel and pages.
func TestPrograms(t *testing.T) {
	r, core := openShared(t), openCore(t)
	paths, err := filepath.Glob("testdata/programs/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no programs: %v", err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			t.Parallel()
			testProgram(t, r, core, path)
		})
	}
}

// librariesOutside are those that the core lacks.
var librariesOutside = regexp.MustCompile(`numpy|pandas|scipy`)

func testProgram(t *testing.T, r, core *Runtime, path string) {
	archive, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	program, inputs, lim := parseProgram(t, archive)
	first, err := transcribe(r, program, inputs, lim)
	if err != nil {
		t.Fatal(err)
	}
	second, err := transcribe(core, program, inputs, lim)
	if errors.Is(err, engine.ErrMissing) {
		if !librariesOutside.MatchString(program.Source) {
			t.Error(err)
		}
		second, err = transcribe(r, program, inputs, lim)
	}
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first, second, cmp.AllowUnexported(transcript{})); diff != "" {
		t.Errorf("the whole and its core differ (-whole +core):\n%s", diff)
	}
	if *update {
		archive.Files[len(archive.Files)-1].Data = []byte(first.text)
		if err := os.WriteFile(path, txtar.Format(archive), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(string(archive.Files[len(archive.Files)-1].Data), first.text); diff != "" {
		t.Errorf("another outcome than the archive says (-want +got):\n%s", diff)
	}
}

// parseProgram reads limits, inputs (a JSON list of arguments a line) and
// solution.py; want comes last.
func parseProgram(t *testing.T, a *txtar.Archive) (runtimes.Program, []runtimes.Input, runtimes.Limits) {
	t.Helper()
	p, lim := runtimes.Program{Entry: "f"}, runtimes.Limits{CallFuel: 5e9}
	var inputs []runtimes.Input
	for _, f := range a.Files {
		switch f.Name {
		case "solution.py":
			p.Source = string(f.Data)
		case "before.py":
			p.Before = string(f.Data)
		case "after.py":
			p.After = string(f.Data)
		case "entry":
			p.Entry = strings.TrimSpace(string(f.Data))
		case "limits":
			setLimits(t, &lim, string(f.Data))
		case "inputs":
			for line := range bytes.Lines(f.Data) {
				inputs = append(inputs, runtimes.Input{Args: arguments(t, line)})
			}
		}
	}
	if n := len(a.Files); n == 0 || a.Files[n-1].Name != "want" {
		t.Fatal("the archive does not end with want")
	}
	return p, inputs, lim
}

func setLimits(t *testing.T, lim *runtimes.Limits, text string) {
	t.Helper()
	for line := range strings.Lines(text) {
		name, number, _ := strings.Cut(strings.TrimSpace(line), " ")
		n, err := strconv.ParseUint(number, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		switch name {
		case "fuel":
			lim.LoadFuel, lim.CallFuel = n, n
		case "memory":
			lim.MemoryBytes = n
		case "output":
			lim.OutputBytes = n
		case "value":
			lim.ValueBytes = n
		case "files":
			lim.FSNodes = n
		case "disk":
			lim.FSBytes = n
		default:
			t.Fatalf("unknown limit %q", name)
		}
	}
}

func arguments(t testing.TB, line []byte) []byte {
	t.Helper()
	v, err := value.ParseJSON(line)
	if err != nil {
		t.Fatal(err)
	}
	list, ok := v.(value.List)
	if !ok {
		t.Fatalf("not a list of arguments: %s", line)
	}
	raw, err := value.AppendMarshal(nil, value.Tuple(list))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// transcript is all that came of a program; text is what goldens hold.
type transcript struct {
	text  string
	fuel  []uint64
	pages []uint32
}

func transcribe(r *Runtime, p runtimes.Program, inputs []runtimes.Input, lim runtimes.Limits) (transcript, error) {
	var out transcript
	var b strings.Builder
	o, err := runCases(context.Background(), r, p, inputs, lim, func(i int, res runtimes.Result) bool {
		out.fuel, out.pages = append(out.fuel, res.Fuel), append(out.pages, res.Pages)
		if res.Long > 0 {
			fmt.Fprintf(&b, "result %d: %d bytes, left out\n", i, res.Long)
			return false
		}
		v, err := decode(res)
		if err != nil {
			fmt.Fprintf(&b, "result %d: error: %v\n", i, err)
			return true
		}
		fmt.Fprintf(&b, "result %d: %s\n", i, value.Repr(v, 1000))
		return true
	})
	if err != nil {
		return out, err
	}
	out.fuel, out.pages = append(out.fuel, o.Fuel), append(out.pages, o.Pages)
	writeOutcome(&b, o)
	out.text = b.String()
	return out, nil
}

func writeOutcome(b *strings.Builder, o runtimes.Outcome) {
	fmt.Fprintf(b, "kind: %s\n", o.Kind)
	if o.Detail != "" {
		fmt.Fprintf(b, "detail: %s\n", o.Detail)
	}
	if e := o.Exception; e != nil {
		fmt.Fprintf(b, "exception: %s: %.200q, line %d\n%s", e.Type, e.Message, e.Line, e.Traceback)
	}
	if len(o.Stdout) > 0 {
		fmt.Fprintf(b, "stdout: %.200q\n", o.Stdout)
	}
	if len(o.Stderr) > 0 {
		fmt.Fprintf(b, "stderr: %.200q\n", o.Stderr)
	}
}
