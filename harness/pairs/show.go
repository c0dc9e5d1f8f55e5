package pairs

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/assay-dev/assay/harness/model"
	"github.com/assay-dev/assay/internal/jsonl"
	"github.com/assay-dev/assay/trainer/mask"
)

// maxRow bounds a line of pairs that is read back, in bytes.
const maxRow = 4 << 20

// Find reads a file of pairs up to the n-th, counted from 1.
func Find(path string, n int) (Row, error) {
	f, err := os.Open(path)
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
		if err != nil {
			return Row{}, err
		}
		if at < n {
			continue
		}
		row, err := decodeRow(line)
		if err != nil {
			return Row{}, r.Errorf("%w", err)
		}
		return row, nil
	}
}

// decodeRow reads a row of either format.
func decodeRow(line []byte) (Row, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(line, &members); err != nil {
		return Row{}, fmt.Errorf("a pair is an object of JSON: %w", err)
	}
	if !bytes.HasPrefix(members["prompt"], []byte("[")) {
		var r Row
		err := json.Unmarshal(line, &r)
		return r, errors.Join(err, r.Check())
	}
	var c conversation
	if err := json.Unmarshal(line, &c); err != nil {
		return Row{}, err
	}
	for _, turn := range []struct {
		messages []model.Message
		text     *string
	}{{c.Prompt, &c.Row.Prompt}, {c.Chosen, &c.Row.Chosen}, {c.Rejected, &c.Row.Rejected}} {
		if len(turn.messages) != 1 {
			return Row{}, fmt.Errorf("prompt, chosen and rejected are one message each, not %d", len(turn.messages))
		}
		*turn.text = turn.messages[0].Content
	}
	return c.Row, c.Row.Check()
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
