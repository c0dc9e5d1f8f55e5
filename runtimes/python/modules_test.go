package python

import (
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/assay-dev/assay/runtimes"
)

// absentModules are those of CPython 3.11's standard library that a program can't
// import here, by the reason.
var absentModules = map[string]string{
	"Python has removed them since": "aifc asynchat asyncore audioop cgi cgitb chunk crypt distutils imghdr imp lib2to3 mailcap nis nntplib " +
		"ossaudiodev pipes smtpd sndhdr spwd sre_compile sre_constants sre_parse sunau telnetlib uu xdrlib",
	"there is no terminal":          "curses pty readline termios tty",
	"there is no screen":            "tkinter turtle",
	"there are no users and no log": "grp pwd syslog",
	"WASI has no call for it":       "fcntl",
	"there is no network":           "ssl",
	"nothing can be installed":      "ensurepip venv",
}

// TestModules: what imports on CPython 3.11 imports here, but for what the table
// names, and SPECIFICATION names each of these.
func TestModules(t *testing.T) {
	names, err := os.ReadFile("testdata/stdlib-3.11.txt")
	if err != nil {
		t.Fatal(err)
	}
	out, err := runMain(ctx, openShared(t), runtimes.Program{Source: `
import sys, warnings
warnings.simplefilter("ignore")
for name in sys.stdin.read().split():
    try:
        __import__(name)
    except ImportError:
        print(name)
`}, nil, names, runtimes.Limits{LoadFuel: 20e9})
	if err != nil || out.Kind != runtimes.OK {
		t.Fatalf("%+v, %v", out, err)
	}
	want := strings.Fields(strings.Join(slices.Collect(maps.Values(absentModules)), " "))
	slices.Sort(want)
	if got := strings.Fields(string(out.Stdout)); !slices.Equal(got, want) {
		t.Errorf("absent are\n%v\nwant\n%v", got, want)
	}
	page, err := os.ReadFile("../../SPECIFICATION.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range want {
		if !strings.Contains(string(page), "`"+name+"`") {
			t.Errorf("SPECIFICATION.md does not name %s", name)
		}
	}
}

// TestOneProcess: what asks for another process, or for a library of the machine's, is
// told that there is none.
func TestOneProcess(t *testing.T) {
	r := openShared(t)
	for source, want := range map[string]string{
		"import multiprocessing as m; m.Pool(2).map(abs, [1])":                         "ImportError: the sandbox has one process, and multiprocessing can't start another: threads work, and concurrent.futures.ThreadPoolExecutor",
		"import multiprocessing as m; m.Process(target=print).start()":                 "ImportError: the sandbox has one process, and multiprocessing can't start another: threads work, and concurrent.futures.ThreadPoolExecutor",
		"import multiprocessing as m; m.Queue()":                                       "ImportError: the sandbox has one process, and multiprocessing can't start another: threads work, and concurrent.futures.ThreadPoolExecutor",
		"from concurrent.futures import ProcessPoolExecutor as P; P().submit(abs, -1)": "NotImplementedError: This Python build lacks multiprocessing.synchronize, usually due to named semaphores being unavailable on this platform.",
		"import subprocess; subprocess.run(['ls'])":                                    "OSError: [Errno 58] wasi does not support processes.",
		"import os; os.fork()":                                                         "OSError: [Errno 52] the sandbox has one process: there is no fork",
		"import ctypes; ctypes.CDLL(None)":                                             "OSError: ctypes is unavailable on wasm32-wasi",
	} {
		out, err := runMain(ctx, r, runtimes.Program{Source: source}, nil, nil, runtimes.Limits{})
		if err != nil || out.Exception == nil || out.Exception.Type+": "+out.Exception.Message != want {
			t.Errorf("%s: %s %+v, %v", source, out.Kind, out.Exception, err)
		}
	}
}

// TestModulesNatively: the list is of CPython 3.11's, without private modules and
// those of other systems.
func TestModulesNatively(t *testing.T) {
	python, err := exec.LookPath("python3.11")
	if err != nil {
		t.Skip("no python3.11 here")
	}
	out, err := exec.Command(python, "-c", `
import sys
others = "antigravity this idlelib turtledemo winreg winsound msvcrt msilib nt ntpath nturl2path".split()
print(*sorted(n for n in sys.stdlib_module_names if n[0] != "_" and n not in others), sep="\n")`).Output()
	if err != nil {
		t.Fatal(err)
	}
	names, err := os.ReadFile("testdata/stdlib-3.11.txt")
	if err != nil || !slices.Equal(strings.Fields(string(out)), strings.Fields(string(names))) {
		t.Errorf("the list is not that of %s: %v", python, err)
	}
}
