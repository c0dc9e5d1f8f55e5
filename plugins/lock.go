package plugins

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/assay-dev/assay/internal/atomicfile"
)

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

func (s *Store) readLock() (lockFile, error) {
	path := filepath.Join(s.root, lockName)
	l := lockFile{Version: lockVersion, Plugins: make(map[string]Entry)}
	text, err := os.ReadFile(path)
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
