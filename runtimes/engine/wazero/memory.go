package wazero

import (
	"fmt"

	"github.com/tetratelabs/wazero/experimental"
)

// allocator gives a new instance the memory that was made for it.
type allocator struct{ memory *linear }

func (a allocator) Allocate(_, _ uint64) experimental.LinearMemory { return a.memory }

// linear is the memory of one instance.
type linear struct {
	room  room
	bytes []byte
	max   uint64
}

// newLinear makes a memory of size bytes that can grow to max.
func newLinear(size, max uint64) (*linear, error) {
	r, err := newRoom(max)
	if err != nil {
		return nil, fmt.Errorf("reserve %d bytes of address space: %w", max, err)
	}
	m := &linear{room: r, max: max}
	if m.Reallocate(size) == nil {
		m.Free()
		return nil, fmt.Errorf("no room for %d bytes", size)
	}
	return m, nil
}

// Reallocate gives the memory, of at least size bytes now, or nil when it
// can't.
func (m *linear) Reallocate(size uint64) []byte {
	switch {
	case size > m.max:
		return nil
	case size > uint64(len(m.bytes)) || m.bytes == nil:
		grown, err := m.room.grow(m.bytes, size)
		if err != nil {
			return nil
		}
		m.bytes = grown
	}
	return m.bytes
}

func (m *linear) Free() { m.room.free() }
