package cache

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/assay-dev/assay/internal/atomicfile"
)

// Folders beside the kinds.
const (
	tmpName  = "tmp"   // files being written
	lockName = "locks" // one per entry ever locked; empty, and never removed while in use
)

// Lock holds an entry against goroutines and other processes until unlock. It
// waits as long as ctx lets it. The lock of a process that died is free.
func (f *Folder) Lock(ctx context.Context, kind, key string) (unlock func(), err error) {
	if _, err := f.path(kind, key); err != nil {
		return nil, err
	}
	name := kind + "-" + key + ".lock"
	mine := f.gate(name)
	select {
	case mine <- struct{}{}:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	dir := filepath.Join(f.root, lockName)
	err = os.MkdirAll(dir, 0o755)
	var free func() error
	if err == nil {
		free, err = atomicfile.Lock(ctx, filepath.Join(dir, name))
	}
	if err != nil {
		<-mine
		return nil, fmt.Errorf("lock cache entry %s/%s: %w", kind, key, err)
	}
	return func() {
		_ = free()
		<-mine
	}, nil
}

// gate is the lock between goroutines: file locks don't hold within a process
// everywhere.
func (f *Folder) gate(name string) chan struct{} {
	f.mu.Lock()
	defer f.mu.Unlock()
	g, ok := f.locks[name]
	if !ok {
		g = make(chan struct{}, 1)
		f.locks[name] = g
	}
	return g
}
