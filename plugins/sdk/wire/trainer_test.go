package wire

import (
	"context"
	"errors"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"

	trainerv1 "github.com/assay-dev/assay/plugins/sdk/proto/trainer/v1"
	"github.com/assay-dev/assay/plugins/sdk/trainer"
)

// trains is a trainer that does as it is written.
type trains func(ctx context.Context, job trainer.Job) error

func (trains) Check(context.Context) (map[string]string, error) {
	return map[string]string{"torch": "2.15.0", "x\xff": "1"}, nil
}

func (f trains) Train(ctx context.Context, job trainer.Job) error { return f(ctx, job) }

func connectTrainer(t *testing.T, f trains) *TrainerClient {
	t.Helper()
	return connect(t, Trainer, ServeTrainer(f, "id", func(string) {})).(*TrainerClient)
}

func listen(events *[]trainer.Event) func(trainer.Event) {
	return func(e trainer.Event) { *events = append(*events, e) }
}

// What a trainer tells comes out as it went in, and so does how it ends.
func TestTrainThere(t *testing.T) {
	x, y := 0.5, math.Inf(-1)
	want := []trainer.Event{
		{Event: trainer.EventStart, Device: "cpu", Precision: "float32", Pairs: 3, HeldOut: 1, TooLong: 2, ResumedFrom: "checkpoint-7"},
		{Event: trainer.EventStep, Step: 1, Of: 2, Loss: &x, Accuracy: &y, Margin: &x, Rate: 1000},
		{Event: trainer.EventEvaluation, Step: 2, HeldLoss: &x, HeldRight: &x, HeldMargin: &y},
		{Event: trainer.EventFailed, Error: "é"},
	}
	end := errors.New("no kernel")
	c := connectTrainer(t, func(_ context.Context, job trainer.Job) error {
		if job.Dir != "/run" {
			t.Errorf("directory %q", job.Dir)
		}
		for _, e := range want {
			job.Event(e)
		}
		return end
	})
	for _, tt := range []struct {
		gives error
		want  string
	}{{nil, ""}, {trainer.ErrStopped, trainer.ErrStopped.Error()}, {errors.New("no kernel"), "rpc error: code = Unknown desc = no kernel"}} {
		end = tt.gives
		var got []trainer.Event
		err := c.Train(t.Context(), trainer.Job{Dir: "/run", Event: listen(&got)})
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if (err == nil) != (tt.want == "") || err != nil && err.Error() != tt.want {
			t.Errorf("got %v, want %q", err, tt.want)
		}
	}
	versions, err := c.Check(t.Context())
	if diff := cmp.Diff(map[string]string{"torch": "2.15.0", "x\uFFFD": "1"}, versions); diff != "" || err != nil {
		t.Errorf("%v %s", err, diff)
	}
	if id, err := c.Identity(t.Context()); id != "id" || err != nil {
		t.Errorf("%q %v", id, err)
	}
}

// A stop reaches the run that it is for, whenever it comes, and no later one.
func TestTrainStops(t *testing.T) {
	c := connectTrainer(t, func(ctx context.Context, job trainer.Job) error {
		job.Event(trainer.Event{Event: trainer.EventStart})
		if job.Dir == "short" {
			return nil
		}
		select {
		case <-job.Stop:
			return trainer.ErrStopped
		case <-ctx.Done():
			return ctx.Err()
		}
	})
	before := make(chan struct{})
	close(before)
	during := make(chan struct{})
	for _, tt := range []struct {
		dir  string
		stop chan struct{}
		want error
	}{{"long", before, trainer.ErrStopped}, {"short", before, nil}, {"long", during, trainer.ErrStopped}, {"short", nil, nil}} {
		err := c.Train(t.Context(), trainer.Job{Dir: tt.dir, Stop: tt.stop, Event: func(trainer.Event) {
			if tt.stop == during {
				close(during)
			}
		}})
		if !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.dir, err, tt.want)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	if err := c.Train(ctx, trainer.Job{Dir: "long", Event: func(trainer.Event) { cancel() }}); err == nil || errors.Is(err, trainer.ErrStopped) {
		t.Errorf("given up: %v", err)
	}
}

// FuzzEvent reads whatever a plugin may write: its counts count.
func FuzzEvent(f *testing.F) {
	text, err := proto.Marshal(&trainerv1.Event{Event: "step", Step: -1, Of: math.MaxInt64, Figures: map[string]float64{"loss": math.NaN(), "tokens_per_second": math.Inf(1), "x": 1}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Fuzz(func(t *testing.T, text []byte) {
		var e trainerv1.Event
		if proto.Unmarshal(text, &e) != nil {
			return
		}
		out := fromEvent(&e)
		for _, n := range []int{out.Step, out.Of, out.Pairs, out.HeldOut, out.TooLong} {
			if n < 0 || n > 1e9 {
				t.Errorf("%+v", out)
			}
		}
		if !(out.Rate >= 0 && out.Rate < 1e12) {
			t.Errorf("rate %v", out.Rate)
		}
	})
}
