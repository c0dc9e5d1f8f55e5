package backends

import (
	"context"
	"crypto/sha256"
	"errors"
	"path/filepath"

	"github.com/assay-dev/assay/harness/model"
)

// Replay answers from what it has read.
type Replay struct {
	name   string
	asked  map[[sha256.Size]byte]recorded // by request, of a log
	listed map[string]map[int]model.Text  // by task and index, of rows
}

// recorded is a text of a log. Of the texts of one answer, the first has what
// they took.
type recorded struct {
	model.Text
	usage model.Usage
	first bool
}

// OpenReplay reads the file.
func OpenReplay(file string) (*Replay, error) {
	if file == "" {
		return nil, errors.New("--backend replay wants a file: replay:FILE, the request log of an earlier run or rows with task_id and completion")
	}
	b := &Replay{name: "replay:" + filepath.Base(file), asked: make(map[[sha256.Size]byte]recorded), listed: make(map[string]map[int]model.Text)}
	return b, b.read(file)
}

// Identity names the file.
func (b *Replay) Identity() string { return b.name }

// Complete gives as many of the texts as there are without a gap, of one recorded
// answer at most: so what was taken by which texts is repeated too.
func (b *Replay) Complete(_ context.Context, r model.Request) (model.Answer, error) {
	var out model.Answer
	for i := r.Index; i < r.Index+r.N; i++ {
		text, ok := b.find(r.Only(i, 1))
		if !ok || text.first && len(out.Texts) > 0 {
			break
		}
		out.Texts = append(out.Texts, text.Text)
		out.Usage.Add(text.usage)
	}
	if len(out.Texts) > 0 {
		return out, nil
	}
	if len(b.asked) > 0 {
		return out, model.Errorf(model.Refused, "%s has no answer to this request: it repeats a run with the same suite, prompt, model and sampling, and with as many samples or fewer", b.name)
	}
	return out, model.Errorf(model.Refused, "%s has %d samples of this task", b.name, len(b.listed[r.Task]))
}

func (b *Replay) find(r model.Request) (recorded, bool) {
	if text, ok := b.asked[r.Key()]; ok {
		return text, true
	}
	text, ok := b.listed[r.Task][r.Index]
	return recorded{Text: text}, ok
}
