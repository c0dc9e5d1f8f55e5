package cache

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Usage is what one kind takes on disk.
type Usage struct {
	Kind  string `json:"kind"`
	Files int    `json:"files"`
	Bytes int64  `json:"bytes"`
}

// Usage counts files and bytes of every kind, in the order of Kinds.
func (f *Folder) Usage() ([]Usage, error) {
	var out []Usage
	for _, kind := range Kinds() {
		u := Usage{Kind: kind}
		err := filepath.WalkDir(filepath.Join(f.root, kind), func(_ string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return ignoreAbsent(err)
			}
			info, err := d.Info()
			if err != nil {
				return ignoreAbsent(err)
			}
			u.Files++
			u.Bytes += info.Size()
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("measure cache: %w", err)
		}
		out = append(out, u)
	}
	return out, nil
}

// Clear removes every entry of the kinds named; of all kinds when none is.
// Another process that uses the folder makes anew what it misses.
func (f *Folder) Clear(kinds ...string) error {
	if len(kinds) == 0 {
		kinds = append(Kinds(), tmpName)
	}
	for _, kind := range kinds {
		if err := checkName(kind); err != nil {
			return err
		}
		if err := os.RemoveAll(filepath.Join(f.root, kind)); err != nil {
			return fmt.Errorf("clear cache: %w", err)
		}
	}
	return nil
}

// sweep removes temporary files that a killed process left behind.
func (f *Folder) sweep(age time.Duration) {
	entries, err := os.ReadDir(filepath.Join(f.root, tmpName))
	if err != nil {
		return
	}
	for _, e := range entries {
		if info, err := e.Info(); err == nil && time.Since(info.ModTime()) > age {
			_ = os.Remove(filepath.Join(f.root, tmpName, e.Name()))
		}
	}
}

func ignoreAbsent(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
