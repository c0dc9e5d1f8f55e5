package plugins

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/assay-dev/assay/internal/plainfile"
	"github.com/assay-dev/assay/plugins/sdk/wire"
)

// manifestName is the file that says what a plugin is.
const manifestName = "plugin.json"

// Manifest is what a plugin says of itself.
type Manifest struct {
	Name        string    `json:"name"`
	Version     string    `json:"version"`
	Kind        wire.Kind `json:"kind"`
	Protocol    int       `json:"protocol"` // the major version of its kind's protocol
	Description string    `json:"description,omitempty"`

	// One of the two is what is run, a file of the plugin's folder.
	Program string `json:"program,omitempty"` // by itself
	Python  string `json:"python,omitempty"`  // by Python

	Env          []string `json:"env,omitempty"`           // variables that it asks for
	StartSeconds int      `json:"start_seconds,omitempty"` // for its start, at most (default 30)
}

// Bounds of a plugin.
const (
	maxManifest     = 64 << 10
	maxFiles        = 1000
	maxBytes        = 1 << 30
	maxStartSeconds = 600
)

var (
	nameForm    = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,63}$`)
	versionForm = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z.+-]{0,63}$`)
	envForm     = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,127}$`)
)

// readManifest reads and checks a manifest.
func readManifest(path string) (Manifest, error) {
	f, err := plainfile.Open(context.Background(), path)
	if err != nil {
		return Manifest{}, fmt.Errorf("a plugin has a manifest beside it: %w", err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxManifest+1))
	if err != nil {
		return Manifest{}, err
	}
	m, err := parseManifest(text)
	if err != nil {
		return Manifest{}, fmt.Errorf("%s: %w", path, err)
	}
	return m, nil
}

func parseManifest(text []byte) (Manifest, error) {
	var m Manifest
	if len(text) > maxManifest {
		return m, fmt.Errorf("it has more than %d bytes", maxManifest)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&m); err != nil {
		return m, err
	}
	if d.More() {
		return m, errors.New("something follows the manifest")
	}
	return m, m.check()
}

func (m *Manifest) check() error {
	for _, f := range []struct {
		name, value string
		form        *regexp.Regexp
		example     string
	}{
		{"name", m.Name, nameForm, `"my-model": letters a to z, digits, - and _`},
		{"version", m.Version, versionForm, `"0.1.0"`},
		{"kind", string(m.Kind), nil, `"backend"`},
	} {
		if f.value == "" {
			return fmt.Errorf("%q is missing, as in %s", f.name, f.example)
		}
		if f.form != nil && !f.form.MatchString(f.value) {
			return fmt.Errorf("%q is %.80q, and should be as in %s", f.name, f.value, f.example)
		}
	}
	spoken, known := wire.Versions[m.Kind]
	switch {
	case !known:
		return fmt.Errorf("%q is %.80q; this assay knows the kinds %q", "kind", m.Kind, wire.Kinds())
	case m.Protocol == 0:
		return fmt.Errorf(`"protocol" is missing: the version of the protocol that it speaks, %d`, spoken[0])
	case !slices.Contains(spoken, m.Protocol):
		return fmt.Errorf("it speaks version %d of the protocol for a %s, this assay speaks %d: get another version of the plugin, or of assay", m.Protocol, m.Kind, spoken)
	case (m.Program == "") == (m.Python == ""):
		return errors.New(`one of "program" and "python" is missing, or too many: the file that is run by itself, or by Python`)
	case !filepath.IsLocal(m.run()) || strings.Contains(m.run(), `\`):
		return fmt.Errorf("it runs %q, which is no file of its folder, as in \"bin/my-model\"", m.run())
	case m.StartSeconds < 0 || m.StartSeconds > maxStartSeconds:
		return fmt.Errorf(`"start_seconds" is %d, and at most %d`, m.StartSeconds, maxStartSeconds)
	}
	for _, name := range m.Env {
		if !envForm.MatchString(name) {
			return fmt.Errorf(`"env" has %.80q in it, which is no name of a variable`, name)
		}
		for _, ours := range []string{"PLUGIN_", "ASSAY_"} {
			if strings.HasPrefix(strings.ToUpper(name), ours) {
				return fmt.Errorf(`"env" asks for %s: names with %s are assay's own`, name, ours)
			}
		}
	}
	return nil
}

