package atomicfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// Folder puts a folder at path, in place of what is there: fill writes its files
// into an empty one beside it, which then takes the name.
//
// Where the system can't exchange two names at once (it is neither Linux nor
// macOS), a kill between two renames can leave the old folder beside, under the
// hidden name .old-NAME-….
func Folder(path string, fill func(dir string) error) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("writing %s: %w", path, err)
		}
	}()
	parent, base := filepath.Split(filepath.Clean(path))
	sweep(filepath.Clean(parent), ".new-"+base+"-")
	var fresh string
	var release func()
	if err := unique(filepath.Join(parent, ".new-"+base+"-"), func(name string) error {
		fresh = name
		release, err = mkdir(name, 0o777)
		return err
	}); err != nil {
		return err
	}
	defer release()
	defer os.RemoveAll(fresh) // after the exchange: what was there before
	if err := errors.Join(fill(fresh), syncTree(fresh)); err != nil {
		return err
	}
	if err := replace(fresh, path); err != nil {
		return err
	}
	return Sync(filepath.Clean(parent))
}

// replace gives a folder its name. What was there before takes the other one,
// which leaves path never without a folder where the system can exchange names.
func replace(fresh, path string) error {
	err := os.Rename(fresh, path)
	if err == nil {
		return nil
	}
	if _, absent := os.Lstat(path); absent != nil {
		return err
	}
	if exchange(fresh, path) == nil {
		return nil
	}
	return swap(fresh, path)
}

// swap is exchange in three steps.
func swap(fresh, path string) error {
	parent, base := filepath.Split(path)
	old := filepath.Join(parent, ".old-"+base+strings.TrimPrefix(filepath.Base(fresh), ".new-"+base))
	if err := os.Rename(path, old); err != nil {
		return err
	}
	if err := os.Rename(fresh, path); err != nil {
		return errors.Join(err, os.Rename(old, path))
	}
	return os.Rename(old, fresh)
}

// syncTree brings all files and folders of a folder to the disk.
func syncTree(dir string) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() && !d.Type().IsRegular() {
			return err
		}
		return Sync(path)
	})
}

// Sync brings a file, or the names in a folder, to the disk. Windows does so
// only for who writes to it.
func Sync(path string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
