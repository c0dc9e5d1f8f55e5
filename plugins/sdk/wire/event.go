package wire

import (
	trainerv1 "github.com/assay-dev/assay/plugins/sdk/proto/trainer/v1"
	"github.com/assay-dev/assay/plugins/sdk/trainer"
)

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