// run is the file that is run.
func (m *Manifest) run() string { return m.Program + m.Python }

// startTimeout is the time for its start; 0: the host's default.
func (m *Manifest) startTimeout() time.Duration { return time.Duration(m.StartSeconds) * time.Second }

// executable finds the file that is run.
func (m *Manifest) executable(dir string) error {
	path := filepath.Join(dir, filepath.FromSlash(m.run()))
	info, err := os.Lstat(path)
	switch {
	case err != nil:
		return fmt.Errorf("the file that it runs: %w", err)
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s is no file that can be run", path)
	case m.Program != "" && runtime.GOOS != "windows" && info.Mode()&0o111 == 0:
		return fmt.Errorf("%s can't be run: chmod +x it", path)
	}
	return nil
}

// sums is the sha-256 of every file of a plugin, by its path with slashes.
type sums map[string]string

// passing says that an entry of a folder is no part of the plugin in it: what is
// hidden, as .git and .venv, and what Python compiled.
func passing(name string) bool { return strings.HasPrefix(name, ".") || name == "__pycache__" }

// fileSums reads a folder, but for the entries below it that skip names. What is
// no file and no folder is refused.
func fileSums(dir string, skip func(name string) bool) (sums, error) {
	out := make(sums)
	var total int64
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case path != dir && skip(d.Name()) && d.IsDir():
			return filepath.SkipDir
		case d.IsDir(), skip(d.Name()):
			return nil
		}
		if !d.Type().IsRegular() {
			return fmt.Errorf("%s is neither a file nor a folder; a plugin holds nothing else", path)
		}
		if len(out) == maxFiles {
			return fmt.Errorf("%s has more than %d files; a plugin has fewer", dir, maxFiles)
		}
		sum, n, err := fileSum(path, maxBytes-total)
		if err != nil {
			return err
		}
		if total += n; total > maxBytes {
			return fmt.Errorf("%s has more than %d bytes; a plugin has fewer", dir, maxBytes)
		}
		rel, err := filepath.Rel(dir, path)
		out[filepath.ToSlash(rel)] = sum
		return err
	})
	return out, err
}

// fileSum hashes a file, and a byte more than most of it at most.
func fileSum(path string, most int64) (sum string, n int64, err error) {
	f, err := plainfile.Open(context.Background(), path)
	if err != nil {
		return "", 0, err
	}
	defer f.Close()
	h := sha256.New()
	n, err = io.Copy(h, io.LimitReader(f, most+1))
	return hex.EncodeToString(h.Sum(nil)), n, err
}

// differs names the first file, in order, that is not as it was; "" when all are.
func (was sums) differs(is sums) string {
	names := make(map[string]bool)
	for _, s := range []sums{was, is} {
		for name := range s {
			names[name] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		switch before, after := was[name], is[name]; {
		case before == "":
			return name + " was not there when it was installed"
		case after == "":
			return name + " is gone"
		case before != after:
			return fmt.Sprintf("the sha-256 of %s is %s, and was %s when it was installed", name, after, before)
		}
	}
	return ""
}

// whole is one checksum for all: that of the lines that sha256sum prints, sorted
// by name.
func (s sums) whole() string {
	h := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(s)) {
		fmt.Fprintf(h, "%s  %s\n", s[name], name)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// copyFile copies a regular file. The copy can be run by all or by nobody, and
// written to by nobody.
func copyFile(from, to string) error {
	in, err := plainfile.Open(context.Background(), from)
	if err != nil {
		return err
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return err
	}
	mode := fs.FileMode(0o444)
	if info.Mode()&0o111 != 0 {
		mode = 0o555
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	if _, err := io.Copy(out, in); err != nil {
		_ = out.Close()
		return err
	}
	return out.Close()
}
