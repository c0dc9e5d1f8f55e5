package benchmarks

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/cache"
	"github.com/assay-dev/assay/internal/jsonl"
)

// largest is how many bytes a data set may have to be fetched without being asked
// for, and to be held to its checksum before it is used. Larger ones are held to
// it as they are read. (A variable for tests.)
var largest int64 = 100 << 20

// locate finds the files of a suite: what the user named, else a folder of data
// sets, the cache or the publisher that has them, by checksum.
func locate(ctx context.Context, info Info, spec string, o Options) (*dataset, error) {
	switch {
	case o.DataFile != "":
		return fromPath(ctx, info, spec, o.DataFile)
	case info.data != nil:
		return &dataset{info: info, name: info.Name, parts: []part{{name: info.Name, content: info.data()}}}, nil
	case info.path != "":
		return &dataset{info: info, name: info.path, parts: []part{{ctx: ctx, name: info.path, want: info.Sums}}}, nil
	case len(info.files()) == 0:
		return nil, unknown(info)
	}
	if o.DataDir != "" {
		if d, err := fromDir(ctx, info, o.DataDir); d != nil || err != nil {
			return d, err
		}
	}
	if d := fromCache(ctx, info, o.Cache); d != nil {
		return d, nil
	}
	return fetch(ctx, info, o)
}

// files are those that the suite was published as.
func (i Info) files() []File {
	if len(i.Files) == 0 && len(i.Sums) > 0 {
		return []File{{i.File, i.URL, i.Bytes, i.Sums[0]}}
	}
	return i.Files
}

// sums are those under which one of the files is known.
func (i Info) sums(f File) []string {
	if len(i.Files) == 0 {
		return i.Sums
	}
	return []string{f.SHA256}
}

// nameOf is what messages call the file with this sum.
func (i Info) nameOf(sum string) string {
	for _, f := range i.Files {
		if f.SHA256 == sum {
			return f.Name + " of " + i.Spec()
		}
	}
	return i.Spec()
}

func (i Info) bytes() int64 {
	total := int64(0)
	for _, f := range i.files() {
		total += f.Bytes
	}
	return total
}

// unknown says why a version isn't looked for.
func unknown(info Info) error {
	return fmt.Errorf("%s: no checksum of this version is known (those of %s are), so it is never fetched: get it yourself and pass --data FILE",
		info.Spec(), strings.Join(fetched(info.Name), ", "))
}

var errEmpty = errors.New("the file is empty")

// fromPath takes the file that the user named, or the folder that has the files.
// A version that was asked for has to be that version, where its checksum is
// known; without one, a file is taken as it is, and called by the version that it
// turns out to be.
func fromPath(ctx context.Context, info Info, spec, path string) (*dataset, error) {
	stat, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("%s: read the data set: %w", spec, err)
	}
	if stat.IsDir() {
		return fromFolder(ctx, info, path)
	}
	p := part{ctx: ctx, name: path, wayOut: ": to read it as it is, ask for " + info.Name + " without a version"}
	files := info.files()
	switch {
	case stat.Mode().IsRegular() && stat.Size() == 0:
		return nil, fmt.Errorf("%s: %w", spec, &jsonl.Error{File: path, Err: errEmpty})
	case spec == info.Name:
		if info, err = identify(info, &p); err != nil {
			return nil, fmt.Errorf("%s: %w", spec, err)
		}
	case len(files) > 1:
		return nil, fmt.Errorf("%s has %d files: pass the folder that has them as --data, or ask for %s without a version to read this one as it is", spec, len(files), info.Name)
	case len(files) == 1:
		p.want = info.sums(files[0])
	}
	return &dataset{info: info, name: path, parts: []part{p}}, nil
}

// fromFolder takes the files from the folder that the user named.
func fromFolder(ctx context.Context, info Info, dir string) (*dataset, error) {
	d := &dataset{info: info, name: dir}
	if len(info.files()) == 0 {
		return nil, fmt.Errorf("%s: %s is a folder: pass the file", info.Spec(), dir)
	}
	for _, f := range info.files() {
		path := filepath.Join(dir, f.Name)
		if _, err := os.Stat(path); err != nil {
			return nil, fmt.Errorf("%s: read the data set: %w", info.Spec(), err)
		}
		d.parts = append(d.parts, part{ctx: ctx, name: path, want: info.sums(f), wayOut: ": to read it as it is, ask for " + info.Name + " without a version and pass --data FILE"})
	}
	return d, nil
}

// identify says which version of a suite a file is: "custom" where it is none
// that is known by the sum of one file.
func identify(info Info, p *part) (Info, error) {
	custom := info
	custom.Version, custom.Files, custom.Sums, custom.path = "custom", nil, nil, ""
	var known []Info
	for _, c := range catalogue {
		if c.Name == info.Name && len(c.Sums) > 0 {
			known = append(known, c)
		}
	}
	if len(known) == 0 {
		return custom, nil
	}
	found, err := p.among(known)
	if err != nil || found == nil {
		return custom, err
	}
	return *found, nil
}

