package plugins

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

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
	f, err := os.Open(path)
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
	in, err := os.Open(from)
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
