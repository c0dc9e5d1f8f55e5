package trainer

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/assay-dev/assay/internal/jsonl"
)

// Message is a turn of a conversation.
type Message struct {
	Role    string `json:"role"`
	Content string `json:"content"`
}

// Roles of who asks and who answers.
const (
	user      = "user"
	assistant = "assistant"
)

// ReadPair reads a row of preference data, the n-th of its file. Other columns
// are left alone. A row with chosen_spans and rejected_spans is of assay's own
// form and has version and id as well. One without is as TRL takes it:
//
//   - prompt, chosen and rejected are texts or conversations (lists of
//     {role, content});
//   - without a prompt, or with a text beside conversations that have it too, the
//     prompt is what both answers begin with;
//   - a row without an id gets its number.
func ReadPair(line []byte, n int) (Pair, error) {
	columns, err := readColumns(line)
	if err != nil {
		return Pair{}, fmt.Errorf("a pair is an object of JSON: %w", err)
	}
	p := Pair{Version: pairVersion}
	spanned, err := columns.spans(&p)
	switch {
	case err != nil:
		return p, err
	case spanned:
		if err := errors.Join(columns.read("version", &p.Version), columns.read("id", &p.ID), columns.read("prompt_messages", &p.Conversation)); err != nil {
			return p, err
		}
	default:
		if p.ID = columns.id(); p.ID == "" {
			p.ID = fmt.Sprint(n)
		}
	}
	return p, columns.texts(&p, spanned)
}

// columns are the members of a row as they were written; null is none.
type columns map[string][]byte

func readColumns(object []byte) (columns, error) {
	members, err := jsonl.Object(object)
	if err != nil {
		return nil, err
	}
	c := columns{}
	for _, m := range members {
		if string(m.Raw) != "null" {
			c[m.Key] = m.Raw
		}
	}
	return c, nil
}

// read reads a column; one that isn't there is its zero value.
func (c columns) read(name string, into any) error {
	if c[name] == nil {
		return json.Unmarshal([]byte("null"), into)
	}
	err := json.Unmarshal(c[name], into)
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &kind):
		return fmt.Errorf("%s is %s, not %s", name, jsonl.Excerpt(c[name]), wanted(kind.Type))
	case err != nil:
		return fmt.Errorf("%s is %s: %w", name, jsonl.Excerpt(c[name]), err)
	}
	return nil
}

// spans reads the spans, if there are any.
func (c columns) spans(p *Pair) (found bool, err error) {
	plus, minus := c["chosen_spans"], c["rejected_spans"]
	switch {
	case plus == nil && minus == nil:
		return false, nil
	case plus == nil:
		return false, errors.New("it has rejected_spans (D⁻) and no chosen_spans (D⁺): spans come in twos")
	case minus == nil:
		return false, errors.New("it has chosen_spans (D⁺) and no rejected_spans (D⁻): spans come in twos")
	}
	return true, errors.Join(c.read("chosen_spans", &p.ChosenSpans), c.read("rejected_spans", &p.RejectedSpans))
}

// lineDigits are the digits of the number of a line, at most.
const lineDigits = 19

// id is the id of a row of others, a text or a whole number; "": it has none that
// serves.
func (c columns) id() string {
	var id string
	var number int64
	switch {
	case json.Unmarshal(c["id"], &id) == nil && len(id)+len("#")+lineDigits <= maxID:
		return id
	case json.Unmarshal(c["id"], &number) == nil:
		return fmt.Sprint(number)
	}
	return ""
}

// texts reads prompt and answers, in either form.
func (c columns) texts(p *Pair, spanned bool) error {
	var text, turns [3]bool
	for i, name := range []string{"prompt", "chosen", "rejected"} {
		raw := string(c[name])
		text[i], turns[i] = strings.HasPrefix(raw, `"`), strings.HasPrefix(raw, "[")
		if raw != "" && !text[i] && !turns[i] {
			return fmt.Errorf("%s is %s: it is a text, or a list of messages {role, content}", name, jsonl.Excerpt(c[name]))
		}
	}
	switch {
	case c["chosen"] == nil:
		return fmt.Errorf("pair %s: chosen is missing", p.ID)
	case c["rejected"] == nil:
		return fmt.Errorf("pair %s: rejected is missing", p.ID)
	case turns[1] != turns[2]:
		return errors.New("of chosen and rejected one is a text and one a list of messages: both have one form")
	case turns[1]:
		return c.conversations(p, turns[0])
	}
	if err := errors.Join(c.read("chosen", &p.Chosen), c.read("rejected", &p.Rejected)); err != nil {
		return err
	}
	switch {
	case turns[0]:
		return c.asked(p)
	case text[0]:
		return c.read("prompt", &p.Prompt)
	case spanned:
		return fmt.Errorf("pair %s: prompt is missing", p.ID)
	}
	p.Prompt, p.Chosen, p.Rejected = sharedText(p.Chosen, p.Rejected)
	if p.Prompt == "" {
		return fmt.Errorf("pair %s: prompt is missing, and chosen and rejected don't begin alike", p.ID)
	}
	return nil
}

