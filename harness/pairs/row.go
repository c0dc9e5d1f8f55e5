package pairs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/harness/codeflow"
	"github.com/assay-dev/assay/internal/jsonl"
	"github.com/assay-dev/assay/internal/plainfile"
	"github.com/assay-dev/assay/trainer"
	"github.com/assay-dev/assay/trainer/mask"
)

// Row is a line of the file: a pair, and where it comes from.
type Row struct {
	trainer.Pair
	Origin
}

// Origin is the trace that a pair was made of.
type Origin struct {
	TaskID            string          `json:"task_id"`
	Sample            int             `json:"sample"`
	ChosenIteration   int             `json:"chosen_iteration"`
	RejectedIteration int             `json:"rejected_iteration"`
	RejectedVerdict   harness.Verdict `json:"rejected_verdict"`
}

// conversation is a Row in TRL's conversational format. Spans count the bytes of
// the message.
type conversation struct {
	Row
	turns
}

// turns are prompt and answers as messages.
type turns struct {
	Prompt   []trainer.Message `json:"prompt"`
	Chosen   []trainer.Message `json:"chosen"`
	Rejected []trainer.Message `json:"rejected"`
}

func turnsOf(p trainer.Pair) (t turns) {
	t.Prompt, t.Chosen, t.Rejected = p.Turns()
	return t
}

// Format is the form of prompt and answers.
type Format string

const (
	Text           Format = "text"           // strings: what assay's trainers read
	Conversational Format = "conversational" // messages, to which TRL puts the model's chat template
	Completion     Format = "completion"     // strings without a fence: what goes on from the prompt, for models that don't chat
)

// Formats are all of them.
var Formats = []string{string(Text), string(Conversational), string(Completion)}

// Check says whether f is one of Formats.
func (f Format) Check() error {
	if !slices.Contains(Formats, string(f)) {
		return fmt.Errorf("no format is called %q: there are text, conversational and completion", f)
	}
	return nil
}

// of is a row as it stands in the file.
func (f Format) of(r Row) any {
	if f == Conversational {
		return conversation{r, turnsOf(r.Pair)}
	}
	return r
}

// candidate is a pair on its way through the filters.
type candidate struct {
	Row
	language         *Language // nil: python
	chosen, rejected string    // the programs, without a fence
	minus            []string  // D⁻, by lines
	minusAt          [][2]int  // D⁻, as spans of rejected
}

// python is the language of traces that name none.
const python = "python"

func (c *candidate) languageName() string {
	if c.language == nil {
		return python
	}
	return c.language.Name
}

// maxText bounds prompt and programs of a pair together, in bytes: the file can
// be read back.
const maxText = 512 << 10

// languageOf finds the language of a trace; nil: python.
func languageOf(t *codeflow.Trace) (*Language, error) {
	if t.Language == "" || t.Language == python {
		return nil, nil
	}
	return FindLanguage(t.Language)
}

// newCandidate makes a pair of two versions; nil: they are too large for one.
func newCandidate(f Format, t *codeflow.Trace, id string, rejected *codeflow.Step) (*candidate, error) {
	last := t.Last()
	if len(t.Prompt)+len(last.Program)+len(rejected.Program) > maxText {
		return nil, nil
	}
	prompt := t.Prompt
	if f != Conversational && prompt != "" && !strings.HasSuffix(prompt, "\n") {
		prompt += "\n" // the answer begins in a line of its own
	}
	c := &candidate{chosen: last.Program, rejected: rejected.Program}
	var err error
	if c.language, err = languageOf(t); err != nil {
		return nil, fmt.Errorf("trace %s: %w", id, err)
	}
	if changed(rejected.Program, last.Program) == tooMany {
		return nil, nil
	}
	chosen, answer, head, err := f.answers(c.languageName(), prompt, last.Program, rejected.Program)
	if err != nil {
		return nil, fmt.Errorf("trace %s: %w", id, err)
	}
	p, err := trainer.NewPair(id, prompt, chosen, answer)
	if err != nil {
		return nil, err
	}
	c.Row = Row{p, Origin{t.TaskID, t.Sample, last.Iteration, rejected.Iteration, rejected.Verdict}}
	c.minus = within(p.Rejected, p.RejectedSpans.Spans)
	for _, s := range p.RejectedSpans.Spans { // fences are in both answers, so in no span
		c.minusAt = append(c.minusAt, [2]int{s.Start - head, min(s.End-head, len(rejected.Program))})
	}
	return c, nil
}

