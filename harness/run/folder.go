package run

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"

	"github.com/assay-dev/assay/benchmarks/peers"
	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/internal/appendlog"
	"github.com/assay-dev/assay/internal/atomicfile"
	"github.com/assay-dev/assay/internal/jsonl"
	"github.com/assay-dev/assay/internal/plainfile"
)

// ResultsName is the file of records in a results folder: a run writes it at its
// end.
const ResultsName = "results.jsonl"

// The other files of a results folder.
const (
	logName        = "log.jsonl"
	summaryName    = "summary.json"
	bestName       = "best.jsonl" // records of the programs that Plan.judged says
	candidatesName = "candidates"
	lockName       = ".lock"
)

// Files names what a run left in a folder for people and other programs to read.
func Files(dir string) []string {
	names := []string{ResultsName, summaryName}
	if _, err := os.Lstat(filepath.Join(dir, bestName)); err == nil {
		names = append(names, bestName)
	}
	return append(names, peers.Files(dir)...)
}

// folder is a results folder that this process holds.
type folder struct {
	dir  string
	free func() error // lets go of it
	log  *appendlog.Log
	old  [][]byte // records that the log held already
}

// claim takes a results folder for the run that h describes: a new one, or the
// same run's to be resumed. A folder of another run is refused.
func claim(cfg Config, h header) (*folder, error) {
	if err := os.MkdirAll(cfg.Dir, 0o755); err != nil {
		return nil, fmt.Errorf("making the results folder: %w; name another with --out", err)
	}
	f := &folder{dir: cfg.Dir}
	var err error
	f.free, err = atomicfile.TryLock(f.path(lockName))
	switch {
	case errors.Is(err, atomicfile.ErrLocked):
		return nil, fmt.Errorf("another process is writing to %s: wait for it, or name another folder with --out", cfg.Dir)
	case err != nil:
		return nil, fmt.Errorf("locking the results folder: %w; name another with --out", err)
	}
	if err := f.open(cfg, h); err != nil {
		f.close()
		return nil, err
	}
	return f, nil
}

// Vacant says, before anything dear is made, whether a fresh run may have dir.
func Vacant(dir string) error {
	f := &folder{dir: dir}
	old, err := readLog(f.path(logName))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return f.unreadable(err)
	}
	return fmt.Errorf("%s holds a run already (of %s, %s judged): go on with --resume, start over with --force, or name another folder with --out",
		dir, old.header.Suite, count(min(len(old.lines), old.header.Total), old.header.Total))
}

func (f *folder) unreadable(err error) error {
	return fmt.Errorf("%s: %w: start over with --force, or name another folder with --out", f.path(logName), err)
}

func (f *folder) open(cfg Config, h header) error {
	if cfg.Mode == Force {
		return f.start(h, cfg.Mode)
	}
	if cfg.Mode == Fresh {
		if err := Vacant(f.dir); err != nil {
			return err
		}
	}
	old, err := readLog(f.path(logName))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return f.start(h, cfg.Mode)
	case errors.Is(err, errNoHeader) && len(old.lines) > 0:
		return f.mend(cfg, h, old)
	case err != nil:
		return f.unreadable(err)
	}
	if what := h.differs(old.header); what != "" {
		return fmt.Errorf("%s holds another run, which differs in %s: name another folder with --out, or start over with --force", f.dir, what)
	}
	f.take(cfg, old)
	f.log, err = appendlog.Reopen(f.path(logName), old.size)
	return err
}

// take takes over the records of a log.
func (f *folder) take(cfg Config, old *logged) {
	f.old = old.lines
	if old.damaged > 0 {
		cfg.Progress.Notice(fmt.Sprintf("%s: %d damaged lines are left out and judged again", f.path(logName), old.damaged))
	}
}

// mend goes on with a log whose first line can't be read: each record has an
// identity of its own, by which those of this run are known.
func (f *folder) mend(cfg Config, h header, old *logged) error {
	f.take(cfg, old)
	first, err := jsonl.Marshal(h)
	if err != nil {
		return err
	}
	parts := [][]byte{appendlog.Seal(first)}
	for _, line := range old.lines {
		parts = append(parts, appendlog.Seal(line))
	}
	size := 0
	for _, part := range parts {
		size += len(part)
	}
	if err := atomicfile.Write(f.path(logName), parts...); err != nil {
		return err
	}
	f.log, err = appendlog.Reopen(f.path(logName), int64(size))
	return err
}

