//go:build !linux

package snapshot

func newMemory(im *Image, min, max uint64) (memory, error) {
	return newPlain(im.Memory(), min, max)
}
