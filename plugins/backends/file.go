package backends

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/assay-dev/assay/harness/model"
	"github.com/assay-dev/assay/internal/appendlog"
	"github.com/assay-dev/assay/internal/jsonl"
)

// line is a line of either kind of file.
type line struct {
	Data *exchange `json:"data"` // of a request log

	TaskID     *string `json:"task_id"` // of samples
	Sample     *int    `json:"sample"`
	Completion *string `json:"completion"`
	Solution   *string `json:"solution"`
}

// exchange is what a request log holds, as far as it matters here.
type exchange struct {
	Request model.Request `json:"request"`
	Answer  model.Answer  `json:"answer"`
}

func (b *Replay) read(file string) error {
	f, err := os.Open(file)
	if err != nil {
		return fmt.Errorf("--backend replay: %w", err)
	}
	defer f.Close()
	return b.readFrom(file, f)
}

// readFrom reads the lines, gzipped or not.
func (b *Replay) readFrom(name string, in io.Reader) error {
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

func (b *Replay) take(text []byte) error {
	var l line
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

func (b *Replay) takeExchange(x *exchange) {
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
func (b *Replay) list(task string, index *int, text string) error {
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
