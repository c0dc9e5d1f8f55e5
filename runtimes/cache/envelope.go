package cache

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/zeebo/xxh3"
)

// An entry's file: magic, length of the payload (8 bytes, little endian),
// xxh3-128 over name and payload (16 bytes), payload. The name is part of the
// checksum so that a file renamed over another is found out too.
const (
	magic      = "ASSAYC1\n"
	headerSize = len(magic) + 8 + 16
)

func seal(name string, parts [][]byte) (header []byte, size int64) {
	h := xxh3.New()
	_, _ = h.WriteString(name)
	for _, p := range parts {
		_, _ = h.Write(p)
		size += int64(len(p))
	}
	sum := h.Sum128().Bytes()
	header = append(header, magic...)
	header = binary.LittleEndian.AppendUint64(header, uint64(size))
	return append(header, sum[:]...), size
}

// errDamaged marks what a reader found wrong with a file.
type errDamaged string

func (e errDamaged) Error() string { return string(e) }

// unseal reads a whole file of fileSize bytes. The length in the header must
// agree with it before anything is allocated.
func unseal(r io.Reader, fileSize int64, name string, alloc func(int) ([]byte, error)) ([]byte, error) {
	var header [headerSize]byte
	if _, err := io.ReadFull(r, header[:]); err != nil {
		return nil, readError(err, "shorter than a header")
	}
	if string(header[:len(magic)]) != magic {
		return nil, errDamaged("wrong magic")
	}
	size := binary.LittleEndian.Uint64(header[len(magic):])
	if want := fileSize - int64(headerSize); want < 0 || size != uint64(want) {
		return nil, errDamaged(fmt.Sprintf("header says %d bytes, the file holds %d", size, want))
	}
	buf, err := alloc(int(size))
	if err != nil {
		return nil, err
	}
	if _, err := io.ReadFull(r, buf[:size]); err != nil {
		return nil, readError(err, "cut short")
	}
	h := xxh3.New()
	_, _ = h.WriteString(name)
	_, _ = h.Write(buf[:size])
	if sum := h.Sum128().Bytes(); string(sum[:]) != string(header[len(magic)+8:]) {
		return nil, errDamaged("checksum differs")
	}
	return buf[:size], nil
}

func readError(err error, short string) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errDamaged(short)
	}
	return err
}
