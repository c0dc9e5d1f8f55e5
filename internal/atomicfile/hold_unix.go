//go:build unix

package atomicfile

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// hold holds a file or folder that was just made against sweep, until release or the
// end of the process. False says that sweep was faster.
func hold(f *os.File) (release func(), ok bool) {
	none := func() {}
	fd, err := unix.FcntlInt(f.Fd(), unix.F_DUPFD_CLOEXEC, 0) // the lock stays with it when f is closed
	if err != nil {
		return none, true
	}
	release = func() { _ = unix.Close(fd) }
	if errors.Is(unix.Flock(fd, unix.LOCK_EX|unix.LOCK_NB), unix.EWOULDBLOCK) {
		release()
		return none, false
	}
	if _, err := os.Lstat(f.Name()); err != nil {
		release()
		return none, false
	}
	return release, true
}

// abandoned says whether nobody holds what is at path; release lets go of it. Where
// the file system knows no locks, that is not known.
func abandoned(path string) (release func(), yes, known bool) {
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, false, false
	}
	if err = unix.Flock(fd, unix.LOCK_EX|unix.LOCK_NB); err != nil {
		_ = unix.Close(fd)
		return nil, false, errors.Is(err, unix.EWOULDBLOCK)
	}
	return func() { _ = unix.Close(fd) }, true, true
}
