package compiled

import (
	"context"
	"fmt"
	"strconv"

	"github.com/assay-dev/assay/runtimes"
	"github.com/assay-dev/assay/runtimes/language"
)

// classify asks the language what an end means, where that is its business.
func (b *Batch) classify(ctx context.Context, out runtimes.Outcome) (runtimes.Outcome, error) {
	end := language.End{Stdout: tail(out.Stdout), Stderr: tail(out.Stderr)}
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
		return out, nil // a limit is a limit in every language
	}
	f, err := b.language.Classify(ctx, end)
	if err != nil {
		return out, err
	}
	switch f.Kind {
	case "":
		return out, nil
	case runtimes.Exception, runtimes.SyntaxError, runtimes.StackOverflow, runtimes.OutOfMemory:
	default:
		return out, fmt.Errorf("%s takes an end for %q, which no language can tell", b.language.Info().Name, f.Kind)
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

func tail(stream []byte) []byte { return stream[max(0, len(stream)-language.MaxStream):] }
