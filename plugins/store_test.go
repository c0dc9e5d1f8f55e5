package plugins

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const manifest = `{"name":"echo","version":"0.1.0","kind":"backend","protocol":1,"program":"bin/echo","env":["KEY","HOME"]}`

// folder makes a plugin's folder of files; those in bin can be run.
func folder(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		mode := os.FileMode(0o644)
		if strings.HasPrefix(name, "bin/") {
			mode = 0o755
		}
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), mode)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func plugin(t testing.TB) string {
	return folder(t, map[string]string{"plugin.json": manifest, "bin/echo": "#!/bin/sh\n", "words/a": "a", ".git/HEAD": "x", "__pycache__/x.pyc": "x"})
}

func install(t *testing.T, o Options) (*Store, *Plugin) {
	t.Helper()
	s, err := OpenStore(filepath.Join(t.TempDir(), "plugins"))
	if err != nil {
		t.Fatal(err)
	}
	p, err := s.Install(plugin(t), o)
	if err != nil {
		t.Fatal(err)
	}
	return s, p
}

func TestInstall(t *testing.T) {
	s, p := install(t, Options{Env: []string{"KEY", "KEY"}})
	again, err := s.Find("echo")
	if diff := cmp.Diff(p, again); diff != "" || err != nil {
		t.Errorf("%v (-installed +found):\n%s", err, diff)
	}
	if err := p.Verify(); err != nil {
		t.Error(err)
	}
	if got := p.Command(); len(got) != 1 || got[0] != filepath.Join(s.Root(), "echo", "bin", "echo") {
		t.Errorf("runs %q", got)
	}
	const ofA = "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"
	if len(p.Entry.SHA256) != 3 || p.Entry.SHA256["words/a"] != ofA {
		t.Errorf("sums %v", p.Entry.SHA256)
	}
	if diff := cmp.Diff([]string{"KEY"}, p.Env); diff != "" {
		t.Errorf("granted (-want +got):\n%s", diff)
	}
	if _, err := s.Install(plugin(t), Options{}); err == nil || !strings.Contains(err.Error(), "is installed already, in version 0.1.0") {
		t.Errorf("got %v", err)
	}
	if p, err = s.Install(plugin(t), Options{Force: true}); err != nil || len(p.Env) != 0 {
		t.Errorf("%v, %v", p, err)
	}
	if err := s.Remove("echo"); err != nil {
		t.Error(err)
	}
	if err := s.Remove("echo"); !misnames(err) {
		t.Errorf("got %v", err)
	}
	left, err := filepath.Glob(filepath.Join(s.Root(), "[a-z]*"))
	if err != nil || len(left) != 1 {
		t.Errorf("%v is left, %v", left, err)
	}
}

