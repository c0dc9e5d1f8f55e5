package worker

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/assay-dev/assay/runtimes"
	"github.com/assay-dev/assay/runtimes/confine"
)

// protocol is the version of what both ends say. They are the same executable,
// so that another one is found out and not spoken.
const protocol = "assay worker/4"

// Kinds of frames. On the first connection:
const (
	kindSetup    = 'c' // parent: Setup, once
	kindProgress = 'p' // child: progress, any number; on the others too
	kindReady    = 'o' // child: ready, once; then it waits for the end of this connection
	kindFailed   = 'e' // child: a text; the guests could not be opened
)

// On the others, one job at a time:
const (
	kindJob      = 'q' // parent: request
	kindStop     = 's' // parent: the number of a request that nobody waits for any more
	kindResults  = 'r' // child: []runtimes.Result, as they come
	kindCompiled = 'm' // child: nothing more is compiled
	kindDone     = 'd' // child: done, the last of each job
)

// Setup says what a process is to open.
type Setup struct {
	Protocol  string
	For       string // the language: runtimes.Python or runtimes.Wasm; "" opens nothing: the walls are raised and told
	Cache     string // root folder
	Wheel     string // path; "" for pip's
	Engine    string // name; "" for the default
	Libraries string // set of Python's libraries, by name; "" for none
	Whole     bool   // all of Python's interpreter is compiled, not only its core
	Programs  int    // at a time
	Memory    uint64 // the most that one program may have, in bytes
	NoWalls   bool   // leave the process open to the machine

	Processors int // at once; the process is told of it, and finds no variable that says so
}

type stage struct {
	_           struct{} `cbor:",toarray"`
	Stage       string
	Done, Total int64
}

type ready struct {
	About About
	Walls []confine.Wall
}

// request is a job that is numbered, so that it can be stopped.
type request struct {
	_      struct{} `cbor:",toarray"`
	Number uint64
	Job    *runtimes.Job
}

// done ends a job.
type done struct {
	Fault   string `cbor:",omitempty"` // a fault of ours, in words; nothing else counts then
	Stopped bool   `cbor:",omitempty"` // the fault is that the job was stopped
	Missing bool   `cbor:",omitempty"` // the fault is that Python's core isn't enough
	Outcome runtimes.Outcome
}

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
	if err := runtimes.Encode(&w.out, body); err != nil {
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
	out := bytes.NewBuffer([]byte{0, 0, 0, 0, kindStop})
	if err := runtimes.Encode(out, number); err != nil {
		return err
	}
	binary.LittleEndian.PutUint32(out.Bytes(), uint32(out.Len()-4))
	_, err := w.conn.Write(out.Bytes())
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