// asked reads a prompt that is a conversation.
func (c columns) asked(p *Pair) (err error) {
	p.Conversation, err = readMessages("prompt", c["prompt"])
	p.Prompt = plainText(p.Conversation)
	return err
}

// conversations reads answers that are conversations. Messages that both begin
// with belong to the prompt; what is left is the answer, one message.
func (c columns) conversations(p *Pair, asked bool) error {
	chosen, err := readMessages("chosen", c["chosen"])
	if err != nil {
		return err
	}
	rejected, err := readMessages("rejected", c["rejected"])
	if err != nil {
		return err
	}
	if asked {
		if err := c.asked(p); err != nil {
			return err
		}
		chosen, rejected = after(p.Conversation, chosen), after(p.Conversation, rejected)
	} else if c["prompt"] != nil && chosen[0].Role == assistant {
		p.Conversation = []Message{{Role: user}}
		if err := c.read("prompt", &p.Conversation[0].Content); err != nil {
			return err
		}
	}
	head := shared(len(chosen), len(rejected), func(i int) bool { return chosen[i] == rejected[i] })
	p.Conversation = append(p.Conversation, chosen[:head]...)
	p.Prompt = plainText(p.Conversation)
	for _, side := range []struct {
		name string
		left []Message
		into *string
	}{{"chosen", chosen[head:], &p.Chosen}, {"rejected", rejected[head:], &p.Rejected}} {
		switch last := side.left[len(side.left)-1]; {
		case len(side.left) > 1:
			return fmt.Errorf("%s has %d messages after those that both answers begin with: an answer is one message of the assistant", side.name, len(side.left))
		case last.Role != assistant:
			return fmt.Errorf("%s ends with a message of role %q: an answer is a message of the assistant", side.name, last.Role)
		default:
			*side.into = last.Content
		}
	}
	return nil
}

// after is what a conversation has behind a beginning, if it begins so.
func after(head, all []Message) []Message {
	if len(all) > len(head) && slices.Equal(head, all[:len(head)]) {
		return all[len(head):]
	}
	return all
}

// shared counts what two things of a and b parts begin with alike. The last part
// of either isn't counted: an answer is never empty.
func shared(a, b int, equal func(i int) bool) int {
	n := 0
	for n < min(a, b)-1 && equal(n) {
		n++
	}
	return n
}

// sharedText takes from two texts the beginning that they share, as TRL does: by
// characters, and a space before the place where they part is the answers'.
func sharedText(chosen, rejected string) (prompt, a, b string) {
	c, r := []rune(chosen), []rune(rejected)
	n := shared(len(c), len(r), func(i int) bool { return c[i] == r[i] })
	if n > 0 && c[n-1] == ' ' {
		n--
	}
	return string(c[:n]), string(c[n:]), string(r[n:])
}

// plainText is the text of a prompt's messages where no chat template is put:
// their contents, each ending its line.
func plainText(messages []Message) string {
	var b strings.Builder
	for _, m := range messages {
		b.WriteString(m.Content)
		if m.Content != "" && !strings.HasSuffix(m.Content, "\n") {
			b.WriteString("\n")
		}
	}
	return b.String()
}

// readMessages reads a conversation; it has a message at least.
func readMessages(column string, raw []byte) ([]Message, error) {
	items, err := jsonl.Array(raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", column, err)
	}
	if len(items) == 0 {
		return nil, fmt.Errorf("%s has no message", column)
	}
	out := make([]Message, len(items))
	for i, item := range items {
		if err := out[i].parse(item); err != nil {
			return nil, fmt.Errorf("%s: message %d: %w", column, i+1, err)
		}
	}
	return out, nil
}

func (m *Message) parse(item []byte) error {
	c, err := readColumns(item)
	switch {
	case err != nil:
		return fmt.Errorf("a message is an object with role and content: %w", err)
	case c["role"] == nil || c["content"] == nil:
		return errors.New("a message has role and content, both of them")
	case c["tool_calls"] != nil && string(c["tool_calls"]) != "[]":
		return errors.New("it has tool_calls: only texts are trained on")
	}
	if err := c.read("role", &m.Role); err != nil {
		return err
	}
	if m.Role == "" {
		return errors.New("role is empty")
	}
	if !strings.HasPrefix(string(c["content"]), "[") {
		return c.read("content", &m.Content)
	}
	parts, err := jsonl.Array(c["content"])
	if err != nil {
		return fmt.Errorf("content: %w", err)
	}
	for _, part := range parts {
		c, err := readColumns(part)
		if err != nil || string(c["type"]) != `"text"` || c["text"] == nil {
			return fmt.Errorf("content has a part %s: only texts are trained on", jsonl.Excerpt(part))
		}
		var text string
		if err := c.read("text", &text); err != nil {
			return err
		}
		m.Content += text
	}
	return nil
}

// Turns are prompt and answers as conversations, as TRL has them.
func (p Pair) Turns() (prompt, chosen, rejected []Message) {
	if prompt = p.Conversation; prompt == nil {
		prompt = []Message{{user, p.Prompt}}
	}
	return prompt, []Message{{assistant, p.Chosen}}, []Message{{assistant, p.Rejected}}
}
