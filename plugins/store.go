package plugins

import (
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/atomicfile"
)

// Store is the folder of plugins.
type Store struct{ root string }

// rootVariable moves the folder.
const rootVariable = "ASSAY_PLUGINS"

// DefaultRoot is ASSAY_PLUGINS, else assay/plugins in the user's folder of settings.
func DefaultRoot() (string, error) {
	if root := os.Getenv(rootVariable); root != "" {
		return root, nil
	}
	base, err := os.UserConfigDir()
	if err != nil {
		return "", fmt.Errorf("no folder for plugins: %w; set %s to one", err, rootVariable)
	}
	return filepath.Join(base, "assay", "plugins"), nil
}

// OpenStore opens the folder at root, which need not be there.
func OpenStore(root string) (*Store, error) {
	abs, err := filepath.Abs(root)
	if err != nil {
		return nil, fmt.Errorf("folder of plugins %s: %w", root, err)
	}
	return &Store{abs}, nil
}

// Root is the folder's absolute path.
func (s *Store) Root() string { return s.root }

// Plugin is one that is installed.
type Plugin struct {
	Entry
	Dir string // its folder
}

// List lists what is installed, by name.
func (s *Store) List() ([]Plugin, error) {
	l, err := s.readLock()
	if err != nil {
		return nil, err
	}
	out := make([]Plugin, 0, len(l.Plugins))
	for _, name := range slices.Sorted(maps.Keys(l.Plugins)) {
		out = append(out, Plugin{l.Plugins[name], s.dir(name)})
	}
	return out, nil
}

// Find finds a plugin by its name; that none has it is a NameError.
func (s *Store) Find(name string) (*Plugin, error) {
	all, err := s.List()
	if err != nil {
		return nil, err
	}
	var names []string
	for _, p := range all {
		if p.Manifest.Name == name {
			return &p, nil
		}
		names = append(names, p.Manifest.Name)
	}
	there := "none is installed: assay plugins install FOLDER"
	if len(names) > 0 {
		there = "there are " + strings.Join(names, ", ")
	}
	return nil, misnamed("no plugin is called %q in %s (%s)", name, s.root, there)
}

func (s *Store) dir(name string) string { return filepath.Join(s.root, name) }

// hold keeps other processes from changing the store until release.
func (s *Store) hold() (release func(), err error) {
	if err := os.MkdirAll(s.root, 0o755); err != nil {
		return nil, fmt.Errorf("folder of plugins: %w; set %s to one that can be written to", err, rootVariable)
	}
	unlock, err := atomicfile.Lock(context.Background(), filepath.Join(s.root, ".lock"))
	if err != nil {
		return nil, fmt.Errorf("folder of plugins: %w", err)
	}
	return func() { _ = unlock() }, nil
}

// SHA256 is one checksum for all of the plugin's files.
func (p *Plugin) SHA256() string { return p.Entry.SHA256.whole() }

// Verify holds the plugin's files to what was installed.
func (p *Plugin) Verify() error {
	is, err := fileSums(p.Dir, nothing)
	if err != nil {
		return fmt.Errorf("plugin %s: %w", p.Manifest.Name, err)
	}
	if what := p.Entry.SHA256.differs(is); what != "" {
		return fmt.Errorf("plugin %s is not what was installed: %s. Whoever changed it may run anything as you: install it again from where you trust it (assay plugins install FOLDER --force)", p.Manifest.Name, what)
	}
	return nil
}

// Command is the program that is run, an absolute path, and its arguments.
func (p *Plugin) Command() []string {
	file := filepath.Join(p.Dir, filepath.FromSlash(p.Manifest.run()))
	if p.Manifest.Python == "" {
		return []string{file}
	}
	// -B: it would write beside its files, which are held to their checksums.
	return []string{p.Python, "-B", file}
}

// findPython finds the interpreter. The path is kept as it is: a virtual
// environment is known by the path that Python was started by.
func findPython(name string) (string, error) {
	if name == "" {
		name = "python3"
	}
	path, err := exec.LookPath(name)
	if err == nil {
		path, err = filepath.Abs(path)
	}
	if err != nil {
		return "", fmt.Errorf("the Python that is to run it: %w; name one with --python", err)
	}
	return path, nil
}

func nothing(string) bool { return false }
