package host

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/assay-dev/assay/plugins/contract"
	"github.com/assay-dev/assay/plugins/contract/contracttest"
	"github.com/assay-dev/assay/plugins/sdk/wire"
	"github.com/assay-dev/assay/trainer"
	"github.com/assay-dev/assay/trainer/rundir"
)

// counter is a trainer that misbehaves at its first step.
type counter struct {
	contracttest.Counter
	how string
}

func newCounter(how string) counter {
	c := counter{how: how}
	c.Each = c.misbehave
	if how == "result" {
		c.Breaks = how
	}
	return c
}

func (c counter) Check(ctx context.Context) (map[string]string, error) {
	if c.how == "absent" {
		return nil, fmt.Errorf("no numbers here, %s", os.Getenv("GRANTED_KEY"))
	}
	return c.Counter.Check(ctx)
}

func (c counter) misbehave(ctx context.Context, job trainer.Job) error {
	switch c.how {
	case "panic":
		panic("no such kernel, " + os.Getenv("GRANTED_KEY"))
	case "failing":
		job.Event(trainer.Event{Event: trainer.EventFailed, Error: "no memory for " + os.Getenv("GRANTED_KEY")})
		return errors.New("it failed")
	case "flood":
		job.Event(trainer.Event{Event: "odd", Device: strings.Repeat("x", wire.MaxMessage)})
	case "chatter":
		job.Say("said " + os.Getenv("GRANTED_KEY"))
		fmt.Println("printed")
	case "endless": // events without an end
		for ctx.Err() == nil {
			job.Event(trainer.Event{Event: "odd", Device: strings.Repeat("x", 1<<10)})
			select {
			case <-job.Stop:
				return nil
			default:
			}
		}
	case "deaf":
		<-ctx.Done()
		select {}
	case "hang":
		stop()
		select {} // it may take effect a little later
	}
	return nil
}

func openTrainer(t *testing.T, how string) *Trainer {
	t.Helper()
	c := behaving(t, "trainer", how)
	c.HealthEvery, c.HealthTimeout = 100*time.Millisecond, 2*time.Second
	p, err := OpenTrainer(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close() })
	return p
}

func settings(t *testing.T) trainer.Settings {
	t.Helper()
	s := trainer.Paper()
	s.Model = t.TempDir()
	return s
}

func TestTrainerContract(t *testing.T) {
	s := contract.TrainerSubject{Trainer: openTrainer(t, "well"), Settings: settings(t), Dir: t.TempDir()}
	if err := contracttest.Failed(contract.RunTrainer(t.Context(), s)); err != nil {
		t.Error(err)
	}
}

// onePair is all that is trained on.
type onePair struct{ given bool }

func (p *onePair) Next() (trainer.Pair, error) {
	if p.given {
		return trainer.Pair{}, io.EOF
	}
	p.given = true
	return trainer.NewPair("a", "Add.\n", "a + b\n", "a - b\n")
}

// runOf is a run of two steps.
func runOf(t *testing.T) *rundir.Directory {
	t.Helper()
	s := settings(t)
	s.MaxSteps = 2
	run, err := s.Run("test")
	if err != nil {
		t.Fatal(err)
	}
	d, err := rundir.Open(t.TempDir(), run, &onePair{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d
}

// Whatever a trainer does instead of training is said, without its secrets, and
// no run is finished by it.
func TestTrainerFailures(t *testing.T) {
	for how, want := range map[string]string{
		"panic":   "the trainer failed: plugin test ended while it was asked: exit status 2; it said: panic: no such kernel, [GRANTED_KEY]",
		"failing": "the trainer failed: plugin test failed: it failed: no memory for [GRANTED_KEY]",
		"flood":   "the trainer failed: plugin test wrote too much: ",
		"hang":    "the trainer failed: plugin test ended while it was asked: it did not answer for its health twice in a row",
		"result":  "the trainer ended without a result.json",
	} {
		t.Run(how, func(t *testing.T) {
			d := runOf(t)
			err := d.Train(t.Context(), openTrainer(t, how), trainer.Job{Event: func(trainer.Event) {}, Say: func(string) {}})
			if err == nil || !strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), key) || d.Finished {
				t.Errorf("got %v, want %s", err, want)
			}
		})
	}
}

// Events without an end are passed on until they are stopped; a trainer that
// hears nothing is ended with its process.
func TestTrainerWithoutEnd(t *testing.T) {
	for how, listens := range map[string]bool{"endless": true, "deaf": false} {
		t.Run(how, func(t *testing.T) {
			p := openTrainer(t, how)
			ctx, cancel := context.WithCancel(t.Context())
			stop := make(chan struct{})
			seen := 0
			err := runOf(t).Train(ctx, p, trainer.Job{Stop: stop, Say: func(string) {}, Event: func(e trainer.Event) {
				seen++
				switch {
				case !listens && e.Event == trainer.EventStep:
					close(stop)
					cancel() // the second Ctrl-C
				case listens && seen == 5000:
					close(stop)
				}
			}})
			var interrupted *rundir.InterruptedError
			if !errors.As(err, &interrupted) {
				t.Errorf("got %v", err)
			}
			if _, err := p.Check(t.Context()); err != nil && !strings.Contains(err.Error(), "is started again in") {
				t.Errorf("afterwards: %v", err)
			}
		})
	}
}

// What a trainer prints while it trains is said, and not before.
func TestTrainerSays(t *testing.T) {
	said := make(chan string, 100)
	err := runOf(t).Train(t.Context(), openTrainer(t, "chatter"), trainer.Job{Event: func(trainer.Event) {}, Say: func(line string) { said <- line }})
	if err != nil {
		t.Fatal(err)
	}
	close(said)
	for line := range said {
		if line != "said [GRANTED_KEY]" && line != "printed" {
			t.Errorf("%q", line)
		}
	}
}

func TestTrainerIsAbsent(t *testing.T) {
	if _, err := openTrainer(t, "absent").Check(t.Context()); err == nil || err.Error() != "plugin test failed: no numbers here, [GRANTED_KEY]" {
		t.Errorf("got %v", err)
	}
}