// among says which of several suites the file is, as it lies or unpacked; nil:
// none of them.
func (p *part) among(all []Info) (*Info, error) {
	for _, sum := range []func() error{p.sumRaw, p.sumAll} {
		if err := sum(); err != nil {
			return nil, err
		}
		for i := range all {
			if p.known(all[i].Sums) {
				return &all[i], nil
			}
		}
	}
	return nil, nil
}

// sumRaw takes the sum of the file as it lies: what was published needs no more
// to be known.
func (p *part) sumRaw() error {
	f, err := p.open()
	if err != nil {
		return err
	}
	defer f.Close()
	h := sha256.New()
	_, err = io.Copy(h, f)
	p.raw = hexOf(h)
	return err
}

func (p *part) sumAll() error {
	free := *p
	free.want = nil
	err := free.read(&dataset{}, func(in io.Reader, _ bool) error {
		if _, err := io.Copy(io.Discard, in); err != nil {
			return &jsonl.Error{File: p.name, Err: err}
		}
		return nil
	})
	p.raw, p.plain, p.md5 = free.raw, free.plain, free.md5
	return err
}

// fromDir looks for the files in a folder of data sets; nil: one isn't there.
func fromDir(ctx context.Context, info Info, dir string) (*dataset, error) {
	d := &dataset{info: info, name: dir}
	for _, f := range info.files() {
		paths, err := candidates(info, f, dir)
		if err != nil {
			return nil, fmt.Errorf("look for %s in ASSAY_DATA: %w", info.Spec(), err)
		}
		p, err := d.choose(ctx, f, paths)
		if p == nil || err != nil {
			return nil, err
		}
		d.parts = append(d.parts, *p)
	}
	return d, nil
}

const dirDepth = 3

// candidates lists the files of the folder, at most so many levels deep, that
// have one of the names of a file, in order.
func candidates(info Info, f File, dir string) ([]string, error) {
	var out []string
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			if path != dir && errors.Is(err, fs.ErrPermission) {
				return fs.SkipDir
			}
			return err
		}
		rel, _ := filepath.Rel(dir, path)
		if e.IsDir() {
			if rel != "." && strings.Count(rel, string(os.PathSeparator)) >= dirDepth-1 {
				return fs.SkipDir
			}
			return nil
		}
		if e.Name() != f.Name && !slices.Contains(info.also, e.Name()) {
			return nil
		}
		if info.folders == nil || slices.Contains(info.folders, filepath.Dir(rel)) {
			out = append(out, path)
		}
		return nil
	})
	return out, err
}

// choose picks the file among those of its name. One that is another version of
// the suite, or of another, is passed over; where there are only files that
// nobody knows, that is an error.
func (d *dataset) choose(ctx context.Context, f File, paths []string) (*part, error) {
	var odd error
	for _, path := range paths {
		p := &part{ctx: ctx, name: path, want: d.info.sums(f), wayOut: ": remove or replace the file, or read it as it is with --data FILE"}
		if f.Bytes > largest {
			stat, err := os.Stat(path)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", d.info.Spec(), err)
			}
			if stat.Size() == f.Bytes {
				return p, nil
			}
		}
		mine := Info{Sums: p.want}
		is, err := p.among(append([]Info{mine}, catalogue...))
		switch {
		case err != nil:
			odd = fmt.Errorf("%w%s", err, p.wayOut)
		case is == nil:
			odd = d.mismatch(p)
		case is.Name == "":
			return p, nil
		}
	}
	return nil, odd
}

// cached is where a file lies once it was fetched and verified, packed or not.
func (f File) cached(c cache.Store) (string, error) {
	dir, err := c.Dir(cache.Suites)
	return filepath.Join(dir, f.SHA256+".jsonl"), err
}

// fromCache gives the files that were fetched before, if all were.
func fromCache(ctx context.Context, info Info, c cache.Store) *dataset {
	if c == nil {
		return nil
	}
	d := &dataset{info: info, name: info.Spec()}
	for _, f := range info.files() {
		p := info.kept(ctx, f, c)
		if p == nil {
			return nil
		}
		d.parts = append(d.parts, *p)
	}
	return d
}

// kept gives a file that was fetched before. What is there but damaged counts as
// absent.
func (i Info) kept(ctx context.Context, f File, c cache.Store) *part {
	path, err := f.cached(c)
	if err != nil {
		return nil
	}
	stat, err := os.Stat(path)
	if err != nil || stat.Size() != f.Bytes {
		return nil
	}
	p := &part{ctx: ctx, name: path, want: i.sums(f), wayOut: ": remove the file, and fetch it again with assay suites pull " + i.Spec()}
	if f.Bytes <= largest && (p.sumRaw() != nil || p.raw != f.SHA256) {
		return nil
	}
	return p
}
