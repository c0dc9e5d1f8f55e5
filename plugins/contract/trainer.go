package contract

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode"

	"github.com/assay-dev/assay/trainer"
	"github.com/assay-dev/assay/trainer/rundir"
)

// TrainerSubject is a trainer and how it can be asked.
type TrainerSubject struct {
	Trainer trainer.Trainer
	// Settings are those of runs that it can train; the checks change the number
	// of steps, and with them the size of batches.
	Settings trainer.Settings
	Dir      string        // an empty folder for runs
	Patience time.Duration // how long a check may take (default a minute)
}

// RunTrainer holds a trainer to its contract. It trains a few small runs.
func RunTrainer(ctx context.Context, s TrainerSubject) []Result {
	return runAll(ctx, s, s.Patience, trainerChecks)
}

var trainerChecks = []check[TrainerSubject]{
	{"it says what it stands on", standsOn},
	{"it trains a run to its end", trainsToTheEnd},
	{"it stops after a step when it is asked to, with a checkpoint", stops},
	{"it goes on from its checkpoint", goesOn},
	{"it trains nothing on pairs that are not the manifest's", otherPairs},
	{"it trains nothing without the model", noModel},
	{"it ends at once when nobody waits for it any more", endsAtOnce},
	{"it trains after all that", trainsAgain},
}

func standsOn(ctx context.Context, s TrainerSubject) error {
	versions, err := s.Trainer.Check(ctx)
	if err != nil {
		return err
	}
	if len(versions) == 0 {
		return errors.New("it names no version of anything")
	}
	for name, version := range versions {
		for _, text := range []string{name, version} {
			if text == "" || len(text) > maxIdentity || strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
				return fmt.Errorf("it names the version %q of %q", version, name)
			}
		}
	}
	return nil
}

// many are more steps than anybody takes before a stop arrives.
const many = 1_000_000

// open makes the run of a name, so many steps long.
func (s TrainerSubject) open(name string, steps int) (*rundir.Directory, error) {
	set := s.Settings
	set.MaxSteps, set.HeldOut, set.BatchSize, set.MicroBatchSize = steps, 0, 2, 1
	set.SaveSteps, set.LoggingSteps = many, 1 // a checkpoint is there for the stop alone
	run, err := set.Run("contract")
	if err != nil {
		return nil, err
	}
	run.Trainer = "contract"
	return rundir.Open(filepath.Join(s.Dir, name), run, &somePairs{})
}

// somePairs are pairs that differ in a line.
type somePairs struct{ given int }

func (p *somePairs) Next() (trainer.Pair, error) {
	if p.given == 4 {
		return trainer.Pair{}, io.EOF
	}
	p.given++
	n := p.given
	return trainer.NewPair(fmt.Sprint(n), fmt.Sprintf("Add %d.\n", n),
		fmt.Sprintf("def add(a):\n    return a + %d\n", n), fmt.Sprintf("def add(a):\n    return a - %d\n", n))
}

// train trains a directory, and hands each event to listen.
func (s TrainerSubject) train(ctx context.Context, d *rundir.Directory, stop <-chan struct{}, listen func(trainer.Event)) error {
	return d.Train(ctx, s.Trainer, trainer.Job{Stop: stop, Event: listen, Say: func(string) {}})
}

func trainsToTheEnd(ctx context.Context, s TrainerSubject) error { return s.whole(ctx, "whole") }

func trainsAgain(ctx context.Context, s TrainerSubject) error { return s.whole(ctx, "again") }

// whole trains a run to its end.
func (s TrainerSubject) whole(ctx context.Context, name string) error {
	const steps = 3
	d, err := s.open(name, steps)
	if err != nil {
		return err
	}
	defer d.Close()
	before, err := given(d.Dir)
	if err != nil {
		return err
	}
	var t track
	if err := s.train(ctx, d, nil, t.event); err != nil {
		return err
	}
	if err := errors.Join(t.check(1, steps), left(d.Dir)); err != nil {
		return err
	}
	if after, err := given(d.Dir); err != nil || !bytes.Equal(before, after) {
		return errors.Join(errors.New("it wrote into what it was given: the manifest, the pairs or the config"), err)
	}
	r, err := d.Report()
	switch {
	case err != nil:
		return err
	case r.Result.Step != steps:
		return fmt.Errorf("its result says %d steps, and there were %d", r.Result.Step, steps)
	}
	if _, ok := r.Metrics.Last["loss"]; !ok || r.Metrics.Last["step"] != steps {
		return fmt.Errorf("the last line of %s is of step %v, and has %d figures; loss of step %d is wanted", trainer.MetricsFile, r.Metrics.Last["step"], len(r.Metrics.Last), steps)
	}
	return nil
}

// given is what a trainer reads.
func given(dir string) ([]byte, error) {
	var all []byte
	for _, name := range []string{trainer.ManifestFile, trainer.PairsFile, trainer.ConfigFile} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return nil, err
		}
		all = append(all, text...)
	}
	return all, nil
}

