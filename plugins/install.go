package plugins

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"

	"github.com/assay-dev/assay/internal/atomicfile"
)

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