// answers are the programs as they stand in a row, and how far into an answer the
// rejected program begins: before it, where the prompt holds its head.
func (f Format) answers(language, prompt, chosen, rejected string) (plus, minus string, head int, err error) {
	if f != Completion {
		fence := fenceFor(chosen, rejected)
		return fence.around(language, chosen), fence.around(language, rejected), len(fence.head(language)), nil
	}
	plus, goesOn := strings.CutPrefix(chosen, prompt)
	minus, too := strings.CutPrefix(rejected, prompt)
	if !goesOn || !too {
		return "", "", 0, errors.New("its programs don't begin with its prompt: the format completion is for models that went on with it (assay codeflow --prompt base)")
	}
	return plus, minus, -len(prompt), nil
}

// goesOn says whether a version can stand in a row of the format.
func (f Format) goesOn(t *codeflow.Trace, s *codeflow.Step) bool {
	return f != Completion || strings.HasPrefix(s.Program, t.Prompt) && len(s.Program) > len(t.Prompt)
}

// fence is what stands around a program: three backticks, or more where a
// program has so many.
type fence string

func fenceFor(programs ...string) fence {
	f := "```"
	for _, p := range programs {
		for strings.Contains(p, f) {
			f += "`"
		}
	}
	return fence(f)
}

func (f fence) head(language string) string { return string(f) + language + "\n" }

func (f fence) around(language, program string) string {
	if !strings.HasSuffix(program, "\n") {
		program += "\n"
	}
	return f.head(language) + program + string(f)
}

// maxRow bounds a line of pairs that is read back, in bytes.
const maxRow = 4 << 20

// Find reads a file of pairs up to the n-th, counted from 1.
func Find(path string, n int) (Row, error) {
	f, err := plainfile.Open(context.Background(), path)
	if err != nil {
		return Row{}, err
	}
	defer f.Close()
	r, err := jsonl.NewReader(path, f, jsonl.Bounds{Line: maxRow, Total: 1 << 40})
	if err != nil {
		return Row{}, err
	}
	for at := 1; ; at++ {
		line, _, err := r.Next()
		if errors.Is(err, io.EOF) {
			return Row{}, fmt.Errorf("%s has %d pairs, no pair %d", path, at-1, n)
		}
		if at < n && (err == nil || jsonl.IsDamaged(err)) {
			continue
		}
		if err != nil {
			return Row{}, err
		}
		row, err := decodeRow(line, n)
		if err != nil {
			return Row{}, r.Errorf("%w", err)
		}
		return row, nil
	}
}

// decodeRow reads a row of preference data. Of one without spans it isn't known
// where it comes from.
func decodeRow(line []byte, n int) (r Row, err error) {
	p, err := trainer.ReadPair(line, n)
	if err == nil {
		err = p.Check()
	}
	if err != nil {
		return r, err
	}
	if p.Spanned() {
		_ = json.Unmarshal(line, &r.Origin) // columns of other types are none of ours
	}
	r.Pair, err = p.WithSpans()
	return r, err
}

// Change is a line of the difference of a pair.
type Change struct {
	Sign rune // ' ' in both, '-' in D⁻, '+' in D⁺
	Text string
}

// Changes puts the answers of a pair into one text, as its spans say.
func (r Row) Changes() ([]Change, error) {
	minus, plus := marked(r.Rejected, r.RejectedSpans), marked(r.Chosen, r.ChosenSpans)
	var out []Change
	for len(minus) > 0 || len(plus) > 0 {
		switch {
		case len(minus) > 0 && minus[0].in:
			out, minus = append(out, Change{'-', minus[0].text}), minus[1:]
		case len(plus) > 0 && plus[0].in:
			out, plus = append(out, Change{'+', plus[0].text}), plus[1:]
		case len(minus) > 0 && len(plus) > 0 && minus[0].text == plus[0].text:
			out, minus, plus = append(out, Change{' ', minus[0].text}), minus[1:], plus[1:]
		default:
			return nil, fmt.Errorf("pair %s: what is outside of its spans is not the same in both answers", r.ID)
		}
	}
	return out, nil
}

type markedLine struct {
	text string
	in   bool
}

func marked(text string, m mask.Mask) []markedLine {
	var out []markedLine
	spans := m.Spans
	for _, line := range mask.Lines(text) {
		for len(spans) > 0 && spans[0].End <= line.Start {
			spans = spans[1:]
		}
		in := m.All || len(spans) > 0 && spans[0].Start < line.End
		out = append(out, markedLine{text[line.Start:line.End], in})
	}
	return out
}
