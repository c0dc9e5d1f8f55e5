package snapshot

// plain is a memory that is restored by copying the whole image. The slice is
// asked for each time, because such memories may move.
type plain struct {
	image []byte
	now   func() []byte
}

func newPlain(im *Image, now func() []byte) (memory, error) {
	p := &plain{image: im.Memory(), now: now}
	return p, p.restore()
}

func (p *plain) restore() error {
	copy(p.now(), p.image)
	return nil
}
