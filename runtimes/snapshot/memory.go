package snapshot

import "assay/runtimes/engine"

// memory is the linear memory of a pooled instance.
type memory interface {
	engine.LinearMemory
	// restore puts the image's bytes back; the size must be the image's still.
	restore() error
}

// maker makes memories that start as the image. One that is asked for smaller
// than the image is as large as the image: that is the instance's size.
type maker struct {
	make func(min, max uint64) (memory, error)
	made memory // the last one
}

func (m *maker) Make(min, max uint64) (engine.LinearMemory, error) {
	mem, err := m.make(min, max)
	if err != nil {
		return nil, err
	}
	m.made = mem
	return mem, nil
}
