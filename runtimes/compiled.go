package runtimes

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/assay-dev/assay/internal/excerpt"
	"github.com/assay-dev/assay/plugins/sdk/language"
)

// Compiled is the job of a program that was compiled from job's source: the same,
// of its module. A program that was rejected, or that took the compiler more than
// it may take, has an outcome instead.
func Compiled(job *Job, source language.Source, p language.Program) (module *Job, rejected *Outcome, err error) {
	if p.Limit != "" {
		return nil, &Outcome{Kind: CompileLimit, Detail: excerpt.Line(p.Limit, MostDetail)}, nil
	}
	if p.Module == nil {
		o, err := rejection(source.Name, p.Diagnostics)
		return nil, &o, err
	}
	m := *job
	m.Language, m.Program = Wasm, Program{Source: string(p.Module), Name: source.Name}
	m.Args = append(append([]string{}, p.Args...), job.Args...)
	return &m, nil, nil
}

// Bounds of what is kept of a compiler's words: of how many diagnostics, and of
// each, in bytes.
const (
	maxDiagnostics = 10
	maxMessage     = 1 << 10
)

// rejection is the outcome of a source that does not compile: the first
// diagnostic, and the lines of all.
func rejection(name string, all []language.Diagnostic) (Outcome, error) {
	if len(all) == 0 {
		return Outcome{}, fmt.Errorf("%s was rejected without a word", name)
	}
	var lines strings.Builder
	for i, d := range all {
		if i == maxDiagnostics {
			fmt.Fprintf(&lines, "and %d more\n", len(all)-i)
			break
		}
		place := excerpt.Line(name, MostName)
		if d.Line > 0 {
			place += fmt.Sprintf(":%d", d.Line)
			if d.Column > 0 {
				place += fmt.Sprintf(":%d", d.Column)
			}
		}
		fmt.Fprintf(&lines, "%s: %s\n", place, excerpt.Line(d.Message, maxMessage))
	}
	return Outcome{Kind: SyntaxError, Exception: &ExceptionInfo{
		Type: "compile error", Message: excerpt.Lines(all[0].Message, maxMessage), Line: all[0].Line, Traceback: lines.String(),
	}}, nil
}

// ReadEnd asks a language what it means that a program's module ended so, where
// that is the language's business: a limit is a limit in every language, and no
// failure becomes a success.
func ReadEnd(ctx context.Context, l language.Language, out Outcome) (Outcome, error) {
	end := language.End{Stdout: tail(out.Stdout), Stderr: tail(out.Stderr)}
	switch out.Kind {
	case OK:
		code, err := strconv.ParseUint(out.Detail, 10, 32)
		if err != nil {
			return out, fmt.Errorf("exit code %q: %w", out.Detail, err)
		}
		end.ExitCode = uint32(code)
	case Trap:
		end.Trapped, end.Trap = true, out.Detail
	default:
		return out, nil
	}
	f, err := l.Classify(ctx, end)
	if err != nil {
		return out, err
	}
	switch f.Kind {
	case "":
		return out, nil
	case language.Exception, language.SyntaxError, language.StackOverflow, language.OutOfMemory:
	default:
		return out, fmt.Errorf("%s takes an end for %q, which no language can tell", l.Info().Name, f.Kind)
	}
	out.Kind, out.Exception, out.Detail = Kind(f.Kind), nil, ""
	if f.Kind == language.Exception || f.Kind == language.SyntaxError {
		x := ExceptionInfo{Type: string(f.Kind)}
		if f.Exception != nil {
			x = ExceptionInfo{Type: f.Exception.Type, Message: excerpt.Lines(f.Exception.Message, maxMessage), Line: max(0, f.Exception.Line)}
			x.Cut(1)
		}
		out.Exception = &x
	}
	return out, nil
}

func tail(stream []byte) []byte { return stream[max(0, len(stream)-language.MaxStream):] }
