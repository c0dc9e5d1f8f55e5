package rundir

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/assay-dev/assay/internal/atomicfile"
	"github.com/assay-dev/assay/internal/plainfile"
	"github.com/assay-dev/assay/trainer"
)

// What a trainer leaves in a run directory.
const (
	ResultFile = "result.json"
	Model      = "checkpoint"
	lockFile   = ".train.lock"
)

// maxFile bounds the small files of a run directory.
const maxFile = 16 << 20

// Directory is a run directory that no other process trains in.
type Directory struct {
	Dir      string
	Manifest trainer.Manifest
	Finished bool // it has a result: there is nothing to train
	Resumed  int  // the step of the checkpoint that it goes on from, or 0

	unlock func() error
	grace  time.Duration
}

// Open makes dir the directory of the run: a new one is written, one with
// checkpoints must be of the same run. One that has neither checkpoint nor
// result is written anew, for nothing is lost.
func Open(dir string, run trainer.Run, pairs trainer.Source) (*Directory, error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, err
	}
	d := &Directory{Dir: dir, grace: Grace}
	var err error
	d.unlock, err = atomicfile.TryLock(d.path(lockFile))
	switch {
	case errors.Is(err, atomicfile.ErrLocked):
		return nil, fmt.Errorf("%s: another assay train is at work there", dir)
	case err != nil:
		return nil, err
	}
	if err := d.open(run, pairs); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

// Close lets others train here.
func (d *Directory) Close() error { return d.unlock() }

func (d *Directory) open(run trainer.Run, pairs trainer.Source) error {
	if err := d.ownCard(); err != nil {
		return err
	}
	was, err := d.read(trainer.ManifestFile)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	known := err == nil
	if _, err := os.Stat(d.path(ResultFile)); err == nil {
		d.Finished = known
	}
	d.Resumed = d.lastCheckpoint()
	if known && (d.Finished || d.Resumed > 0) {
		return d.same(was, run, pairs)
	}
	if known {
		if err := os.Remove(d.path(trainer.ManifestFile)); err != nil {
			return err
		}
	}
	d.Manifest, err = run.Write(d.Dir, pairs)
	return err
}

// same says in what the run that the directory holds differs from this one.
func (d *Directory) same(was []byte, run trainer.Run, pairs trainer.Source) error {
	if err := json.Unmarshal(was, &d.Manifest); err != nil {
		return fmt.Errorf("%s: %w", d.path(trainer.ManifestFile), err)
	}
	wasConfig, err := d.read(trainer.ConfigFile)
	if err != nil {
		return err
	}
	now, _, err := run.Plan(pairs)
	if err != nil {
		return err
	}
	now.Assay = d.Manifest.Assay // a newer assay goes on with what an older one began
	isNow, err := json.Marshal(now)
	if err != nil {
		return err
	}
	for _, file := range []struct {
		name    string
		was, is []byte
	}{{trainer.ManifestFile, was, isNow}, {trainer.ConfigFile, wasConfig, run.Config}} {
		member, before, after, err := difference(file.was, file.is)
		switch {
		case err != nil:
			return fmt.Errorf("%s: %w", d.path(file.name), err)
		case member == "assay" || member == "":
		default:
			return fmt.Errorf("%s holds another run: its %s says %s is %s, and now it is %s: ask for the same, or name another --out", d.Dir, file.name, member, before, after)
		}
	}
	return nil
}

// difference returns the first member, by name, in which two objects differ.
func difference(was, is []byte) (member, before, after string, err error) {
	var a, b map[string]json.RawMessage
	if err := errors.Join(json.Unmarshal(was, &a), json.Unmarshal(is, &b)); err != nil {
		return "", "", "", err
	}
	for name := range a {
		if _, ok := b[name]; !ok {
			b[name] = json.RawMessage("nothing")
		}
	}
	for name, value := range b {
		x, y := compact(a[name]), compact(value)
		if x != y && name != "assay" && (member == "" || name < member) {
			member, before, after = name, cut(x), cut(y)
		}
	}
	return member, before, after, nil
}

func compact(value json.RawMessage) string {
	var b bytes.Buffer
	if json.Compact(&b, value) != nil {
		return "nothing"
	}
	return b.String()
}

// lastCheckpoint is the step of the last whole checkpoint, or 0.
func (d *Directory) lastCheckpoint() int {
	steps, _ := trainer.CheckpointSteps(d.Dir)
	if len(steps) == 0 {
		return 0
	}
	return steps[len(steps)-1]
}

func (d *Directory) path(name string) string { return filepath.Join(d.Dir, name) }

// read reads a small file.
func (d *Directory) read(name string) ([]byte, error) {
	return plainfile.Read(context.Background(), d.path(name), maxFile)
}
