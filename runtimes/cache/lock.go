package cache

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// Folders beside the kinds.
const (
	tmpName  = "tmp"   // files being written
	lockName = "locks" // one per entry ever locked; empty, and never removed while in use
)

// pollLock is how often a process asks for a lock that another one holds.
const pollLock = 50 * time.Millisecond

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
	file, err := f.lockFile(ctx, name)
	if err != nil {
		<-mine
		return nil, fmt.Errorf("lock cache entry %s/%s: %w", kind, key, err)
	}
	return func() {
		_ = file.Unlock()
		<-mine
	}, nil
}

func (f *Folder) lockFile(ctx context.Context, name string) (*flock.Flock, error) {
	dir := filepath.Join(f.root, lockName)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	file := flock.New(filepath.Join(dir, name))
	if _, err := file.TryLockContext(ctx, pollLock); err != nil {
		return nil, err
	}
	return file, nil
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
