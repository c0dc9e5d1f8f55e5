package appendlog

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"

	"github.com/zeebo/xxh3"
)

// maxLine bounds one line when it is read back, in bytes.
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

// readLine returns a line with its end; a torn one is io.EOF.
func readLine(r *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		line = append(line, part...)
		if len(line) > maxLine {
			return nil, fmt.Errorf("a line is longer than %d bytes", maxLine)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, err
		}
	}
}