// start begins a log. Results that lie there without one are not ours to
// overwrite unless that was asked for.
func (f *folder) start(h header, mode Mode) error {
	for _, name := range Files(f.dir) {
		_, err := os.Lstat(f.path(name))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if mode != Force {
			return fmt.Errorf("%s is there, without the log of its run: name another folder with --out, or overwrite it with --force", f.path(name))
		}
		if err := os.Remove(f.path(name)); err != nil {
			return fmt.Errorf("starting over: %w", err)
		}
	}
	var err error
	f.log, err = createLog(f.path(logName), h)
	return err
}

func (f *folder) path(name string) string { return filepath.Join(f.dir, name) }

func (f *folder) close() error {
	var err error
	if f.log != nil {
		err = f.log.Close()
	}
	return errors.Join(err, f.free())
}

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
	case h.Options.PythonName() != other.Options.PythonName():
		return fmt.Sprintf("the Python that programs are held to (--python %s there, %s here)", other.Options.PythonName(), h.Options.PythonName())
	case h.Options != other.Options:
		return "the options (fuel, memory, compat or input sets)"
	case h.Work != other.Work:
		return fmt.Sprintf("the samples (%d there, %d here) or the selection of tasks", other.Total, h.Total)
	}
	return ""
}

func createLog(path string, h header) (*appendlog.Log, error) {
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
	torn    bool     // its first line, which would be the header, can't be read
	damaged int      // lines whose checksum is wrong
	size    int64    // bytes up to the end of the last whole line
}

// errNoHeader says that a log has no readable first line.
var errNoHeader = errors.New("its first line is damaged")

func readLog(path string) (*logged, error) {
	out := &logged{}
	size, err := appendlog.Read(path, func(l appendlog.Line) error {
		switch {
		case l.At == 0:
			if out.torn = json.Unmarshal(l.Record, &out.header) != nil; out.torn {
				out.damaged++
			}
		case l.Record == nil:
			out.damaged++
		default:
			out.lines = append(out.lines, l.Record)
		}
		return nil
	})
	if err == nil && (size == 0 || out.torn) {
		err = errNoHeader
	}
	out.size = size
	return out, err
}

func decodeRecord(line []byte) (harness.Record, error) {
	var r harness.Record
	if err := json.Unmarshal(line, &r); err != nil {
		return r, fmt.Errorf("it is no record: %w", err)
	}
	if err := jsonl.Unique(line); err != nil {
		return r, err
	}
	if r.Version != harness.RecordVersion {
		return r, fmt.Errorf("record of version %d; this assay reads %d", r.Version, harness.RecordVersion)
	}
	if !r.Verdict.Known() || r.TaskID == "" || r.Sample < 0 {
		return r, errors.New("it is no record: it has no task, no sample or no verdict that there is")
	}
	return r, nil
}

// maxCandidate bounds one program that is read back, in bytes.
const maxCandidate = 64 << 20

// candidates is the folder of programs, each named for its sha-256: what show
// and verify read.
type candidates string

func (c candidates) path(sha string) string { return filepath.Join(string(c), sha+".py") }

func (c candidates) write(p *Plan) error {
	if err := os.MkdirAll(string(c), 0o755); err != nil {
		return fmt.Errorf("keeping the candidates: %w", err)
	}
	// A resumed run is given the samples again, and a torn file is known by its
	// sha-256.
	unsynced := atomicfile.Options{Unsynced: true}
	for _, t := range p.tasks {
		for _, g := range t.groups {
			if _, err := c.read(g.candidate); err == nil {
				continue
			}
			if err := unsynced.Write(c.path(g.candidate), []byte(g.solution)); err != nil {
				return fmt.Errorf("keeping the candidates: %w", err)
			}
		}
	}
	return nil
}

var shaPattern = regexp.MustCompile(`^[0-9a-f]{64}$`)

// read returns a program, if it is the one that its name says.
func (c candidates) read(sha string) (string, error) {
	if !shaPattern.MatchString(sha) {
		return "", fmt.Errorf("%q is not a sha-256", sha)
	}
	dir, name := filepath.Split(string(c))
	data, err := plainfile.ReadIn(context.Background(), filepath.Clean(dir), filepath.Join(name, sha+".py"), maxCandidate)
	if err != nil {
		return "", err
	}
	if hashOf(string(data)) != sha {
		return "", fmt.Errorf("%s: its sha-256 is another: the file was changed", c.path(sha))
	}
	return string(data), nil
}
