package run

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/internal/appendlog"
	"github.com/assay-dev/assay/internal/jsonl"
)

// logVersion is the version of log.jsonl's form.
const logVersion = 1

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

func createLog(path string, h header) (*appendlog.Journal, error) {
	l, err := appendlog.Create(path)
	if err != nil {
		return nil, err
	}
	data, err := jsonl.Marshal(h)
	if err == nil {
		err = l.Append(data)
	}
	if err == nil {
		err = l.Sync()
	}
	if err != nil {
		return nil, fmt.Errorf("starting the log: %w; make room, or name another folder with --out", errors.Join(err, l.Close()))
	}
	return l, nil
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
	out := &logged{}
	size, err := appendlog.Read(path, func(l appendlog.Line) error {
		switch {
		case l.At == 0 && json.Unmarshal(l.Record, &out.header) != nil:
			return errNoHeader
		case l.At == 0:
		case l.Record == nil:
			out.damaged++
		default:
			out.lines = append(out.lines, l.Record)
		}
		return nil
	})
	if err == nil && size == 0 {
		err = errNoHeader
	}
	if err != nil {
		return nil, err
	}
	out.size = size
	return out, nil
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
