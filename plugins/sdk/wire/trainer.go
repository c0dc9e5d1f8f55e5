package wire

import (
	"context"
	"errors"
	"io"
	"sync"

	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	trainerv1 "github.com/assay-dev/assay/plugins/sdk/proto/trainer/v1"
	"github.com/assay-dev/assay/plugins/sdk/trainer"
)

// ServeTrainer is a trainer as a plugin offers it, by version. What it says is
// given to say.
func ServeTrainer(t trainer.Trainer, identity string, say func(string)) map[int]plugin.PluginSet {
	return set(Trainer, &Plugin{Serve: func(s grpc.ServiceRegistrar) {
		trainerv1.RegisterTrainerServer(s, &trainerServer{trainer: t, identity: identity, say: say, stops: make(map[uint64]chan struct{})})
	}})
}

type trainerServer struct {
	trainerv1.UnimplementedTrainerServer
	trainer  trainer.Trainer
	identity string
	say      func(string)

	mu      sync.Mutex
	stopped uint64                   // this run and those before are to stop
	stops   map[uint64]chan struct{} // of the runs under way
}

func (s *trainerServer) Describe(context.Context, *trainerv1.DescribeRequest) (*trainerv1.DescribeResponse, error) {
	return &trainerv1.DescribeResponse{Identity: s.identity}, nil
}

func (s *trainerServer) Check(ctx context.Context, _ *trainerv1.CheckRequest) (*trainerv1.CheckResponse, error) {
	versions, err := s.trainer.Check(ctx)
	if err != nil {
		return nil, failed(ctx, err)
	}
	out := make(map[string]string)
	for name, version := range versions {
		out[valid(name)] = valid(version)
	}
	return &trainerv1.CheckResponse{Versions: out}, nil
}

func (s *trainerServer) Train(r *trainerv1.TrainRequest, stream grpc.ServerStreamingServer[trainerv1.TrainResponse]) error {
	ctx, cancel := context.WithCancelCause(stream.Context())
	defer cancel(nil)
	stop := s.begin(r.Run)
	defer s.end(r.Run)
	var sending sync.Mutex
	err := s.trainer.Train(ctx, trainer.Job{Dir: r.Directory, Stop: stop, Say: s.say, Event: func(e trainer.Event) {
		sending.Lock()
		defer sending.Unlock()
		if err := stream.Send(&trainerv1.TrainResponse{Message: &trainerv1.TrainResponse_Event{Event: toEvent(e)}}); err != nil {
			cancel(err) // nobody listens any more
		}
	}})
	stopped := errors.Is(err, trainer.ErrStopped)
	if err != nil && !stopped {
		return failed(ctx, err)
	}
	return stream.Send(&trainerv1.TrainResponse{Message: &trainerv1.TrainResponse_Result{Result: &trainerv1.Result{Stopped: stopped}}})
}

func (s *trainerServer) begin(run uint64) <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	stop := make(chan struct{})
	if run <= s.stopped {
		close(stop)
	} else {
		s.stops[run] = stop
	}
	return stop
}

func (s *trainerServer) end(run uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.stops, run)
}

func (s *trainerServer) Stop(_ context.Context, r *trainerv1.StopRequest) (*trainerv1.StopResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stopped = max(s.stopped, r.Run)
	for run, stop := range s.stops {
		if run <= s.stopped {
			close(stop)
			delete(s.stops, run)
		}
	}
	return &trainerv1.StopResponse{}, nil
}

// failed is an error as a status: its words.
func failed(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return status.FromContextError(ctx.Err()).Err()
	}
	return status.Error(codes.Unknown, valid(err.Error()))
}

func newTrainerClient(c grpc.ClientConnInterface) *TrainerClient {
	return &TrainerClient{rpc: trainerv1.NewTrainerClient(c)}
}

// TrainerClient asks a trainer on the other side.
type TrainerClient struct {
	rpc trainerv1.TrainerClient

	mu   sync.Mutex
	runs uint64
}

// Identity asks what trains.
func (c *TrainerClient) Identity(ctx context.Context) (string, error) {
	out, err := c.rpc.Describe(ctx, &trainerv1.DescribeRequest{})
	return out.GetIdentity(), err
}

// Check asks what it stands on.
func (c *TrainerClient) Check(ctx context.Context) (map[string]string, error) {
	out, err := c.rpc.Check(ctx, &trainerv1.CheckRequest{})
	return out.GetVersions(), err
}

// ErrNoResult says that a training's events ended, and nothing came after them.
var ErrNoResult = errors.New("its events ended without a result")

// Train has a run trained.
func (c *TrainerClient) Train(ctx context.Context, job trainer.Job) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	c.mu.Lock()
	c.runs++
	run := c.runs
	c.mu.Unlock()
	stream, err := c.rpc.Train(ctx, &trainerv1.TrainRequest{Directory: job.Dir, Run: run})
	if err != nil {
		return err
	}
	go func() {
		select {
		case <-job.Stop:
			_, _ = c.rpc.Stop(ctx, &trainerv1.StopRequest{Run: run}) // the stream says what comes of it
		case <-ctx.Done():
		}
	}()
	for {
		m, err := stream.Recv()
		switch {
		case err == io.EOF:
			return ErrNoResult
		case err != nil:
			return err
		}
		switch m := m.Message.(type) {
		case *trainerv1.TrainResponse_Event:
			job.Event(fromEvent(m.Event))
		case *trainerv1.TrainResponse_Result:
			if m.Result.GetStopped() {
				return trainer.ErrStopped
			}
			return nil
		}
	}
}

// rate is the name of the figure that an Event has without a pointer.
const rate = "tokens_per_second"

// figures pairs TRL's names with an event's figures.
func figures(e *trainer.Event) map[string]**float64 {
	return map[string]**float64{
		"loss": &e.Loss, "rewards/accuracies": &e.Accuracy, "rewards/margins": &e.Margin,
		"eval_loss": &e.HeldLoss, "eval_rewards/accuracies": &e.HeldRight, "eval_rewards/margins": &e.HeldMargin,
	}
}

func toEvent(e trainer.Event) *trainerv1.Event {
	out := &trainerv1.Event{
		Event: valid(e.Event), Step: int64(e.Step), Of: int64(e.Of), Figures: map[string]float64{},
		Error: valid(e.Error), Device: valid(e.Device), Precision: valid(e.Precision),
		Pairs: int64(e.Pairs), HeldOut: int64(e.HeldOut), TooLong: int64(e.TooLong), ResumedFrom: valid(e.ResumedFrom),
	}
	for name, x := range figures(&e) {
		if *x != nil {
			out.Figures[name] = **x
		}
	}
	if e.Rate != 0 {
		out.Figures[rate] = e.Rate
	}
	return out
}

// fromEvent reads what a plugin wrote: figures as they are, counts that count.
func fromEvent(e *trainerv1.Event) trainer.Event {
	out := trainer.Event{
		Event: e.GetEvent(), Step: count(e.GetStep()), Of: count(e.GetOf()),
		Error: e.GetError(), Device: e.GetDevice(), Precision: e.GetPrecision(),
		Pairs: count(e.GetPairs()), HeldOut: count(e.GetHeldOut()), TooLong: count(e.GetTooLong()), ResumedFrom: e.GetResumedFrom(),
	}
	for name, to := range figures(&out) {
		if x, there := e.GetFigures()[name]; there {
			*to = &x
		}
	}
	if x := e.GetFigures()[rate]; x > 0 && x < 1e12 {
		out.Rate = x
	}
	return out
}

// count is a number of things, of which there are a billion at most.
func count(n int64) int { return int(min(max(n, 0), 1e9)) }
