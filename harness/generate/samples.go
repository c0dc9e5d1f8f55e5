package generate

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/harness/extract"
	"github.com/assay-dev/assay/harness/model"
	"github.com/assay-dev/assay/internal/atomicfile"
	"github.com/assay-dev/assay/internal/jsonl"
	"github.com/assay-dev/assay/runtimes"
)

// chunkSize is how many answers one instance of Python works through.
const chunkSize = 32

// writing is the second half of a run: from the log to the files.
type writing struct {
	Config
	taken   *programs
	summary Summary
	given   int // extractions that were given up
}

// sample is a row to be.
type sample struct {
	problem      *benchmarks.Problem
	answer, best extract.Answer // the second is the same, read by the rule best
	row          Row
}

// Row is a line of the files.
type Row struct {
	TaskID   string       `json:"task_id"`
	Sample   int          `json:"sample"`
	Extract  extract.Rule `json:"extract,omitempty"` // how the program was taken out of the answer
	Solution string       `json:"solution"`
	Best     string       `json:"best,omitempty"` // what the rule best takes, where it is another program
}

// rawPath is where the whole answers go, beside the samples at out.
func rawPath(out string) string { return beside(out, ".raw.jsonl") }

// LogPath is where the requests go.
func LogPath(out string) string { return beside(out, ".requests.jsonl") }

func beside(out, suffix string) string { return strings.TrimSuffix(out, ".jsonl") + suffix }

func (w *writing) run(ctx context.Context) (*Summary, error) {
	clean, err := atomicfile.Create(w.Out)
	if err != nil {
		return nil, err
	}
	defer clean.Discard()
	raw, err := atomicfile.Create(rawPath(w.Out))
	if err != nil {
		return nil, err
	}
	defer raw.Discard()
	if err := w.rows(ctx, clean, raw); err != nil {
		return nil, err
	}
	if w.summary.Samples == 0 {
		return nil, errors.New("no sample has an answer: there is nothing to write")
	}
	if err := errors.Join(raw.Commit(), clean.Commit()); err != nil {
		return nil, err
	}
	stats := w.Client.Stats()
	w.summary.Usage, w.summary.Requests, w.summary.Retried = stats.Usage, stats.Sent, stats.Retried
	w.summary.Files = []string{w.Out, rawPath(w.Out), LogPath(w.Out)}
	if w.given > 0 {
		w.Progress.Notice(fmt.Sprintf("%d answers took too long to read: they stand in %s as they are", w.given, w.Out))
	}
	return &w.summary, nil
}

// rows writes all rows, a round of chunks at a time.
func (w *writing) rows(ctx context.Context, clean, raw *atomicfile.File) error {
	const stage = "taking programs out of answers"
	total := len(w.Problems) * w.Options.N
	for at := 0; at < total; at += w.Workers * chunkSize {
		w.Progress.Stage(stage, int64(at), int64(total))
		round, err := w.read(at, min(at+w.Workers*chunkSize, total))
		if err != nil {
			return err
		}
		if err := w.extract(ctx, round); err != nil {
			return err
		}
		for _, s := range round {
			whole := Row{TaskID: s.problem.ID, Sample: s.row.Sample, Solution: s.answer.Text}
			if err := errors.Join(jsonl.Write(clean, s.row), jsonl.Write(raw, whole)); err != nil {
				return err
			}
			w.Following.Written(s.problem, s.row)
		}
	}
	w.Progress.Stage(stage, int64(total), int64(total))
	return nil
}

// read takes samples from the log: those between two places in the order of
// tasks and indices.
func (w *writing) read(from, to int) ([]sample, error) {
	var out []sample
	for at := from; at < to; at++ {
		p, index := w.Problems[at/w.Options.N], at%w.Options.N
		r := w.request(p, index, 1)
		text, ok, err := w.Client.Log.Text(r)
		switch {
		case err != nil:
			return nil, err
		case !ok:
			w.summary.Missing = append(w.summary.Missing, fmt.Sprintf("%s#%d", p.ID, index))
			continue
		case text.Finish == model.Length:
			w.summary.Cut++
		}
		w.summary.Samples++
		answer := w.Options.Style.Answer(w.Options.Extract, r, p, text.Text)
		out = append(out, sample{
			problem: p, answer: answer, best: w.Options.Style.Answer(extract.Best, r, p, text.Text),
			row: Row{TaskID: p.ID, Sample: index, Extract: answer.Rule},
		})
	}
	return out, nil
}

// extract finds the programs of a round, several chunks at once.
func (w *writing) extract(ctx context.Context, round []sample) error {
	g, ctx := errgroup.WithContext(ctx)
	given := make([]int, w.Workers)
	for i := range w.Workers {
		chunk := round[min(i*chunkSize, len(round)):min((i+1)*chunkSize, len(round))]
		if len(chunk) == 0 {
			break
		}
		g.Go(func() error {
			answers, best := make([]extract.Answer, len(chunk)), make([]extract.Answer, len(chunk))
			for k, s := range chunk {
				answers[k], best[k] = s.answer, s.best
			}
			programs, err := w.taken.all(ctx, answers)
			if err != nil {
				return err
			}
			others := programs
			if w.Options.Extract != extract.Best { // else they are the same answers
				if others, err = w.taken.all(ctx, best); err != nil {
					return err
				}
			}
			for k, p := range programs {
				chunk[k].row.Solution = p.Source
				if other := others[k]; other.Why == "" && strings.TrimSpace(other.Source) != strings.TrimSpace(p.Source) {
					chunk[k].row.Best = other.Source
				}
				if p.Why != "" {
					given[i]++
				}
			}
			return nil
		})
	}
	err := g.Wait()
	for _, n := range given {
		w.given += n
	}
	return err
}

// programs takes programs out of answers, and out of none twice that somebody
// wanted before the files are written.
type programs struct {
	runtime runtimes.Runner

	mu    sync.Mutex
	taken map[[sha256.Size]byte]extract.Program
}

func keyOf(a extract.Answer) [sha256.Size]byte {
	return sha256.Sum256(fmt.Appendf(nil, "%q %q %q %s", a.Rule, a.Entry, a.Prompt, a.Text))
}

func (p *programs) known(a extract.Answer) (extract.Program, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	program, ok := p.taken[keyOf(a)]
	return program, ok
}

// early is the program of one answer, which is kept.
func (p *programs) early(ctx context.Context, a extract.Answer) (string, error) {
	if program, ok := p.known(a); ok {
		return program.Source, nil
	}
	found, err := extract.All(ctx, p.runtime, []extract.Answer{a})
	if err != nil {
		return "", err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.taken == nil {
		p.taken = map[[sha256.Size]byte]extract.Program{}
	}
	p.taken[keyOf(a)] = found[0]
	return found[0].Source, nil
}

// all gives the program of each answer.
func (p *programs) all(ctx context.Context, answers []extract.Answer) ([]extract.Program, error) {
	out := make([]extract.Program, len(answers))
	var rest []extract.Answer
	var at []int // which answers those are
	for i, a := range answers {
		if program, ok := p.known(a); ok {
			out[i] = program
		} else {
			rest, at = append(rest, a), append(at, i)
		}
	}
	found, err := extract.All(ctx, p.runtime, rest)
	if err != nil {
		return nil, err
	}
	for k, i := range at {
		out[i] = found[k]
	}
	return out, nil
}
