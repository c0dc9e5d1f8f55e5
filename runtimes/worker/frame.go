package worker

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/fxamacker/cbor/v2"
)

// A frame is the length of what follows (4 bytes, little endian), a kind, and
// a body in CBOR.
const frameHead = 5

// readStep is how much is made room for at a time: a length that is only
// announced costs nothing.
const readStep = 1 << 20

// errLength says that a frame has a length that it can't have.
var errLength = errors.New("a frame of the wrong length")

// keptBuffer is the size, in bytes, up to which buffers are used again.
const keptBuffer = 4 << 20

// wire is one end of a connection, used by one sender and one receiver.
type wire struct {
	conn io.ReadWriteCloser
	in   *bufio.Reader
	out  bytes.Buffer
	body []byte
}

func newWire(conn io.ReadWriteCloser) *wire {
	return &wire{conn: conn, in: bufio.NewReaderSize(conn, 64<<10)}
}

func (w *wire) send(kind byte, body any) error {
	w.out.Reset()
	w.out.Write([]byte{0, 0, 0, 0, kind})
	if err := encoding.MarshalToBuffer(body, &w.out); err != nil {
		return fmt.Errorf("frame %q: %w", kind, err)
	}
	frame := w.out.Bytes()
	if uint64(len(frame)-4) > 1<<32-1 {
		return fmt.Errorf("frame %q of %d bytes is too long to be sent", kind, len(frame))
	}
	binary.LittleEndian.PutUint32(frame, uint32(len(frame)-4))
	_, err := w.conn.Write(frame)
	if w.out.Cap() > keptBuffer {
		w.out = bytes.Buffer{}
	}
	return err
}

// sendStop may be called while another goroutine sends.
func (w *wire) sendStop(number uint64) error {
	body, err := encoding.Marshal(number)
	if err != nil {
		return err
	}
	head := binary.LittleEndian.AppendUint32(nil, uint32(1+len(body)))
	_, err = w.conn.Write(append(append(head, kindStop), body...))
	return err
}

// receive reads a frame of at most so many bytes. The body is valid until the
// next call.
func (w *wire) receive(most uint64) (kind byte, body []byte, err error) {
	var head [frameHead]byte
	if _, err := io.ReadFull(w.in, head[:]); err != nil {
		return 0, nil, err
	}
	size := uint64(binary.LittleEndian.Uint32(head[:]))
	if size < 1 || size > most {
		return 0, nil, fmt.Errorf("%w: %d bytes; at most %d", errLength, size, most)
	}
	if cap(w.body) > keptBuffer {
		w.body = nil
	}
	w.body = w.body[:0]
	for left := int(size) - 1; left > 0; {
		n := min(left, readStep)
		w.body = slices.Grow(w.body, n)
		part := w.body[len(w.body) : len(w.body)+n]
		if _, err := io.ReadFull(w.in, part); err != nil {
			return 0, nil, err
		}
		w.body = w.body[:len(w.body)+n]
		left -= n
	}
	return head[4], w.body, nil
}

// Strings of guests need not be UTF-8, and have to arrive as they are.
var (
	encoding = must(cbor.EncOptions{}.UserBufferEncMode())
	decoding = must(cbor.DecOptions{
		UTF8:             cbor.UTF8DecodeInvalid,
		MaxArrayElements: 1 << 24,
		MaxMapPairs:      16,
		MaxNestedLevels:  8,
		IndefLength:      cbor.IndefLengthForbidden,
		TagsMd:           cbor.TagsForbidden,
	}.DecMode())
)

func must[T any](mode T, err error) T {
	if err != nil {
		panic(err) // the options are constants
	}
	return mode
}
