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

// commandForm is how a program is spoken to.
type commandForm string

const (
	commandText commandForm = "command"      // the prompt in, the completion out
	commandJSON commandForm = "command-json" // a model.Request in, a model.Answer out
)

// Bounds of what a program writes, in bytes.
const (
	maxOutput = 32 << 20
	maxTold   = 2 << 10 // the end of its standard error, for messages
)

// commandBackend runs one program.
type commandBackend struct {
	form commandForm
	line string
	args []string
}

// newCommand finds the program of a command line, which is split at blanks.
func newCommand(line string, form commandForm) (*commandBackend, error) {
	args := strings.Fields(line)
	if len(args) == 0 {
		return nil, fmt.Errorf("--backend %s wants a program: %s:PROGRAM ARGS", form, form)
	}
	path, err := exec.LookPath(args[0])
	if err != nil {
		return nil, fmt.Errorf("--backend %s: %w", form, err)
	}
	return &commandBackend{form, strings.Join(args, " "), append([]string{path}, args[1:]...)}, nil
}

// Identity is the command line.
func (b *commandBackend) Identity() string { return string(b.form) + ":" + b.line }

// Complete runs the program once.
func (b *commandBackend) Complete(ctx context.Context, r model.Request) (model.Answer, error) {
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
		return model.Answer{}, model.Errorf(model.Broken, "%s: %v%s", b.line, err, commandSaid(told.String()))
	}
	return b.output(out.kept.Bytes())
}

var errLong = fmt.Errorf("it wrote more than %d bytes", maxOutput)

func (b *commandBackend) input(r model.Request) ([]byte, error) {
	if b.form == commandJSON {
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

func (b *commandBackend) output(out []byte) (model.Answer, error) {
	if b.form == commandText {
		text := strings.ToValidUTF8(string(out), "\uFFFD")
		return model.Answer{Texts: []model.Text{{Text: text, Finish: model.Stop}}}, nil
	}
	var a model.Answer
	if err := json.Unmarshal(out, &a); err != nil {
		return a, model.Errorf(model.Broken, `%s: it wrote no answer, {"texts": [{"text": …}]}: %v`, b.line, err)
	}
	return a, nil
}

// capped keeps what is written, up to a bound; then it says so and keeps
// nothing more.
type capped struct {
	kept bytes.Buffer
	most int
	over func()
}

func (c *capped) Write(p []byte) (int, error) {
	if c.kept.Len()+len(p) > c.most {
		c.over()
		return len(p), nil
	}
	return c.kept.Write(p)
}

// commandSaid is the end of a message: what the program said, in one line.
func commandSaid(told string) string {
	text := strings.Join(strings.Fields(strings.ToValidUTF8(told, "?")), " ")
	if text == "" {
		return ""
	}
	return ": " + text
}
