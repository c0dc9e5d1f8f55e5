package wazero

import "golang.org/x/sys/unix"

// room is address space for the largest size of a memory, which therefore
// never moves.
type room struct{ reserved []byte }

func newRoom(max uint64) (room, error) {
	if max == 0 {
		return room{}, nil
	}
	reserved, err := unix.Mmap(-1, 0, int(max), unix.PROT_NONE, unix.MAP_PRIVATE|unix.MAP_ANON|unix.MAP_NORESERVE)
	return room{reserved}, err
}

func (r *room) grow(bytes []byte, size uint64) ([]byte, error) {
	if added := r.reserved[len(bytes):size]; len(added) > 0 {
		if err := unix.Mprotect(added, unix.PROT_READ|unix.PROT_WRITE); err != nil {
			return nil, err
		}
	}
	if r.reserved == nil {
		return []byte{}, nil
	}
	return r.reserved[:size:size], nil
}

func (r *room) free() {
	if r.reserved != nil {
		_ = unix.Munmap(r.reserved)
		r.reserved = nil
	}
}
