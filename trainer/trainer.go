package trainer

import "github.com/assay-dev/assay/plugins/sdk/trainer"

// What a trainer is, and what passes between it and who asks. Plugins are made
// with the same types, which is why they lie in the SDK.
type (
	Trainer = trainer.Trainer
	Job     = trainer.Job
	Event   = trainer.Event
)

// ErrStopped says that a run was stopped before its end, with a checkpoint.
var ErrStopped = trainer.ErrStopped

// What a trainer tells of.
const (
	EventStart      = trainer.EventStart
	EventStep       = trainer.EventStep
	EventEvaluation = trainer.EventEvaluation
	EventFailed     = trainer.EventFailed
)
