package python

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/assay-dev/assay/runtimes"
)

const meantFile = "testdata/meant.txtar"

// notAsNative names what ends here in another way than on the Python that is
// meant, each with its reason.
var notAsNative = map[string]string{
	"3.9 union":             "int | str is a type here",
	"3.9 pairwise":          "networkx imports it",
	"3.9 star in an index":  "the parser takes it for any version",
	"3.10 star in an index": "the parser takes it for any version",
	"own exec":              "what a program compiles itself is held to the runtime's own rules",

	"annotations of a module": "__annotations__ is no global name here",
}

// ending is what a program printed, and the type of the exception that ended it.
type ending struct{ stdout, exception string }

// TestMeant runs every program of testdata/meant.txtar by the rules of each older
// Python and by the runtime's own: what it prints and how it ends is there, and a
// native Python of that version says the same, where there is one.
func TestMeant(t *testing.T) {
	archive, err := txtar.ParseFile(meantFile)
	if err != nil {
		t.Fatal(err)
	}
	r := openShared(t)
	versions := append(runtimes.PythonVersions, "")
	endings := map[string][]ending{} // by version, in the archive's order
	for i := 0; i < len(archive.Files); i += 2 {
		var b strings.Builder
		var last string
		for _, version := range versions {
			e := endOf(t, r, string(archive.Files[i].Data), version)
			endings[version] = append(endings[version], e)
			said := fmt.Sprintf("%s%s\n", e.stdout, e.exception)
			if said != last {
				fmt.Fprintf(&b, "from %s:\n%s", nameOf(version), said)
			}
			last = said
		}
		want := &archive.Files[i+1]
		if *update {
			want.Data = []byte(b.String())
		}
		if diff := cmp.Diff(string(want.Data), b.String()); diff != "" {
			t.Errorf("%s ends in another way than the archive says (-want +got):\n%s", archive.Files[i].Name, diff)
		}
	}
	if *update {
		if err := os.WriteFile(meantFile, txtar.Format(archive), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, version := range runtimes.PythonVersions {
		t.Run(version, func(t *testing.T) {
			theirs := nativeEndings(t, version, archive)
			for i, e := range endings[version] {
				name := archive.Files[2*i].Name
				_, always := notAsNative[name]
				_, here := notAsNative[version+" "+name]
				if same := e == theirs[i]; same == (always || here) {
					t.Errorf("%s: %+v here, %+v on Python %s", name, e, theirs[i], version)
				}
			}
		})
	}
}

func nameOf(version string) string {
	if version == "" {
		return runtimes.PythonNative
	}
	return version
}

func endOf(t *testing.T, r *Runtime, source, version string) ending {
	t.Helper()
	out, err := r.Run(t.Context(), &runtimes.Job{Mode: runtimes.ModeMain, Program: runtimes.Program{Source: source, Python: version}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	e := ending{stdout: string(out.Stdout)}
	if out.Exception != nil {
		e.exception = out.Exception.Type
	} else if out.Kind != runtimes.OK {
		e.exception = string(out.Kind)
	}
	return e
}

// nativeEndings asks a Python of this machine.
func nativeEndings(t *testing.T, version string, archive *txtar.Archive) []ending {
	t.Helper()
	python := "python" + version
	if exec.Command(python, "-c", "").Run() != nil {
		t.Skipf("no %s here", python)
	}
	var sources []string
	for i := 0; i < len(archive.Files); i += 2 {
		sources = append(sources, string(archive.Files[i].Data))
	}
	asked, err := json.Marshal(sources)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(python, "testdata/meant_native.py")
	cmd.Stdin, cmd.Stderr = bytes.NewReader(asked), os.Stderr
	said, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var pairs [][2]string
	if err := json.Unmarshal(said, &pairs); err != nil || len(pairs) != len(sources) {
		t.Fatalf("%s said %d things of %d: %v", python, len(pairs), len(sources), err)
	}
	out := make([]ending, len(pairs))
	for i, p := range pairs {
		out[i] = ending{p[0], p[1]}
	}
	return out
}

// TestMeantPlaces checks that an annotation's exception is told at its own line, and
// that no frame of the driver's is told with it.
func TestMeantPlaces(t *testing.T) {
	r := openShared(t)
	source := "def f(a: int,\n      b: Missing) -> int:\n    return 1\n"
	out, err := r.Run(t.Context(), &runtimes.Job{Mode: runtimes.ModeMain, Program: runtimes.Program{Source: source, Python: "3.11"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	e := out.Exception
	if e == nil || e.Line != 2 || strings.Contains(e.Traceback, "assay") || strings.Contains(e.Traceback, "__annotate__") || !strings.Contains(e.Traceback, "<module>") {
		t.Errorf("told as %+v", e)
	}
	if _, err := r.Run(t.Context(), &runtimes.Job{Mode: runtimes.ModeMain, Program: runtimes.Program{Python: "2.7"}}, nil); err == nil {
		t.Error("a program was held to Python 2.7")
	}
}
