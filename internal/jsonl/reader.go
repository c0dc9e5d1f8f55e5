package jsonl

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"unicode/utf8"

	"github.com/klauspost/compress/gzip"
)

// Bounds limit what a Reader takes in. A zero field means its default.
type Bounds struct {
	Line  int   // bytes of one line without its end; default 64 MiB
	Total int64 // bytes of the whole, after decompression; default 4 GiB
}

const (
	defaultLine  = 64 << 20
	defaultTotal = 4 << 30
)

// Error says where in a file something is wrong.
type Error struct {
	File string
	Line int // from 1; 0: the file as a whole
	Err  error
}

func (e *Error) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("%s: %v", e.File, e.Err)
	}
	return fmt.Sprintf("%s:%d: %v", e.File, e.Line, e.Err)
}

func (e *Error) Unwrap() error { return e.Err }

// Reader returns the lines of a file that are not blank, one by one.
type Reader struct {
	name   string
	in     *bufio.Reader
	bounds Bounds
	line   int
	start  int64 // of that line, in the unpacked bytes
	total  int64
	buf    []byte
}

// NewReader reads r, which errors call name. Data that starts as gzip does is
// decompressed on the way, whatever the file is called.
func NewReader(name string, r io.Reader, b Bounds) (*Reader, error) {
	if b.Line == 0 {
		b.Line = defaultLine
	}
	if b.Total == 0 {
		b.Total = defaultTotal
	}
	plain, err := Decompress(r)
	if err != nil {
		return nil, &Error{File: name, Err: err}
	}
	return &Reader{name: name, in: bufio.NewReaderSize(plain, 1<<16), bounds: b}, nil
}

// Decompress returns r's bytes, unpacked where they start as gzip does.
func Decompress(r io.Reader) (io.Reader, error) {
	in := bufio.NewReaderSize(r, 1<<16)
	if magic, _ := in.Peek(2); !bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		return in, nil
	}
	z, err := gzip.NewReader(in)
	if err != nil {
		return nil, fmt.Errorf("damaged gzip data: %w", early(err))
	}
	return &unpacker{z}, nil
}

// unpacker words the errors of gzip for people.
type unpacker struct{ z *gzip.Reader }

func (u *unpacker) Read(p []byte) (int, error) {
	n, err := u.z.Read(p)
	if err != nil && err != io.EOF {
		err = fmt.Errorf("damaged gzip data: %w", early(err))
	}
	return n, err
}

var errEarly = errors.New("it ends early")

func early(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return errEarly
	}
	return err
}

// Next returns the next line that is not blank and its number from 1, or
// io.EOF. The bytes are valid until the next call.
func (r *Reader) Next() ([]byte, int, error) {
	for {
		line, err := r.read()
		if err != nil {
			if err == io.EOF {
				return nil, r.line, err
			}
			return nil, r.line, r.Errorf("%w", err)
		}
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		if !utf8.Valid(line) {
			return nil, r.line, r.Errorf("byte %d of the line is not valid UTF-8", invalidAt(line)+1)
		}
		return line, r.line, nil
	}
}

// All gives the lines that are not blank in order, and at the end the error that
// there was, if any. The bytes of a line are valid until the next one.
func (r *Reader) All() iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for {
			line, _, err := r.Next()
			if err == io.EOF || !yield(line, err) || err != nil {
				return
			}
		}
	}
}

// Line is the number of the line read last, from 1.
func (r *Reader) Line() int { return r.line }

// Offset is where the line read last starts, in bytes of the unpacked file.
func (r *Reader) Offset() int64 { return r.start }

// Errorf returns an error at the line read last.
func (r *Reader) Errorf(format string, args ...any) error {
	return &Error{File: r.name, Line: r.line, Err: fmt.Errorf(format, args...)}
}

// read returns one line without its end.
func (r *Reader) read() ([]byte, error) {
	r.buf = r.buf[:0]
	r.line++
	r.start = r.total
	for {
		part, err := r.in.ReadSlice('\n')
		r.total += int64(len(part))
		if r.total > r.bounds.Total {
			return nil, fmt.Errorf("the file is longer than %d bytes", r.bounds.Total)
		}
		if len(r.buf)+len(part) > r.bounds.Line+len("\r\n") {
			return nil, fmt.Errorf("the line is longer than %d bytes", r.bounds.Line)
		}
		r.buf = append(r.buf, part...)
		switch {
		case err == nil:
			return bytes.TrimRight(r.buf, "\r\n"), nil
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err == io.EOF && len(r.buf) > 0:
			return r.buf, nil
		case err == io.EOF:
			return nil, io.EOF
		default:
			return nil, err
		}
	}
}

func invalidAt(b []byte) int {
	for i := 0; i < len(b); {
		c, n := utf8.DecodeRune(b[i:])
		if c == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return len(b)
}
