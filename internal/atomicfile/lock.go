package atomicfile

import (
	"context"
	"errors"
	"time"

	"github.com/gofrs/flock"
)

// ErrLocked says that somebody else holds a lock.
var ErrLocked = errors.New("it is locked by another process")

// pollLock is how often a lock is asked for that somebody else holds.
const pollLock = 50 * time.Millisecond

// TryLock locks the file at path, which is made where it is absent and never
// removed, until unlock. The lock of a process that died is free.
func TryLock(path string) (unlock func() error, err error) {
	lock := flock.New(path)
	held, err := lock.TryLock()
	switch {
	case err != nil:
		return nil, err
	case !held:
		return nil, ErrLocked
	}
	return lock.Unlock, nil
}

// Lock is TryLock that waits, as long as ctx lets it.
func Lock(ctx context.Context, path string) (unlock func() error, err error) {
	lock := flock.New(path)
	if _, err := lock.TryLockContext(ctx, pollLock); err != nil {
		return nil, err
	}
	return lock.Unlock, nil
}
