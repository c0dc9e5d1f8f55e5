package language

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/assay-dev/assay/runtimes"
)

// Job is the job of a program that was compiled from job's: the same, of its
// module. A program that was rejected has an outcome instead.
func (p Program) Job(job *runtimes.Job, source Source) (module *runtimes.Job, rejected *runtimes.Outcome, err error) {
	if p.Module == nil {
		o, err := rejection(source.Name, p.Diagnostics)
		return nil, &o, err
	}
	m := *job
	m.Language, m.Program = runtimes.Wasm, runtimes.Program{Source: string(p.Module), Name: source.Name}
	m.Args = append(append([]string{}, p.Args...), job.Args...)
	return &m, nil, nil
}

// Bounds of what is kept of a compiler's words.
const (
	maxDiagnostics = 10
	maxMessage     = 1 << 10 // bytes
)

// rejection is the outcome of a source that does not compile: the first
// diagnostic, and the lines of all.
func rejection(name string, all []Diagnostic) (runtimes.Outcome, error) {
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

// Read asks a language what it means that a program's module ended so, where
// that is the language's business: a limit is a limit in every language, and no
// failure becomes a success.
func Read(ctx context.Context, l Language, out runtimes.Outcome) (runtimes.Outcome, error) {
	end := End{Stdout: tail(out.Stdout), Stderr: tail(out.Stderr)}
	switch out.Kind {
	case runtimes.OK:
		code, err := strconv.ParseUint(out.Detail, 10, 32)
		if err != nil {
			return out, fmt.Errorf("exit code %q: %w", out.Detail, err)
		}
		end.ExitCode = uint32(code)
	case runtimes.Trap:
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
	case runtimes.Exception, runtimes.SyntaxError, runtimes.StackOverflow, runtimes.OutOfMemory:
	default:
		return out, fmt.Errorf("%s takes an end for %q, which no language can tell", l.Info().Name, f.Kind)
	}
	out.Kind, out.Exception, out.Detail = f.Kind, nil, ""
	if f.Kind == runtimes.Exception || f.Kind == runtimes.SyntaxError {
		x := runtimes.ExceptionInfo{Type: string(f.Kind)}
		if f.Exception != nil {
			x = runtimes.ExceptionInfo{Type: cut(f.Exception.Type), Message: cut(f.Exception.Message), Line: max(0, f.Exception.Line)}
		}
		out.Exception = &x
	}
	return out, nil
}

func tail(stream []byte) []byte { return stream[max(0, len(stream)-MaxStream):] }
