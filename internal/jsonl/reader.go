package jsonl

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"unicode/utf8"

	"github.com/klauspost/compress/flate"
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

	// Blank lines cost time and say nothing: so many bytes of them are read.
	maxBlank = 1 << 20

	// What is packed may unpack to freeBytes, and beyond that to maxRatio times
	// what it has packed. Gzip packs its like, a thousand to one, and text that
	// says something twenty to one.
	freeBytes = 256 << 20
	maxRatio  = 200
)

// BOM is the mark with which some editors start a file of UTF-8. It is skipped.
var BOM = []byte("\ufeff")

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
	blank  int64 // bytes of blank lines
	broken bool  // the line that was begun was not read to its end
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
	packed := &counter{r: r}
	in := bufio.NewReaderSize(packed, 1<<16)
	if magic, _ := in.Peek(2); !bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		return in, nil
	}
	z, err := gzip.NewReader(in)
	if err != nil {
		return nil, fmt.Errorf("damaged gzip data: %w", early(err))
	}
	return &unpacker{z: z, packed: packed}, nil
}

// counter counts the bytes that are read.
type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// unpacker bounds what is unpacked, and words the errors of gzip for people.
type unpacker struct {
	z      *gzip.Reader
	packed *counter
	n      int64
}

func (u *unpacker) Read(p []byte) (int, error) {
	n, err := u.z.Read(p)
	u.n += int64(n)
	if u.n > freeBytes && u.n > maxRatio*u.packed.n {
		return 0, fmt.Errorf("the gzip data unpacks to more than %d times what it is", maxRatio)
	}
	var damaged flate.CorruptInputError
	switch {
	case err == nil || err == io.EOF:
	case errors.As(err, &damaged), errors.Is(err, gzip.ErrHeader), errors.Is(err, gzip.ErrChecksum), errors.Is(err, io.ErrUnexpectedEOF):
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
			if r.blank += r.total - r.start; r.blank > maxBlank {
				return nil, r.line, r.Errorf("more than %d bytes of blank lines", maxBlank)
			}
			continue
		}
		if !utf8.Valid(line) {
			return nil, r.line, r.Errorf("%w", damaged{fmt.Errorf("byte %d of the line is not valid UTF-8", invalidAt(line)+1)})
		}
		return line, r.line, nil
	}
}

// damaged marks what is wrong with one line alone.
type damaged struct{ error }

// IsDamaged says that an error is about one line alone: the next can be read.
func IsDamaged(err error) bool { return errors.As(err, new(damaged)) }

// Salvage gives the lines as All does, but goes on after one that is too long or
// no UTF-8: of that it gives the error.
func (r *Reader) Salvage() iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for {
			line, _, err := r.Next()
			if err == io.EOF || !yield(line, err) || err != nil && !IsDamaged(err) {
				return
			}
		}
	}
}

// Damage are the lines of a file that could not be read, and are left out.
type Damage struct {
	Lines []error // the first of them
	More  int     // how many there are beside
}

// Add takes in what is wrong with a line.
func (d *Damage) Add(err error) {
	if len(d.Lines) < 5 {
		d.Lines = append(d.Lines, err)
	} else {
		d.More++
	}
}

// Notices say what is wrong, in a sentence for each line, each ending with what
// becomes of it.
func (d *Damage) Notices(then string) []string {
	var out []string
	for _, err := range d.Lines {
		out = append(out, err.Error()+": "+then)
	}
	if d.More > 0 {
		out = append(out, fmt.Sprintf("and so with %d more lines", d.More))
	}
	return out
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
	for skipped := !r.broken; !skipped; {
		part, err := r.in.ReadSlice('\n')
		r.total += int64(len(part))
		switch {
		case err == nil:
			skipped = true
		case r.total > r.bounds.Total:
			return nil, fmt.Errorf("the file is longer than %d bytes", r.bounds.Total)
		case !errors.Is(err, bufio.ErrBufferFull):
			return nil, err
		}
	}
	r.broken = false
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
			r.broken = !errors.Is(err, io.EOF) && !bytes.HasSuffix(part, []byte("\n"))
			return nil, damaged{fmt.Errorf("the line is longer than %d bytes", r.bounds.Line)}
		}
		if r.start == 0 && len(r.buf) == 0 && bytes.HasPrefix(part, BOM) {
			r.start = int64(len(BOM))
			part = part[len(BOM):]
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
