package snapshot

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"
)

// cow is a memory over which the image is mapped privately: pages are copied
// when they are written to first, and restoring drops the copies.
type cow struct {
	bytes   []byte // the instance's own, as large as the image
	image   []byte
	regions []region // room for what ownPages finds
}

// newMemory maps an image over an instance's memory of the same size. The
// engine unmaps it with the rest of its address space.
func newMemory(im *Image, now func() []byte) (memory, error) {
	m := &cow{bytes: now(), image: im.Memory(), regions: make([]region, 0, maxOwnRegions)}
	if im.size == 0 {
		return m, nil
	}
	_, err := unix.MmapPtr(int(im.room.file.Fd()), 0, unsafe.Pointer(&m.bytes[0]), uintptr(im.size),
		unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_FIXED|unix.MAP_NORESERVE)
	if err != nil {
		return nil, fmt.Errorf("map an image: %w", err)
	}
	return m, nil
}

func (m *cow) restore() error {
	if len(m.image) == 0 {
		return nil
	}
	own, err := ownPages(m.bytes, m.regions)
	if err != nil {
		return unix.Madvise(m.bytes, unix.MADV_DONTNEED)
	}
	base := uint64(uintptr(unsafe.Pointer(&m.bytes[0])))
	for _, r := range own {
		copy(m.bytes[r.start-base:r.end-base], m.image[r.start-base:r.end-base])
	}
	return nil
}
