package run

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"

	"github.com/zeebo/xxh3"

	"assay/harness"
)

// logVersion is the version of log.jsonl's form.
const logVersion = 1

// syncEvery is how many records are written between two calls of fsync. Each
// record goes out in one write, so the death of the process loses none that
// were judged; a power failure loses at most so many, which are judged again.
const syncEvery = 64

// maxLine bounds one line of the log when it is read back, in bytes.
const maxLine = 64 << 20

// header is the first line of the log: what makes two runs the same run.
type header struct {
	Log     int       `json:"log"`
	Suite   SuiteID   `json:"suite"`
	Runtime RuntimeID `json:"runtime"`
	Options Options   `json:"options"`
	Work    string    `json:"work"` // plan.work
	Total   int       `json:"total"`
}

// differs names what sets two runs apart; "" when nothing does.
func (h header) differs(other header) string {
	switch {
	case h.Log != other.Log:
		return "the version of the log"
	case h.Suite != other.Suite:
		return fmt.Sprintf("the suite (%s there, %s here)", other.Suite, h.Suite)
	case h.Runtime != other.Runtime:
		return fmt.Sprintf("the runtime (%s there, %s here)", other.Runtime.Name, h.Runtime.Name)
	case h.Options != other.Options:
		return "the options (fuel, memory, compat or input sets)"
	case h.Work != other.Work:
		return fmt.Sprintf("the samples (%d there, %d here) or the selection of tasks", other.Total, h.Total)
	}
	return ""
}

// runLog appends lines that carry a checksum: {"sum":"<xxh3>","data":<json>}.
type runLog struct {
	file     *os.File
	unsynced int
}

func sumLine(payload []byte) []byte {
	line := fmt.Appendf(nil, `{"sum":"%016x","data":`, xxh3.Hash(payload))
	line = append(line, payload...)
	return append(line, "}\n"...)
}

const (
	sumPrefix  = `{"sum":"`
	dataPrefix = `","data":`
	payloadAt  = len(sumPrefix) + 16 + len(dataPrefix)
)

// openLine returns the payload of a whole, undamaged line.
func openLine(line []byte) ([]byte, bool) {
	if len(line) < payloadAt+2 || !bytes.HasPrefix(line, []byte(sumPrefix)) || !bytes.HasSuffix(line, []byte("}\n")) {
		return nil, false
	}
	sum, err := strconv.ParseUint(string(line[len(sumPrefix):len(sumPrefix)+16]), 16, 64)
	payload := line[payloadAt : len(line)-2]
	return payload, err == nil && xxh3.Hash(payload) == sum
}

func createLog(path string, h header) (*runLog, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return nil, err
	}
	l := &runLog{file: f}
	data, err := encode(h)
	if err == nil {
		err = l.append(data)
	}
	if err == nil {
		err = l.sync()
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("starting the log: %w; make room, or name another folder with --out", err)
	}
	return l, nil
}

// reopenLog opens a log to go on after its first size bytes: what follows is
// the torn end of a line.
func reopenLog(path string, size int64) (*runLog, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return nil, err
	}
	if err := f.Truncate(size); err != nil {
		f.Close()
		return nil, err
	}
	return &runLog{file: f}, nil
}

func (l *runLog) append(payload []byte) error {
	if _, err := l.file.Write(sumLine(payload)); err != nil {
		return err
	}
	if l.unsynced++; l.unsynced >= syncEvery {
		return l.sync()
	}
	return nil
}

func (l *runLog) sync() error {
	l.unsynced = 0
	return l.file.Sync()
}

func (l *runLog) close() error {
	return errors.Join(l.sync(), l.file.Close())
}

// logged is what a log holds.
type logged struct {
	header  header
	lines   [][]byte // records, as written
	damaged int      // lines whose checksum is wrong
	size    int64    // bytes up to the end of the last whole line
}

// errNoHeader says that a log has no readable first line.
var errNoHeader = errors.New("its first line is damaged")

func readLog(path string) (*logged, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	out, r := &logged{}, bufio.NewReaderSize(f, 1<<20)
	for first := true; ; first = false {
		line, err := readLine(r)
		if errors.Is(err, io.EOF) && !first {
			return out, nil
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
		payload, ok := openLine(line)
		if first {
			if !ok || json.Unmarshal(payload, &out.header) != nil {
				return nil, errNoHeader
			}
		} else if ok {
			out.lines = append(out.lines, payload)
		} else {
			out.damaged++
		}
		out.size += int64(len(line))
	}
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

// encode writes JSON as all files of a run have it: one line, no HTML escapes.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

func decodeRecord(line []byte) (harness.Record, error) {
	var r harness.Record
	if err := json.Unmarshal(line, &r); err != nil {
		return r, err
	}
	if r.Version != harness.RecordVersion {
		return r, fmt.Errorf("record of version %d; this assay reads %d", r.Version, harness.RecordVersion)
	}
	return r, nil
}
