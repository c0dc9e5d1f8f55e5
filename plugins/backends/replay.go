package backends

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"github.com/assay-dev/assay/harness/model"
	"github.com/assay-dev/assay/internal/appendlog"
	"github.com/assay-dev/assay/internal/jsonl"
	"github.com/assay-dev/assay/internal/plainfile"
)

// replayBackend answers from what it has read.
type replayBackend struct {
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

// newReplay reads the file.
func newReplay(file string) (*replayBackend, error) {
	if file == "" {
		return nil, errors.New("--backend replay wants a file: replay:FILE, the request log of an earlier run or rows with task_id and completion")
	}
	b := &replayBackend{name: "replay:" + filepath.Base(file), asked: make(map[[sha256.Size]byte]recorded), listed: make(map[string]map[int]model.Text)}
	return b, b.read(file)
}

// Identity names the file.
func (b *replayBackend) Identity() string { return b.name }

// Complete gives as many of the texts as there are without a gap, of one recorded
// answer at most: so what was taken by which texts is repeated too.
func (b *replayBackend) Complete(_ context.Context, r model.Request) (model.Answer, error) {
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

func (b *replayBackend) find(r model.Request) (recorded, bool) {
	if text, ok := b.asked[r.Key()]; ok {
		return text, true
	}
	text, ok := b.listed[r.Task][r.Index]
	return recorded{Text: text}, ok
}

// replayLine is a line of either kind of file.
type replayLine struct {
	Data *model.Exchange `json:"data"` // of a request log

	TaskID     *string `json:"task_id"` // of samples
	Sample     *int    `json:"sample"`
	Completion *string `json:"completion"`
	Solution   *string `json:"solution"`
}

func (b *replayBackend) read(file string) error {
	f, err := plainfile.Open(context.Background(), file)
	if err != nil {
		return fmt.Errorf("--backend replay: %w", err)
	}
	defer f.Close()
	return b.readFrom(file, f)
}

// readFrom reads the lines, gzipped or not.
func (b *replayBackend) readFrom(name string, in io.Reader) error {
	r, err := jsonl.NewReader(name, in, jsonl.Bounds{})
	if err != nil {
		return err
	}
	for text, err := range r.All() {
		if err != nil {
			return err
		}
		if err := b.take(text); err != nil {
			return r.Errorf("%w", err)
		}
	}
	if len(b.asked)+len(b.listed) == 0 {
		return fmt.Errorf("%s has no answers in it", name)
	}
	return nil
}

func (b *replayBackend) take(text []byte) error {
	var l replayLine
	if err := json.Unmarshal(text, &l); err != nil {
		return fmt.Errorf("it is not a line of a request log, nor a row of samples: %w", err)
	}
	switch {
	case l.Data != nil:
		if _, whole := appendlog.Unseal(append(text, '\n')); !whole {
			return errors.New("the line is damaged: its checksum is wrong")
		}
		b.takeExchange(l.Data)
		return nil
	case l.TaskID == nil:
		return errors.New(`the row has no "task_id"`)
	case l.Completion != nil:
		return b.list(*l.TaskID, l.Sample, *l.Completion)
	case l.Solution != nil:
		return b.list(*l.TaskID, l.Sample, *l.Solution)
	}
	return errors.New(`the row has neither "completion" nor "solution"`)
}

func (b *replayBackend) takeExchange(x *model.Exchange) {
	for i, text := range x.Answer.Texts {
		key := x.Request.Only(x.Request.Index+i, 1).Key()
		if _, there := b.asked[key]; there {
			continue
		}
		r := recorded{Text: text, first: i == 0}
		if r.first {
			r.usage = x.Answer.Usage
		}
		b.asked[key] = r
	}
}

// list files a row: under its number, or behind the others of its task.
func (b *replayBackend) list(task string, index *int, text string) error {
	rows := b.listed[task]
	if rows == nil {
		rows = make(map[int]model.Text)
		b.listed[task] = rows
	}
	at := len(rows)
	if index != nil {
		at = *index
	}
	if _, there := rows[at]; there || at < 0 {
		return fmt.Errorf("sample %d of %s is there already, or is no index from 0", at, task)
	}
	rows[at] = model.Text{Text: text, Finish: model.Stop}
	return nil
}
