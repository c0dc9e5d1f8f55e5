package backends

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"strings"

	"github.com/assay-dev/assay/harness/model"
	"github.com/assay-dev/assay/internal/child"
)

// Form is how a program is spoken to.
type Form string

const (
	Text Form = "command"      // the prompt in, the completion out
	JSON Form = "command-json" // a model.Request in, a model.Answer out
)

// Bounds of what a program writes, in bytes.
const (
	maxOutput = 32 << 20
	maxTold   = 2 << 10 // the end of its standard error, for messages
)

// Command runs one program.
type Command struct {
	form Form
	line string
	args []string
}

// OpenCommand finds the program of a command line, which is split at blanks.
func OpenCommand(line string, form Form) (*Command, error) {
	args := strings.Fields(line)
	if len(args) == 0 {
		return nil, fmt.Errorf("--backend %s wants a program: %s:PROGRAM ARGS", form, form)
	}
	path, err := exec.LookPath(args[0])
	if err != nil {
		return nil, fmt.Errorf("--backend %s: %w", form, err)
	}
	return &Command{form, strings.Join(args, " "), append([]string{path}, args[1:]...)}, nil
}

// Identity is the command line.
func (b *Command) Identity() string { return string(b.form) + ":" + b.line }

// Complete runs the program once.
func (b *Command) Complete(ctx context.Context, r model.Request) (model.Answer, error) {
	in, err := b.input(r)
	if err != nil {
		return model.Answer{}, err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	out := &capped{most: maxOutput, over: func() { cancel(errLong) }}
	told := &child.Tail{Most: maxTold}
	cmd := child.Command(ctx, b.args[0], b.args[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(in), out, told
	err = child.Run(cmd)
	switch {
	case errors.Is(context.Cause(ctx), errLong):
		return model.Answer{}, model.Errorf(model.Broken, "%s: %v", b.line, errLong)
	case ctx.Err() != nil:
		return model.Answer{}, ctx.Err()
	case err != nil:
		return model.Answer{}, model.Errorf(model.Broken, "%s: %v%s", b.line, err, said(told.String()))
	}
	return b.output(out.kept.Bytes())
}

var errLong = fmt.Errorf("it wrote more than %d bytes", maxOutput)

func (b *Command) input(r model.Request) ([]byte, error) {
	if b.form == JSON {
		return json.Marshal(r)
	}
	if len(r.Messages) == 0 {
		return []byte(r.Prompt), nil
	}
	parts := make([]string, len(r.Messages))
	for i, m := range r.Messages {
		parts[i] = m.Content
	}
	return []byte(strings.Join(parts, "\n\n")), nil
}

func (b *Command) output(out []byte) (model.Answer, error) {
	if b.form == Text {
		text := strings.ToValidUTF8(string(out), "\uFFFD")
		return model.Answer{Texts: []model.Text{{Text: text, Finish: model.Stop}}}, nil
	}
	var a model.Answer
	if err := json.Unmarshal(out, &a); err != nil {
		return a, model.Errorf(model.Broken, `%s: it wrote no answer, {"texts": [{"text": …}]}: %v`, b.line, err)
	}
	return a, nil
}
