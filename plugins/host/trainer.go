package host

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"sync"

	"github.com/assay-dev/assay/plugins/sdk/trainer"
	"github.com/assay-dev/assay/plugins/sdk/wire"
)

// Trainer is a trainer that is a plugin. It trains one run at a time.
type Trainer struct {
	*keeper
	log *relay
}

// OpenTrainer starts the plugin. The caller closes it.
func OpenTrainer(ctx context.Context, c Config) (*Trainer, error) {
	c.Kind = wire.Trainer
	log := &relay{name: c.Name, idle: c.Log}
	c.Log = log
	k, err := keep(ctx, c)
	if err != nil {
		return nil, err
	}
	return &Trainer{k, log}, nil
}

// Check asks the plugin what it stands on.
func (t *Trainer) Check(ctx context.Context) (map[string]string, error) {
	versions, _, err := ask(ctx, t.keeper, t.config.AnswerTimeout, (*wire.TrainerClient).Check)
	return versions, err
}

// Train has the plugin train. What it prints meanwhile is said. When ctx is done
// its process is ended.
func (t *Trainer) Train(ctx context.Context, job trainer.Job) error {
	p, err := t.running(ctx)
	if err == nil {
		job.Dir, err = filepath.Abs(job.Dir) // it runs in a folder of its own
	}
	if err != nil {
		return err
	}
	defer t.log.to(job.Say)()
	defer context.AfterFunc(ctx, func() { p.end("it was told to end at once") })()
	told := job.Event
	job.Event = func(e trainer.Event) {
		for _, text := range []*string{&e.Event, &e.Error, &e.Device, &e.Precision, &e.ResumedFrom} {
			*text = p.sink.redact.Line(*text, maxLine)
		}
		told(e)
	}
	err = p.ask.(*wire.TrainerClient).Train(ctx, job)
	switch {
	case err == nil, errors.Is(err, trainer.ErrStopped):
		t.backoff.answered()
		return err
	case ctx.Err() != nil:
		t.drop(p) // so that nobody writes into the directory any more
		return ctx.Err()
	case errors.Is(err, wire.ErrNoResult):
		return fmt.Errorf("plugin %s: %w%s", p.config.Name, err, p.sink.said())
	}
	return p.failure(ctx, err)
}

// relay passes on what a plugin prints to whoever listens at the time.
type relay struct {
	name string
	idle io.Writer // when nobody does; may be nil

	mu  sync.Mutex
	say func(string)
}

func (r *relay) Write(line []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.say != nil:
		r.say(strings.TrimPrefix(string(line), r.name+": ")) // it is the only one that trains
	case r.idle != nil:
		return r.idle.Write(line)
	}
	return len(line), nil
}

// to has say listen until end.
func (r *relay) to(say func(string)) (end func()) {
	set := func(say func(string)) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.say = say
	}
	set(say)
	return func() { set(nil) }
}
