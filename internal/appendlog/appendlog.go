package appendlog

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/zeebo/xxh3"

	"github.com/assay-dev/assay/internal/atomicfile"
	"github.com/assay-dev/assay/internal/plainfile"
)

// syncEvery is how many records are written between two calls of fsync. Each
// record goes out in one write, so the death of the process loses none; a power
// failure loses at most so many.
const syncEvery = 64

// Log appends records. It is not safe for concurrent use.
type Log struct {
	file     *os.File
	size     int64
	unsynced int
}

// Create starts a log, over what lay there.
func Create(path string) (*Log, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return nil, err
	}
	if err := atomicfile.Sync(filepath.Dir(path)); err != nil { // or a power cut takes the name back
		return nil, errors.Join(err, f.Close())
	}
	return New(f, 0), nil
}

// New goes on at the end of an open file of so many bytes.
func New(f *os.File, size int64) *Log { return &Log{file: f, size: size} }

// Reopen opens a log to go on after its first size bytes: what follows is
// the torn end of a line.
func Reopen(path string, size int64) (*Log, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return nil, err
	}
	if err := f.Truncate(size); err != nil {
		f.Close()
		return nil, err
	}
	return New(f, size), nil
}

// Append writes a record.
func (l *Log) Append(record []byte) error {
	n, err := l.file.Write(Seal(record))
	l.size += int64(n)
	if err != nil {
		return err
	}
	if l.unsynced++; l.unsynced >= syncEvery {
		return l.Sync()
	}
	return nil
}

// Size is where the next record will stand.
func (l *Log) Size() int64 { return l.size }

// Sync returns when everything that was appended is on the disk.
func (l *Log) Sync() error {
	l.unsynced = 0
	return l.file.Sync()
}

// Close syncs and closes the file.
func (l *Log) Close() error {
	return errors.Join(l.Sync(), l.file.Close())
}

// Line is a whole line of a log.
type Line struct {
	At     int64  // where it begins
	Size   int64  // with its end
	Record []byte // nil: the line is damaged
}

// Read visits the whole lines in order, and returns the bytes up to the end of
// the last one: what follows is torn.
func Read(path string, visit func(Line) error) (int64, error) {
	f, err := plainfile.OpenIn(context.Background(), filepath.Dir(path), filepath.Base(path))
	if err != nil {
		return 0, err
	}
	defer f.Close()
	r := bufio.NewReaderSize(f, 1<<20)
	for at := int64(0); ; {
		text, size, err := readLine(r)
		if errors.Is(err, io.EOF) {
			return at, nil
		}
		if err != nil {
			return at, err
		}
		line := Line{At: at, Size: size}
		if record, ok := Unseal(text); ok {
			line.Record = record
		}
		if err := visit(line); err != nil {
			return at, err
		}
		at += line.Size
	}
}

// maxLine bounds one line when it is read back, in bytes: a longer one is damaged.
const maxLine = 64 << 20

const (
	sumPrefix  = `{"sum":"`
	dataPrefix = `","data":`
	payloadAt  = len(sumPrefix) + 16 + len(dataPrefix)
)

// head is what stands before a record in its line.
func head(record []byte) []byte {
	return fmt.Appendf(nil, `%s%016x%s`, sumPrefix, xxh3.Hash(record), dataPrefix)
}

// Seal makes a line of a record, which has no line end in it.
func Seal(record []byte) []byte {
	return append(append(head(record), record...), "}\n"...)
}

// Unseal returns the record of a whole, undamaged line.
func Unseal(line []byte) ([]byte, bool) {
	if len(line) < payloadAt+2 || !bytes.HasSuffix(line, []byte("}\n")) {
		return nil, false
	}
	record := line[payloadAt : len(line)-2]
	return record, bytes.HasPrefix(line, head(record))
}

// readLine returns a line with its end, nil where it is too long, and its size; a
// torn one is io.EOF.
func readLine(r *bufio.Reader) (line []byte, size int64, err error) {
	for {
		part, err := r.ReadSlice('\n')
		if size += int64(len(part)); size > maxLine {
			line = nil
		} else {
			line = append(line, part...)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, size, err
		}
	}
}
