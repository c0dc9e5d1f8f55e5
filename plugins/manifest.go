package plugins

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"time"

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
	f, err := os.Open(path)
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
