package snapshot

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// room holds an image's bytes in a memory file, so that instances can map them.
type room struct {
	file  *os.File
	bytes []byte // the whole file, shared
}

func newRoom(size int) (*room, error) {
	fd, err := unix.MemfdCreate("assay-image", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("memory file for an image: %w", err)
	}
	r := &room{file: os.NewFile(uintptr(fd), "assay-image")}
	if size == 0 {
		return r, nil
	}
	if err := r.file.Truncate(int64(size)); err != nil {
		return nil, errors.Join(fmt.Errorf("memory file for an image of %d bytes: %w", size, err), r.close())
	}
	r.bytes, err = unix.Mmap(fd, 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("map an image of %d bytes: %w", size, err), r.close())
	}
	return r, nil
}

func (r *room) close() error {
	var err error
	if r.bytes != nil {
		err = unix.Munmap(r.bytes)
		r.bytes = nil
	}
	return errors.Join(err, r.file.Close())
}
