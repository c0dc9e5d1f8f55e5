package plugins

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/atomicfile"
	"github.com/assay-dev/assay/internal/plainfile"
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

const (
	lockName    = "lock.json"
	lockVersion = 1
)

// lockFile is what was installed, by name.
type lockFile struct {
	Version int              `json:"version"`
	Plugins map[string]Entry `json:"plugins"`
}

// Entry is what was noted when a plugin was installed.
type Entry struct {
	Manifest Manifest `json:"manifest"`
	Python   string   `json:"python,omitempty"` // that runs it
	Env      []string `json:"env,omitempty"`    // variables that it was granted
	SHA256   sums     `json:"sha256"`           // of its files
}

// maxLock bounds the file of what is installed, in bytes.
const maxLock = 16 << 20

func (s *Store) readLock() (lockFile, error) {
	path := filepath.Join(s.root, lockName)
	l := lockFile{Version: lockVersion, Plugins: make(map[string]Entry)}
	text, err := plainfile.Read(context.Background(), path, maxLock)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return l, nil
	case err != nil:
		return l, err
	}
	if err := json.Unmarshal(text, &l); err != nil {
		return l, fmt.Errorf("%s: %w; it is assay's own: install the plugins anew when it can't be repaired", path, err)
	}
	if l.Plugins == nil {
		l.Plugins = make(map[string]Entry)
	}
	if l.Version != lockVersion {
		return l, fmt.Errorf("%s has version %d, this assay reads %d", path, l.Version, lockVersion)
	}
	return l, nil
}

func (s *Store) writeLock(l lockFile) error {
	return atomicfile.WriteDocument(filepath.Join(s.root, lockName), l)
}

// Options are what a user says when a plugin is installed.
type Options struct {
	Env    []string // variables that it is granted
	Python string   // that runs it (default python3)
	Force  bool     // in place of one of the same name
}

// Install copies a plugin: a folder with a manifest in it, but for what is hidden
// there and what Python compiled; or a manifest, with which goes the file that it
// runs and nothing else.
func (s *Store) Install(from string, o Options) (*Plugin, error) {
	source, names, m, err := survey(from)
	if err != nil {
		return nil, err
	}
	e := Entry{Manifest: m, Env: o.Env}
	if m.Python != "" {
		if e.Python, err = findPython(o.Python); err != nil {
			return nil, err
		}
	} else if o.Python != "" {
		return nil, fmt.Errorf("%s is no Python program: leave --python out", m.Name)
	}
	slices.Sort(e.Env)
	e.Env = slices.Compact(e.Env)
	for _, name := range e.Env {
		if !slices.Contains(m.Env, name) {
			return nil, fmt.Errorf("%s does not ask for the variable %s (it asks for %d: %q)", m.Name, name, len(m.Env), m.Env)
		}
	}
	release, err := s.hold()
	if err != nil {
		return nil, err
	}
	defer release()
	return s.put(source, names, e, o.Force)
}

// survey finds what is to be copied.
func survey(from string) (source string, names []string, m Manifest, err error) {
	info, err := os.Stat(from)
	if err != nil {
		return "", nil, m, err
	}
	manifest := from
	if info.IsDir() {
		manifest = filepath.Join(from, manifestName)
	}
	if m, err = readManifest(manifest); err != nil {
		return "", nil, m, err
	}
	source = filepath.Dir(manifest)
	if err := m.executable(source); err != nil {
		return "", nil, m, fmt.Errorf("%s: %w", manifest, err)
	}
	if !info.IsDir() {
		if filepath.Base(manifest) != manifestName {
			return "", nil, m, fmt.Errorf("%s: a manifest is called %s", manifest, manifestName)
		}
		return source, []string{manifestName, m.run()}, m, nil
	}
	all, err := fileSums(source, passing)
	return source, slices.Sorted(maps.Keys(all)), m, err
}

// put copies the files. What was copied is what is noted.
func (s *Store) put(source string, names []string, e Entry, force bool) (*Plugin, error) {
	name := e.Manifest.Name
	l, err := s.readLock()
	if err != nil {
		return nil, err
	}
	if old, there := l.Plugins[name]; there && !force {
		return nil, fmt.Errorf("plugin %s is installed already, in version %s: put this one in its place with --force", name, old.Manifest.Version)
	}
	err = atomicfile.Folder(s.dir(name), func(fresh string) error {
		for _, file := range names {
			file = filepath.FromSlash(file)
			if err := copyFile(filepath.Join(source, file), filepath.Join(fresh, file)); err != nil {
				return err
			}
		}
		var err error
		if e.SHA256, err = fileSums(fresh, nothing); err != nil {
			return err
		}
		if again, err := readManifest(filepath.Join(fresh, manifestName)); err != nil || !reflect.DeepEqual(again, e.Manifest) {
			return errors.Join(fmt.Errorf("%s was changed while it was copied", source), err)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	l.Plugins[name] = e
	return &Plugin{e, s.dir(name)}, s.writeLock(l)
}

// Remove removes a plugin.
func (s *Store) Remove(name string) error {
	p, err := s.Find(name)
	if err != nil {
		return err
	}
	release, err := s.hold()
	if err != nil {
		return err
	}
	defer release()
	l, err := s.readLock()
	if err != nil {
		return err
	}
	delete(l.Plugins, name)
	return errors.Join(s.writeLock(l), os.RemoveAll(p.Dir))
}
