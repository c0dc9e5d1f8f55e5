package run

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/assay-dev/assay/benchmarks/peers"
	"github.com/assay-dev/assay/internal/appendlog"
	"github.com/assay-dev/assay/internal/atomicfile"
)

// ResultsName is the file of records in a results folder: a run writes it at its
// end.
const ResultsName = "results.jsonl"

// The other files of a results folder.
const (
	logName        = "log.jsonl"
	summaryName    = "summary.json"
	candidatesName = "candidates"
	lockName       = ".lock"
)

// Files names what a run left in a folder for people and other programs to read.
func Files(dir string) []string {
	return append([]string{ResultsName, summaryName}, peers.Files(dir)...)
}

// folder is a results folder that this process holds.
type folder struct {
	dir  string
	free func() error // lets go of it
	log  *appendlog.Journal
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
		dir, old.header.Suite, count(len(old.lines), old.header.Total))
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
	case err != nil:
		return f.unreadable(err)
	}
	if what := h.differs(old.header); what != "" {
		return fmt.Errorf("%s holds another run, which differs in %s: name another folder with --out, or start over with --force", f.dir, what)
	}
	if old.damaged > 0 {
		cfg.notice(fmt.Sprintf("%s: %d damaged lines are left out and judged again", f.path(logName), old.damaged))
	}
	f.old = old.lines
	f.log, err = appendlog.Reopen(f.path(logName), old.size)
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
