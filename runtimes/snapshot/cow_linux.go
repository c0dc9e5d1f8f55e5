package snapshot

import (
	"errors"
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"
)

// cow is a memory that is a private mapping of the image: pages are copied when
// they are written to first, and restoring drops the copies.
type cow struct {
	reserved []byte // address space for the largest size
	image    []byte // mapped at the start
	size     uint64
	regions  []region // room for what ownPages finds
}

func newMemory(im *Image, min, max uint64) (memory, error) {
	if err := fits(uint64(im.size), min, max); err != nil {
		return nil, err
	}
	reserved, err := unix.Mmap(-1, 0, int(max), unix.PROT_NONE, unix.MAP_PRIVATE|unix.MAP_ANON|unix.MAP_NORESERVE)
	if err != nil {
		return nil, fmt.Errorf("reserve %d bytes of address space: %w", max, err)
	}
	m := &cow{reserved: reserved, image: im.Memory(), size: uint64(im.size), regions: make([]region, 0, maxOwnRegions)}
	if im.size == 0 {
		return m, nil
	}
	_, err = unix.MmapPtr(int(im.room.file.Fd()), 0, unsafe.Pointer(&reserved[0]), uintptr(im.size),
		unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_FIXED|unix.MAP_NORESERVE)
	if err != nil {
		m.Free()
		return nil, fmt.Errorf("map an image: %w", err)
	}
	return m, nil
}

func (m *cow) Grow(size uint64) []byte {
	switch {
	case size > uint64(len(m.reserved)):
		return nil
	case size > m.size:
		if unix.Mprotect(m.reserved[m.size:size], unix.PROT_READ|unix.PROT_WRITE) != nil {
			return nil
		}
		m.size = size
	}
	return m.reserved[:m.size:m.size]
}

func (m *cow) Free() {
	if m.reserved != nil {
		_ = unix.Munmap(m.reserved)
		m.reserved = nil
	}
}

func (m *cow) restore() error {
	if m.size != uint64(len(m.image)) {
		return errors.New("memory has grown beyond its image")
	}
	if len(m.image) == 0 {
		return nil
	}
	mem := m.reserved[:m.size]
	own, err := ownPages(mem, m.regions)
	if err != nil {
		return unix.Madvise(mem, unix.MADV_DONTNEED)
	}
	base := uint64(uintptr(unsafe.Pointer(&mem[0])))
	for _, r := range own {
		copy(mem[r.start-base:r.end-base], m.image[r.start-base:r.end-base])
	}
	return nil
}
