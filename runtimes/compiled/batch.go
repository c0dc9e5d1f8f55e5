package compiled

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"

	"github.com/assay-dev/assay/runtimes"
	"github.com/assay-dev/assay/runtimes/engine"
	"github.com/assay-dev/assay/runtimes/language"
	"github.com/assay-dev/assay/runtimes/wasi"
)

// Batch is sources that were compiled together. Its programs may run at once.
type Batch struct {
	language language.Language
	programs []program
	commands map[[sha256.Size]byte]*wasi.Command
}

type program struct {
	name     string
	command  *wasi.Command // nil when it was rejected
	args     []string
	rejected runtimes.Outcome
}

// Compile has a language make modules of sources and an engine make code of
// those. A source that is no program of the language is no error: running it
// says so.
func Compile(ctx context.Context, e engine.Engine, l language.Language, sources []language.Source, progress engine.Progress) (*Batch, error) {
	made, err := l.Compile(ctx, sources)
	if err != nil {
		return nil, err
	}
	if len(made) != len(sources) {
		return nil, fmt.Errorf("%s: %d programs were made of %d sources", l.Info().Name, len(made), len(sources))
	}
	b := &Batch{language: l, commands: make(map[[sha256.Size]byte]*wasi.Command)}
	for i, m := range made {
		p := program{name: sources[i].Name, args: m.Args}
		if m.Module == nil {
			if p.rejected, err = rejected(sources[i].Name, m.Diagnostics); err != nil {
				return nil, errors.Join(err, b.Close())
			}
		} else if p.command, err = b.command(ctx, e, m.Module, progress); err != nil {
			return nil, errors.Join(fmt.Errorf("%s: the module that was made of it by %s: %w", sources[i].Name, l.Info().Name, err), b.Close())
		}
		b.programs = append(b.programs, p)
	}
	return b, nil
}

// command compiles each module once.
func (b *Batch) command(ctx context.Context, e engine.Engine, module []byte, progress engine.Progress) (*wasi.Command, error) {
	sum := sha256.Sum256(module)
	if c := b.commands[sum]; c != nil {
		return c, nil
	}
	c, err := wasi.Compile(ctx, e, module, progress)
	if err == nil {
		b.commands[sum] = c
	}
	return c, err
}

// Bounds of what is kept of a compiler's words.
const (
	maxDiagnostics = 10
	maxMessage     = 1 << 10 // bytes
)

// rejected is the outcome of a source that does not compile: the first
// diagnostic, and the lines of all.
func rejected(name string, all []language.Diagnostic) (runtimes.Outcome, error) {
	if len(all) == 0 {
		return runtimes.Outcome{}, fmt.Errorf("%s was rejected without a word", name)
	}
	var lines strings.Builder
	for i, d := range all {
		if i == maxDiagnostics {
			fmt.Fprintf(&lines, "and %d more\n", len(all)-i)
			break
		}
		place := name
		if d.Line > 0 {
			place += fmt.Sprintf(":%d", d.Line)
			if d.Column > 0 {
				place += fmt.Sprintf(":%d", d.Column)
			}
		}
		fmt.Fprintf(&lines, "%s: %s\n", place, cut(d.Message))
	}
	return runtimes.Outcome{Kind: runtimes.SyntaxError, Exception: &runtimes.ExceptionInfo{
		Type: "compile error", Message: cut(all[0].Message), Line: all[0].Line, Traceback: lines.String(),
	}}, nil
}

func cut(text string) string {
	return strings.ToValidUTF8(text[:min(len(text), maxMessage)], "\uFFFD")
}

// Run runs the i-th source's program, once and from its start. The error is a
// fault of ours or of the language's.
func (b *Batch) Run(ctx context.Context, i int, in wasi.Input, lim runtimes.Limits) (runtimes.Outcome, error) {
	p := b.programs[i]
	if p.command == nil {
		return p.rejected, nil
	}
	in.Args = append(append([]string{p.name}, p.args...), in.Args...)
	out, err := p.command.Run(ctx, in, lim)
	if err != nil {
		return out, err
	}
	return b.classify(ctx, out)
}

// Close frees the code. Nothing may be running.
func (b *Batch) Close() error {
	var all error
	for _, c := range b.commands {
		all = errors.Join(all, c.Close())
	}
	return all
}