// left says what is missing of a trained model.
func left(dir string) error {
	files, err := os.ReadDir(filepath.Join(dir, rundir.Model))
	if err == nil && len(files) == 0 {
		err = fmt.Errorf("there is nothing in %s", rundir.Model)
	}
	return err
}

// track follows the events of a training.
type track struct {
	started bool
	resumed string
	first   int // step that was told
	last    int
	err     error
}

func (t *track) event(e trainer.Event) {
	switch {
	case t.err != nil:
	case e.Event == trainer.EventStart:
		t.started, t.resumed = true, e.ResumedFrom
	case e.Event != trainer.EventStep:
	case !t.started:
		t.err = errors.New("it tells of a step before its start")
	case t.last != 0 && e.Step != t.last+1, e.Step < 1, e.Step > e.Of:
		t.err = fmt.Errorf("it tells of step %d of %d after step %d", e.Step, e.Of, t.last)
	case e.Loss == nil:
		t.err = fmt.Errorf("it tells of step %d without a loss", e.Step)
	default:
		t.last = e.Step
		if t.first == 0 {
			t.first = e.Step
		}
	}
}

// check says whether all steps were told, from first to last.
func (t *track) check(first, last int) error {
	switch {
	case t.err != nil:
		return t.err
	case t.first != first || t.last != last:
		return fmt.Errorf("it told of steps %d to %d, and steps %d to %d are wanted", t.first, t.last, first, last)
	}
	return nil
}

// stop trains a run until it is stopped at its first step.
func (s TrainerSubject) stop(ctx context.Context, d *rundir.Directory) (*track, *rundir.InterruptedError, error) {
	stop := make(chan struct{})
	t := &track{}
	err := s.train(ctx, d, stop, func(e trainer.Event) {
		if t.event(e); e.Event == trainer.EventStep && stop != nil {
			close(stop)
			stop = nil
		}
	})
	var interrupted *rundir.InterruptedError
	switch {
	case err == nil:
		return t, nil, errors.New("it trained on to the end")
	case !errors.As(err, &interrupted):
		return t, nil, err
	case interrupted.Step == 0:
		return t, nil, errors.New("it kept no checkpoint")
	case interrupted.Step < t.last:
		return t, nil, fmt.Errorf("it told of step %d, and kept step %d", t.last, interrupted.Step)
	}
	return t, interrupted, t.err
}

func stops(ctx context.Context, s TrainerSubject) error {
	d, err := s.open("stopped", many)
	if err != nil {
		return err
	}
	defer d.Close()
	_, _, err = s.stop(ctx, d)
	return err
}

func goesOn(ctx context.Context, s TrainerSubject) error {
	d, err := s.open("stopped", many)
	if err != nil {
		return err
	}
	defer d.Close()
	if d.Resumed == 0 {
		return errors.New("there is no checkpoint to go on from")
	}
	t, _, err := s.stop(ctx, d)
	switch {
	case err != nil:
		return err
	case t.first != d.Resumed+1:
		return fmt.Errorf("from the checkpoint of step %d it goes on with step %d", d.Resumed, t.first)
	case t.resumed != fmt.Sprintf("checkpoint-%d", d.Resumed):
		return fmt.Errorf("it says that it was resumed from %q, which was checkpoint-%d", t.resumed, d.Resumed)
	}
	return nil
}

// refuses trains a run that can't be trained.
func (s TrainerSubject) refuses(ctx context.Context, d *rundir.Directory, what string) error {
	stepped := false
	err := s.train(ctx, d, nil, func(e trainer.Event) { stepped = stepped || e.Event == trainer.EventStep })
	switch {
	case err == nil || stepped:
		return errors.New("it trains on " + what)
	case ctx.Err() != nil:
		return ctx.Err()
	}
	return nil
}

func otherPairs(ctx context.Context, s TrainerSubject) error {
	d, err := s.open("other", 1)
	if err != nil {
		return err
	}
	defer d.Close()
	path := filepath.Join(d.Dir, trainer.PairsFile)
	text, err := os.ReadFile(path)
	if err == nil {
		err = os.WriteFile(path, bytes.Replace(text, []byte("Add 1."), []byte("Add 7."), 1), 0o666)
	}
	if err != nil {
		return err
	}
	return s.refuses(ctx, d, "pairs that are not those of the manifest's pairs_sha256")
}

func noModel(ctx context.Context, s TrainerSubject) error {
	s.Settings.Model = filepath.Join(s.Dir, "no-such-model")
	d, err := s.open("modelless", 1)
	if err != nil {
		return err
	}
	defer d.Close()
	return s.refuses(ctx, d, "a model that is not there")
}

func endsAtOnce(ctx context.Context, s TrainerSubject) error {
	d, err := s.open("ended", many)
	if err != nil {
		return err
	}
	defer d.Close()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	err = s.train(ctx, d, nil, func(e trainer.Event) {
		if e.Event == trainer.EventStep {
			cancel()
		}
	})
	var interrupted *rundir.InterruptedError
	switch {
	case err == nil:
		return errors.New("it trained on to the end")
	case !errors.As(err, &interrupted):
		return err
	}
	return nil
}
