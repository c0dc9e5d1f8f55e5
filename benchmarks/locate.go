package benchmarks

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/assay-dev/assay/runtimes/cache"
)

// locate finds the bytes of a suite.
func locate(ctx context.Context, info Info, spec string, o Options) (*dataset, error) {
	if info.rows {
		return locateParts(ctx, info, spec, o)
	}
	if o.DataFile != "" {
		return fromFile(info, spec, o.DataFile)
	}
	if info.data != nil {
		return readDataset(info, info.Name, info.data())
	}
	if len(info.Sums) == 0 {
		return nil, unknown(info)
	}
	if o.DataDir != "" {
		if d, err := fromDir(info, o.DataDir); d != nil || err != nil {
			return d, err
		}
	}
	if d := fromCache(info, o.Cache); d != nil {
		return d, nil
	}
	return fetch(ctx, info, o)
}

// unknown says why a version isn't looked for.
func unknown(info Info) error {
	return fmt.Errorf("%s: no checksum of this version is known (those of %s are), so it is never fetched: get it yourself and pass --data FILE",
		info.Spec(), strings.Join(fetched(info.Name), ", "))
}

// fromFile reads the file that the user named. A version that was asked for has
// to be that version, where its checksum is known; without one, the file is
// taken as it is, and called by the version that it turns out to be.
func fromFile(info Info, spec, path string) (*dataset, error) {
	file, err := readFile(path)
	if err != nil {
		return nil, fmt.Errorf("%s: read the data set: %w", spec, err)
	}
	d, err := readDataset(info, path, file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", spec, err)
	}
	if strings.Contains(spec, "@") {
		if len(info.Sums) > 0 {
			if err := d.verify(); err != nil {
				return nil, fmt.Errorf("%w: to read it as it is, ask for %s without a version", err, info.Name)
			}
		}
		return d, nil
	}
	for _, c := range catalogue {
		if other := (&dataset{info: c, sums: d.sums}); c.Name == info.Name && other.known() {
			d.info = c
			return d, nil
		}
	}
	d.info.Version, d.info.Sums = "custom", nil
	return d, nil
}

const dirDepth = 3

// fromDir looks for the data set in a folder, by name and then by checksum. A
// file of the right name is passed over when it is another version, and is an
// error when it is nothing that is known.
func fromDir(info Info, dir string) (*dataset, error) {
	paths, err := candidates(info, dir)
	if err != nil {
		return nil, fmt.Errorf("look for %s in ASSAY_DATA: %w", info.Spec(), err)
	}
	var odd error
	for _, path := range paths {
		file, err := readFile(path)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", info.Spec(), err)
		}
		d, err := readDataset(info, path, file)
		if err != nil {
			odd = err
			continue
		}
		if d.known() {
			return d, nil
		}
		if !otherVersion(d) {
			odd = d.verify()
		}
	}
	if odd != nil {
		return nil, fmt.Errorf("%w: remove or replace the file, or read it as it is with --data FILE", odd)
	}
	return nil, nil
}

func otherVersion(d *dataset) bool {
	return slices.ContainsFunc(catalogue, func(c Info) bool {
		return (&dataset{info: c, sums: d.sums}).known()
	})
}

// candidates lists the files of the folder that have one of the suite's names,
// in order.
func candidates(info Info, dir string) ([]string, error) {
	var out []string
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			if path != dir && errors.Is(err, fs.ErrPermission) {
				return fs.SkipDir
			}
			return err
		}
		if e.IsDir() {
			rel, _ := filepath.Rel(dir, path)
			if rel != "." && strings.Count(rel, string(os.PathSeparator)) >= dirDepth-1 {
				return fs.SkipDir
			}
			return nil
		}
		if e.Name() == info.File || slices.Contains(info.also, e.Name()) {
			out = append(out, path)
		}
		return nil
	})
	return out, err
}

// fromCache returns what was fetched before. What is there but damaged counts
// as absent.
func fromCache(info Info, c cache.Store) *dataset {
	if c == nil {
		return nil
	}
	file, err := c.Get(cache.Suites, info.Sums[0])
	if err != nil {
		return nil
	}
	d, err := readDataset(info, info.File, file)
	if err != nil || !d.known() {
		return nil
	}
	return d
}
