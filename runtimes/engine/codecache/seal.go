package codecache

import (
	"fmt"
	"io"
	"os"

	"github.com/zeebo/xxh3"
)

// Seal is what a file must be. Engines check little of what they read: a
// damaged length makes wazero allocate without bound. Lengths are in the head
// and the tail of a file, so those are checked before an engine sees it; the
// whole is hashed while the engine reads, and nothing runs before that is done.
type Seal struct {
	Size, HeadSize         int64
	Head, Tail, Everything string // xxh3-128 in hex
}

const tailSize = 4 << 10

// sealFile describes a file whose head is headSize bytes.
func sealFile(f *os.File, headSize int64) (Seal, error) {
	info, err := f.Stat()
	if err != nil {
		return Seal{}, err
	}
	s := Seal{Size: info.Size(), HeadSize: min(headSize, info.Size())}
	if s.Head, s.Tail, err = s.ends(f); err != nil {
		return Seal{}, err
	}
	s.Everything, err = hashRange(f, 0, s.Size)
	return s, err
}

// checkEnds compares size, head and tail.
func (s Seal) checkEnds(f *os.File) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if info.Size() != s.Size {
		return fmt.Errorf("%s has %d bytes, not %d", f.Name(), info.Size(), s.Size)
	}
	head, tail, err := s.ends(f)
	if err != nil {
		return err
	}
	if head != s.Head || tail != s.Tail {
		return fmt.Errorf("%s is damaged", f.Name())
	}
	return nil
}

// Check compares the whole file.
func (s Seal) Check(f *os.File) error {
	sum, err := hashRange(f, 0, s.Size)
	if err == nil && sum != s.Everything {
		err = fmt.Errorf("%s is damaged", f.Name())
	}
	return err
}

func (s Seal) ends(f *os.File) (head, tail string, err error) {
	if head, err = hashRange(f, 0, s.HeadSize); err != nil {
		return "", "", err
	}
	start := max(0, s.Size-tailSize)
	tail, err = hashRange(f, start, s.Size-start)
	return head, tail, err
}

func hashRange(f *os.File, from, size int64) (string, error) {
	h := xxh3.New()
	type plainWriter struct{ io.Writer } // hides ReadFrom, which would bring its own small buffer
	n, err := io.CopyBuffer(plainWriter{h}, io.NewSectionReader(f, from, size), make([]byte, 256<<10))
	if err == nil && n != size {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return "", fmt.Errorf("checksum %s: %w", f.Name(), err)
	}
	sum := h.Sum128()
	return fmt.Sprintf("%016x%016x", sum.Hi, sum.Lo), nil
}