// From a manifest go it and its program.
func TestInstallManifest(t *testing.T) {
	s, err := OpenStore(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	p, err := s.Install(filepath.Join(plugin(t), manifestName), Options{})
	if err != nil || len(p.Entry.SHA256) != 2 || p.Entry.SHA256["bin/echo"] == "" {
		t.Errorf("got %v, %v", p, err)
	}
}

// Whatever happens to an installed file is noticed.
func TestVerify(t *testing.T) {
	for _, tt := range []struct {
		name, want string
		do         func(dir string) error
	}{
		{"changed", "the sha-256 of words/a is ", func(dir string) error {
			return errors.Join(os.Remove(filepath.Join(dir, "words/a")), os.WriteFile(filepath.Join(dir, "words/a"), []byte("b"), 0o644))
		}},
		{"gone", "words/a is gone", func(dir string) error { return os.Remove(filepath.Join(dir, "words/a")) }},
		{"more", "__pycache__/a.pyc was not there", func(dir string) error {
			return errors.Join(os.Mkdir(filepath.Join(dir, "__pycache__"), 0o755), os.WriteFile(filepath.Join(dir, "__pycache__/a.pyc"), nil, 0o644))
		}},
		{"hidden", ".pth was not there", func(dir string) error { return os.WriteFile(filepath.Join(dir, ".pth"), nil, 0o644) }},
		{"a link", "neither a file nor a folder", func(dir string) error {
			return errors.Join(os.Remove(filepath.Join(dir, "words/a")), os.Symlink("/etc/passwd", filepath.Join(dir, "words/a")))
		}},
		{"all gone", "no such file", os.RemoveAll},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, p := install(t, Options{})
			if err := tt.do(p.Dir); err != nil {
				t.Skip(err) // links, on some systems
			}
			if err := p.Verify(); err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), "plugin echo") {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestRefused(t *testing.T) {
	with := func(old, new string) map[string]string {
		return map[string]string{"plugin.json": strings.Replace(manifest, old, new, 1), "bin/echo": "x", "echo.py": "x"}
	}
	for _, tt := range []struct {
		name  string
		files map[string]string
		o     Options
		want  string
	}{
		{"no manifest", map[string]string{"bin/echo": ""}, Options{}, "a plugin has a manifest beside it"},
		{"no JSON", with(`{`, ``), Options{}, "plugin.json: "},
		{"two", with(`}`, `}{`), Options{}, "something follows the manifest"},
		{"a long one", with(`{`, "{"+strings.Repeat(" ", maxManifest)), Options{}, "more than 65536 bytes"},
		{"no name", with(`"name":"echo",`, ``), Options{}, `"name" is missing, as in "my-model"`},
		{"a name that is a path", with(`"echo"`, `"../echo"`), Options{}, `"name" is "../echo"`},
		{"no version", with(`"version":"0.1.0",`, ``), Options{}, `"version" is missing, as in "0.1.0"`},
		{"no kind", with(`"kind":"backend",`, ``), Options{}, `"kind" is missing`},
		{"an unknown kind", with(`"backend"`, `"cook"`), Options{}, `"kind" is "cook"; this assay knows`},
		{"no protocol", with(`"protocol":1,`, ``), Options{}, `"protocol" is missing`},
		{"a later protocol", with(`"protocol":1,`, `"protocol":2,`), Options{}, "it speaks version 2 of the protocol for a backend, this assay speaks [1]"},
		{"nothing to run", with(`"program":"bin/echo",`, ``), Options{}, `one of "program" and "python" is missing, or too many`},
		{"two to run", with(`"program"`, `"python":"echo.py","program"`), Options{}, `or too many`},
		{"a program elsewhere", with(`bin/echo`, `../sh`), Options{}, `it runs "../sh", which is no file of its folder`},
		{"a program of the system", with(`bin/echo`, `/bin/sh`), Options{}, `which is no file of its folder`},
		{"a program that is missing", with(`bin/echo`, `bin/no`), Options{}, "the file that it runs: "},
		{"a program that is a folder", with(`bin/echo`, `bin`), Options{}, "is no file that can be run"},
		{"a field that is unknown", with(`{`, `{"sandbox":true,`), Options{}, `unknown field "sandbox"`},
		{"a variable that is none", with(`"KEY"`, `"A=B"`), Options{}, "no name of a variable"},
		{"a variable of ours", with(`"KEY"`, `"PLUGIN_CLIENT_CERT"`), Options{}, "assay's own"},
		{"a long start", with(`{`, `{"start_seconds":601,`), Options{}, `"start_seconds" is 601`},
		{"a grant that it did not ask for", with(``, ``), Options{Env: []string{"OTHER"}}, "does not ask for the variable OTHER"},
		{"a Python for a program", with(``, ``), Options{Python: "python3"}, "leave --python out"},
		{"a Python that is missing", with(`"program":"bin/echo"`, `"python":"echo.py"`), Options{Python: "no-such-python"}, "name one with --python"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, err := OpenStore(t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			if p, err := s.Install(folder(t, tt.files), tt.o); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, %v", p, err)
			}
			if all, err := s.List(); err != nil || len(all) > 0 {
				t.Errorf("%v is installed, %v", all, err)
			}
		})
	}
}

func TestProgramThatCannotBeRun(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no such modes here")
	}
	dir := plugin(t)
	if err := os.Chmod(filepath.Join(dir, "bin/echo"), 0o644); err != nil {
		t.Fatal(err)
	}
	s, err := OpenStore(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Install(dir, Options{}); err == nil || !strings.Contains(err.Error(), "chmod +x") {
		t.Errorf("got %v", err)
	}
}

func TestDamagedLock(t *testing.T) {
	s, p := install(t, Options{})
	for text, want := range map[string]string{"{": "lock.json: ", `{"version":9}`: "has version 9"} {
		if err := os.WriteFile(filepath.Join(filepath.Dir(p.Dir), lockName), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := s.List(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v", text, err)
		}
	}
	if err := os.WriteFile(filepath.Join(s.Root(), lockName), []byte(`{"version":1,"plugins":null}`), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Install(plugin(t), Options{}); err != nil {
		t.Error(err)
	}
}

// FuzzManifest reads any manifest: it is refused, or runs a file of its folder.
func FuzzManifest(f *testing.F) {
	f.Add([]byte(manifest))
	f.Add([]byte(`{"name":"a","version":"1","kind":"backend","protocol":1,"python":"a/../b.py"}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		m, err := parseManifest(text)
		if err == nil && (!filepath.IsLocal(m.run()) || strings.ContainsAny(m.Name, `/\.`)) {
			t.Errorf("%+v", m)
		}
	})
}
