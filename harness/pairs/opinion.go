package pairs

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/assay-dev/assay/harness/model"
)

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
		Messages: says(model.User, fmt.Sprintf(question, c.spoken(), c.Prompt, c.rejected, c.chosen)),
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
