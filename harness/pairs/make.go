package pairs

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/assay-dev/assay/harness/codeflow"
	"github.com/assay-dev/assay/harness/model"
	"github.com/assay-dev/assay/internal/jsonl"
	"github.com/assay-dev/assay/internal/progress"
	"github.com/assay-dev/assay/internal/tokenizer"
	"github.com/assay-dev/assay/runtimes"
)

// Options are what the pairs depend on, beside traces, runtime and answers.
type Options struct {
	Format      Format `json:"format"`
	Pick        Pick   `json:"rejected"`
	Seed        uint64 `json:"seed"`
	MaxLines    int    `json:"max_lines"`  // of D⁻
	MaxTokens   int    `json:"max_tokens"` // of either program
	KeepSimilar bool   `json:"keep_similar"`
	JudgeModel  string `json:"judge_model,omitempty"`
}

// Config of a run.
type Config struct {
	Options
	Dir     string // codeflow's folder, or a file of traces
	Out     string // pairs.jsonl; the other files are named after it
	Assay   string // version of this program
	Tokens  tokenizer.Counter
	Runtime runtimes.Runner
	Workers int           // instances that compare trees at once
	Judge   *model.Client // nil: no judge model

	Progress progress.Func
}

// Validate says what is wrong with what flags ask for.
func (c Config) Validate() error {
	switch {
	case c.Out == "":
		return errors.New("--out is missing: the file for the pairs")
	case !strings.HasSuffix(c.Out, ".jsonl") || filepath.Base(c.Out) == ".jsonl":
		return fmt.Errorf("--out %s: the name of a file of pairs ends in .jsonl", c.Out)
	case c.MaxLines < 1 || c.MaxTokens < 1:
		return errors.New("--max-lines and --max-tokens are 1 or more")
	}
	return cmp.Or(c.Format.Check(), c.Pick.Check())
}

// batchSize is how many pairs go through the filters at once.
const batchSize = 512

// making is a run under way.
type making struct {
	Config
	files *files
	steps []filter
	batch []*candidate
	names map[string]struct{}

	languages   map[string]struct{} // of the pairs that were kept
	counts      Counts
	unjudged    int
	unjudgedWhy error
}

// Make writes the pairs of a folder's traces, and the cards that describe them.
func Make(ctx context.Context, c Config) (*Card, error) {
	path, err := tracesIn(c.Dir)
	if err != nil {
		return nil, err
	}
	c.Workers = max(c.Workers, 1)
	total, source, err := measure(path)
	if err != nil {
		return nil, err
	}
	out, err := openFiles(c.Out, c.Format)
	if err != nil {
		return nil, err
	}
	defer out.discard()
	m := &making{Config: c, files: out, names: map[string]struct{}{}, languages: map[string]struct{}{}}
	m.steps = m.filters()
	for _, s := range m.steps {
		m.counts.Filters = append(m.counts.Filters, Filtered{Name: s.name})
	}
	var damage jsonl.Damage
	err = codeflow.ReadTraces(ctx, c.Dir, func(t *codeflow.Trace) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		c.Progress.Stage("making pairs of traces", int64(m.counts.Traces), total)
		return m.take(ctx, path, t)
	}, damage.Add)
	for _, notice := range damage.Notices(codeflow.LineIsLost) {
		c.Progress.Notice("warning: " + notice)
	}
	if err == nil {
		err = m.flush(ctx)
	}
	switch {
	case err != nil:
		return nil, err
	case m.unjudged > 0:
		return nil, fmt.Errorf("%d pairs have no answer of the judge model, the first one because of %w; the others are kept: ask again with the same command", m.unjudged, m.unjudgedWhy)
	case m.counts.Traces == 0 && len(damage.Lines) > 0:
		return nil, damage.Lines[0]
	case m.counts.Traces == 0:
		return nil, fmt.Errorf("%s holds no trace", path)
	}
	return m.finish(source)
}

// Ready says, before anything dear is made, whether the traces are there and the
// files may be written.
func (c Config) Ready() error {
	_, err := tracesIn(c.Dir)
	return errors.Join(err, mayWrite(c.Out))
}

// tracesIn finds the traces of a folder.
func tracesIn(dir string) (string, error) {
	info, err := os.Stat(dir)
	if err != nil || !info.IsDir() {
		return dir, err
	}
	path := filepath.Join(dir, codeflow.TracesName)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("%s holds no %s: assay codeflow --out %s writes it", dir, codeflow.TracesName, dir)
	}
	return path, nil
}

