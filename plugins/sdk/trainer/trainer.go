// Package trainer says what a trainer is: something that trains a run directory,
// in this process or another one.
//
// Invariant: all that a trainer reads is in the directory, and so is all that
// comes of it; only its events and what it says go another way.
//
// It imports only the standard library.
package trainer

import (
	"context"
	"errors"
)

// Trainer trains run directories. Those that are built in and those that are
// plugins are the same to whoever asks.
//
// What comes back is in the directory: metrics.jsonl under TRL's names, events,
// checkpoints/checkpoint-STEP to go on from, the trained model in checkpoint,
// and result.json at the very end.
type Trainer interface {
	// Check says what it stands on, as versions by name, or why it can't train
	// here. It is asked before anything is written.
	Check(ctx context.Context) (map[string]string, error)
	// Train trains a run from its last checkpoint, where it has one, until it is
	// finished, which is nil. After Stop it ends its step, keeps a checkpoint and
	// returns ErrStopped; when ctx is done it ends at once, and all that it
	// started. Any other error says what happened.
	Train(ctx context.Context, job Job) error
}

// Job is a run that is to be trained.
type Job struct {
	Dir   string          // the run directory
	Stop  <-chan struct{} // closed when the run is to be stopped
	Event func(Event)     // is told each event, one at a time
	Say   func(string)    // is told what else the trainer says, a line at a time
}

// ErrStopped says that a run was stopped before its end, with a checkpoint.
var ErrStopped = errors.New("it was stopped")

// What a trainer tells of.
const (
	EventStart      = "start"
	EventStep       = "step"
	EventEvaluation = "evaluation"
	EventFailed     = "failed"
)

// Event is what a trainer tells of a run. A number that an event doesn't have is
// nil.
type Event struct {
	Event       string   `json:"event"`
	Step        int      `json:"step"`
	Of          int      `json:"of"`
	Loss        *float64 `json:"loss"`
	Accuracy    *float64 `json:"rewards/accuracies"`
	Margin      *float64 `json:"rewards/margins"`
	HeldLoss    *float64 `json:"eval_loss"`
	HeldRight   *float64 `json:"eval_rewards/accuracies"`
	HeldMargin  *float64 `json:"eval_rewards/margins"`
	Rate        float64  `json:"tokens_per_second"`
	Error       string   `json:"error"`
	Device      string   `json:"device"`
	Precision   string   `json:"precision"`
	Pairs       int      `json:"pairs"`
	HeldOut     int      `json:"held_out"`
	TooLong     int      `json:"too_long"`
	ResumedFrom string   `json:"resumed_from"`
}
