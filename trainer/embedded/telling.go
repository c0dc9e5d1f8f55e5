package embedded

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/assay-dev/assay/internal/atomicfile"
	"github.com/assay-dev/assay/internal/plainfile"
	"github.com/assay-dev/assay/trainer"
	"github.com/assay-dev/assay/trainer/objective"
)

const (
	eventsFile = "events.jsonl"
	resultFile = "result.json"
)

// figures are a line of metrics.jsonl.
type figures = trainer.Figures

// line is the figures of a step, under their names in metrics.jsonl.
func line(step int, prefix string, m objective.Metrics) figures {
	out := figures{"step": float64(step)}
	for name, x := range m {
		out[prefix+name] = x
	}
	return out
}

// note appends a line to one of the run's files.
func (r *run) note(file string, value any) error {
	text, err := json.Marshal(value)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(filepath.Join(r.dir, file), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
	if err != nil {
		return err
	}
	_, err = f.Write(append(text, '\n'))
	return errors.Join(err, f.Close())
}

// cutMetrics leaves of an interrupted run's metrics what its checkpoint knows of,
// and returns the first line.
func (r *run) cutMetrics(step int) (first figures, err error) {
	path := filepath.Join(r.dir, trainer.MetricsFile)
	text, err := plainfile.Read(context.Background(), path, mostMetrics)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var kept []byte
	for l := range bytes.Lines(text) {
		var f figures
		if json.Unmarshal(l, &f) != nil || f["step"] > float64(step) {
			break
		}
		if _, ok := f["loss"]; ok && first == nil {
			first = f
		}
		kept = append(kept, l...)
	}
	return first, errors.Join(err, atomicfile.Write(path, kept))
}

// event is an event for those who listen.
func event(kind string, step, of int, f figures) trainer.Event {
	e := trainer.Event{Event: kind, Step: step, Of: of}
	for name, to := range map[string]**float64{
		"loss": &e.Loss, "rewards/accuracies": &e.Accuracy, "rewards/margins": &e.Margin,
		"eval_loss": &e.HeldLoss, "eval_rewards/accuracies": &e.HeldRight, "eval_rewards/margins": &e.HeldMargin,
	} {
		if x, ok := f[name]; ok {
			*to = &x
		}
	}
	return e
}

// statistics are the counts of a run's rows.
type statistics struct {
	Pairs          int `json:"pairs"`
	HeldOut        int `json:"held_out"`
	TooLong        int `json:"too_long"`
	Tokens         int `json:"tokens"` // of an epoch, as the loss needs them
	Longest        int `json:"longest"`
	RejectedTokens int `json:"rejected_tokens"`
	RejectedInMask int `json:"rejected_in_mask"`
}

func (t *training) statistics() statistics {
	s := statistics{Pairs: len(t.learned), HeldOut: len(t.held), TooLong: t.tooLong}
	for i, row := range t.learned {
		s.Tokens += t.size(t.learned, []int{i})
		s.Longest = max(s.Longest, row.length())
		s.RejectedTokens += len(row.rejected.ids)
		for _, in := range row.rejected.mask {
			if in {
				s.RejectedInMask++
			}
		}
	}
	return s
}

// result is result.json.
type result struct {
	Finished   bool              `json:"finished"`
	Step       int               `json:"step"`
	Checkpoint string            `json:"checkpoint"`
	First      figures           `json:"first"`
	Last       figures           `json:"last"`
	Versions   map[string]string `json:"versions"`
	statistics
	identity
}

func (t *training) finish(versions map[string]string) error {
	if err := t.publish(filepath.Join(t.dir, checkpointDir), func(string) error { return nil }); err != nil {
		return errors.Join(errors.New("the trained model could not be written: free space and start again"), err)
	}
	text, err := json.MarshalIndent(result{
		Finished: true, Step: t.state.Step, Checkpoint: checkpointDir, First: t.first, Last: t.last,
		Versions: versions, statistics: t.statistics(), identity: t.identity,
	}, "", "  ")
	return errors.Join(err, atomicfile.Write(filepath.Join(t.dir, resultFile), append(text, '\n')))
}