// take makes a pair of a trace, if there is one in it.
func (m *making) take(ctx context.Context, path string, t *codeflow.Trace) error {
	m.counts.Traces++
	id := fmt.Sprintf("%s#%d", t.TaskID, t.Sample)
	if _, there := m.names[id]; there {
		return fmt.Errorf("%s: trace %s is there twice", path, id)
	}
	m.names[id] = struct{}{}
	if t.Outcome != codeflow.Passed {
		m.counts.Dropped++
		return nil
	}
	last, versions := t.Last(), slices.DeleteFunc(earlier(t), func(s *codeflow.Step) bool { return !m.Format.goesOn(t, s) })
	switch {
	case wrongHeldOut(last):
		m.counts.HeldOut++
		return nil
	case last.Program == "":
		return fmt.Errorf("%s: trace %s passed without a program", path, id)
	case len(versions) == 0:
		m.counts.NoEarlier++
		return nil
	}
	c, err := newCandidate(m.Format, t, id, m.Pick.of(versions, last.Program, id, m.Seed))
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if c == nil {
		m.counts.TooLarge++
		return nil
	}
	m.counts.Pairs++
	if m.batch = append(m.batch, c); len(m.batch) < batchSize {
		return nil
	}
	return m.flush(ctx)
}

// flush takes the batch through the filters and writes what is left.
func (m *making) flush(ctx context.Context) error {
	batch := m.batch
	m.batch = nil
	for i, step := range m.steps {
		drop, err := step.drop(ctx, batch)
		if err != nil {
			return err
		}
		var left []*candidate
		for k, c := range batch {
			if !drop[k] {
				left = append(left, c)
			}
		}
		m.counts.Filters[i].Dropped += len(batch) - len(left)
		m.counts.Filters[i].Left += len(left)
		batch = left
	}
	for _, c := range batch {
		m.counts.Kept++
		m.languages[c.languageName()] = struct{}{}
		if c.RejectedSpans.Empty() {
			m.counts.EmptyMask++
		}
		if err := m.files.add(c.Row); err != nil {
			return err
		}
	}
	return nil
}

// question is what the judge model is asked. A change of it is a new question:
// the request log doesn't answer it.
const question = `Two %s programs for one task follow. The first is wrong: it fails the task's tests. The second is right.

<task>
%s
</task>

<first>
%s
</first>

<second>
%s
</second>

Is the difference between them only one of the surface: format, comments, or names of things? Or does the second one do something else? Think briefly. Then end with a line that is exactly one of these:

Verdict: surface
Verdict: behaviour`

// judgeTokens is what an answer may take.
const judgeTokens = 1024

func opinionRequest(judge string, c *candidate) model.Request {
	return model.Request{
		Task: "pair/" + c.ID, N: 1, Model: judge, MaxTokens: judgeTokens,
		Messages: []model.Message{{Role: model.User, Content: fmt.Sprintf(question, c.spoken(), c.Prompt, c.rejected, c.chosen)}},
	}
}

// spoken is the language as a sentence has it.
func (c *candidate) spoken() string {
	if c.language == nil {
		return "Python"
	}
	return c.language.Name
}

// parseOpinion reads an answer: its last line is the verdict, and no other line
// is one.
func parseOpinion(answer string) (surface, ok bool) {
	lines := strings.Split(strings.TrimSpace(answer), "\n")
	for _, line := range lines[:len(lines)-1] {
		if strings.HasPrefix(strings.TrimSpace(line), "Verdict:") {
			return false, false
		}
	}
	switch strings.TrimSpace(lines[len(lines)-1]) {
	case "Verdict: surface":
		return true, true
	case "Verdict: behaviour":
		return false, true
	}
	return false, false
}

// surface asks the judge model. A pair whose answer can't be read is kept and
// counted; one without an answer leaves the whole undone, so that it can be
// asked again.
func (m *making) surface(ctx context.Context, batch []*candidate) ([]bool, error) {
	out := make([]bool, len(batch))
	var mu sync.Mutex
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(2 * m.Judge.Concurrency)
	for i, c := range batch {
		g.Go(func() error {
			answer, err := m.Judge.Complete(ctx, opinionRequest(m.JudgeModel, c))
			var failed *model.Failed
			switch {
			case errors.As(err, &failed):
				mu.Lock()
				defer mu.Unlock()
				m.unjudged++
				if m.unjudgedWhy == nil {
					m.unjudgedWhy = failed
				}
				return nil
			case err != nil:
				return err
			}
			surface, ok := parseOpinion(answer.Texts[0].Text)
			mu.Lock()
			defer mu.Unlock()
			out[i] = surface
			if !ok {
				m.counts.Undecided++
			}
			return nil
		})
	}
	return out, g.Wait()
}
