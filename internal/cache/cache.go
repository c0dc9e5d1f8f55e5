package cache

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/zeebo/xxh3"
)

// ErrMiss says that an entry is absent or was damaged (and has been removed).
// In the second case errors.As finds a *DamagedError.
var ErrMiss = errors.New("not in the cache")

// Kinds of entries, each a folder below the root.
const (
	Wheels   = "wheels"   // what pip fetched, verified by sha-256
	Modules  = "modules"  // instrumented modules
	Code     = "code"     // the engine's compiled code
	Images   = "images"   // memory images
	Suites   = "suites"   // data sets, verified by sha-256
	Expected = "expected" // expected values of suites
	Verdicts = "verdicts" // verdicts judged before
)

// Kinds lists every kind, in the order in which they are shown.
func Kinds() []string {
	return []string{Wheels, Modules, Code, Images, Suites, Expected, Verdicts}
}

// Store is a folder of entries that may be damaged, cleared or shared with
// other processes at any time. Every entry is written to a temporary file and
// renamed; every read checks length and checksum. Keys are made of letters,
// digits, dot, dash and underscore.
type Store interface {
	Root() string
	// Get returns an entry's bytes, or ErrMiss.
	Get(kind, key string) ([]byte, error)
	// Has says whether there is an entry, which may turn out to be damaged.
	Has(kind, key string) bool
	// GetInto is Get for large entries: alloc is called once with the entry's
	// length (never more than the file holds) and gives the room to read into.
	// After an error that room holds rubbish.
	GetInto(kind, key string, alloc func(size int) ([]byte, error)) ([]byte, error)
	// Put writes an entry made of parts in a row. A full disk or an unwritable
	// folder is an error that callers may ignore: the cache only saves time.
	Put(kind, key string, parts ...[]byte) error
	// Lock holds the entry against other processes and goroutines until unlock.
	Lock(ctx context.Context, kind, key string) (unlock func(), err error)
	// Dir is a folder of kind for files that another library writes itself: what
	// belongs to an entry in a folder called key.d, which is kept as long as it.
	Dir(kind string) (string, error)
}

// damagedError is a miss because of damage; the entry has been removed.
type damagedError struct {
	Path   string
	Reason string
}

func (e *damagedError) Error() string {
	return fmt.Sprintf("cache entry %s was damaged (%s) and is made anew", e.Path, e.Reason)
}

// Is makes a damaged entry an ErrMiss.
func (e *damagedError) Is(target error) bool { return target == ErrMiss }

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
