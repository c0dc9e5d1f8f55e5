package snapshot

import "fmt"

// plain is a memory that is restored by copying the whole image.
type plain struct {
	image []byte
	data  []byte
	max   uint64
}

func newPlain(image []byte, min, max uint64) (memory, error) {
	if err := fits(uint64(len(image)), min, max); err != nil {
		return nil, err
	}
	return &plain{image: image, data: append([]byte(nil), image...), max: max}, nil
}

func (p *plain) Grow(size uint64) []byte {
	switch {
	case size > p.max:
		return nil
	case size > uint64(len(p.data)):
		p.data = append(p.data, make([]byte, size-uint64(len(p.data)))...)
	}
	return p.data
}

func (p *plain) Free() { p.data = nil }

func (p *plain) restore() error {
	copy(p.data, p.image)
	return nil
}

func fits(size, min, max uint64) error {
	if size < min || size > max {
		return fmt.Errorf("an image of %d bytes doesn't fit a memory of %d to %d", size, min, max)
	}
	return nil
}
