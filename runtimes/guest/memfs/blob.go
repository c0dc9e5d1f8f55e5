package memfs

import (
	"crypto/sha256"
	"sync"
)

// blob is the content of a file of a tree. It may be loaded late: a library of
// thousands of files is there at once, and only what is read is unpacked, one
// time for all guests.
type blob struct {
	size   uint64
	digest [32]byte // names the content in the tree's hash
	load   func() ([]byte, error)
	once   sync.Once
	data   []byte
	err    error
}

func newBlob(data []byte) *blob {
	return &blob{size: uint64(len(data)), digest: sha256.Sum256(data), data: data}
}

func (b *blob) bytes() ([]byte, error) {
	if b.load == nil {
		return b.data, nil
	}
	b.once.Do(func() { b.data, b.err = b.load() })
	return b.data, b.err
}
