package python

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/assay-dev/assay/internal/excerpt"
	"github.com/assay-dev/assay/internal/value"
	"github.com/assay-dev/assay/runtimes"
)

// reportBounds hold for what the driver says of a failure: it caps its texts.
var reportBounds = value.Bounds{Bytes: 1 << 20, Nodes: 1000, Depth: 4}

// failure is a frame that ends a program, as an outcome. False means that the
// driver did not write it.
func failure(f frame, files sources, memoryRefused bool) (runtimes.Outcome, bool) {
	body, err := value.Decode(f.body, reportBounds)
	if err != nil {
		return runtimes.Outcome{}, false
	}
	switch f.word {
	case wordRefused:
		detail, ok := body.(value.Str)
		return runtimes.Outcome{Kind: runtimes.BadValue, Detail: plain(detail)}, ok
	case wordEnded:
		return runtimes.Outcome{Kind: runtimes.NoResult, Detail: "the program exited with code " + value.Repr(body, 20)}, true
	}
	info, ok := exceptionInfo(body, files)
	if !ok {
		return runtimes.Outcome{}, false
	}
	if f.word == wordSyntax {
		info.Message = files.shift(info.Message)
	}
	out := runtimes.Outcome{Exception: info}
	switch {
	case f.word == wordMemory && memoryRefused:
		out.Kind, out.Detail = runtimes.OutOfMemory, "MemoryError after memory was refused"
	case f.word == wordSyntax && memoryRefused:
		out.Kind, out.Detail = runtimes.OutOfMemory, "memory was refused to the compiler"
	case f.word == wordRaised || f.word == wordMemory:
		out.Kind = runtimes.Exception
	case f.word == wordSyntax:
		out.Kind = runtimes.SyntaxError
	default:
		return runtimes.Outcome{}, false
	}
	return out, true
}

// exceptionInfo reads (type, message, line, [(file, line, function)], omitted).
func exceptionInfo(body value.Value, files sources) (*runtimes.ExceptionInfo, bool) {
	t, ok := body.(value.Tuple)
	if !ok || len(t) != 5 {
		return nil, false
	}
	kind, ok1 := t[0].(value.Str)
	message, ok2 := t[1].(value.Str)
	line, ok3 := t[2].(value.Small)
	entries, ok4 := t[3].(value.List)
	omitted, ok5 := t[4].(value.Small)
	if !(ok1 && ok2 && ok3 && ok4 && ok5) || len(entries) > traceHead+traceTail {
		return nil, false
	}
	info := &runtimes.ExceptionInfo{Type: plain(kind), Message: plain(message), Line: files.own(int(line))}
	info.Traceback, ok = traceback(entries, int(omitted), files)
	info.Cut(1)
	return info, ok
}

// traceHead is how many entries stand before those that were left out, traceTail
// how many after them; the driver's HEAD and TAIL.
const (
	traceHead = 10
	traceTail = 20
)

// traceback writes entries as Python does, with the source lines that the host
// has: the guest's word is not asked for them.
func traceback(entries value.List, omitted int, files sources) (string, bool) {
	var b strings.Builder
	for i, e := range entries {
		t, ok := e.(value.Tuple)
		if !ok || len(t) != 3 {
			return "", false
		}
		file, ok1 := t[0].(value.Str)
		line, ok2 := t[1].(value.Small)
		function, ok3 := t[2].(value.Str)
		if !(ok1 && ok2 && ok3) {
			return "", false
		}
		if i == traceHead && omitted > 0 {
			fmt.Fprintf(&b, "  … %d more\n", omitted)
		}
		source := files[string(file)]
		at := int(line) - source.above
		fmt.Fprintf(&b, "  File \"%s\", line %d, in %s\n", name(file), at, name(function))
		if src := sourceLine(source.text, at); src != "" {
			fmt.Fprintf(&b, "    %s\n", src)
		}
	}
	return b.String(), true
}

// sourceLine is the n-th line of a source, trimmed and capped; "" when there is
// none.
func sourceLine(source string, n int) string {
	const most = 200
	for line := range strings.Lines(source) {
		if n--; n == 0 {
			return excerpt.Line(strings.TrimSpace(line), most)
		}
	}
	return ""
}

// plain is a guest's string as valid UTF-8: lone surrogates are replaced.
func plain(s value.Str) string { return strings.ToValidUTF8(string(s), "\uFFFD") }

// name is a guest's name of something, kept.
func name(s value.Str) string { return excerpt.Line(plain(s), runtimes.MostName) }

// sources are the texts that tracebacks show, by file name.
type sources map[string]source

// source is a text, with so many lines above it that are not its own.
type source struct {
	text  string
	above int
}

// own is the number of a line in the file that has others above it, 0 where it
// is none of its own.
func (s sources) own(line int) int {
	for _, f := range s {
		if f.above > 0 {
			if line -= f.above; line < 0 || line > strings.Count(f.text, "\n")+1 {
				return 0
			}
		}
	}
	return line
}

var lineNumber = regexp.MustCompile(`\bline (\d+)\b`)

// shift puts the numbers of lines right in what the compiler says: "expected an
// indented block after 'if' statement on line 3".
func (s sources) shift(message string) string {
	return lineNumber.ReplaceAllStringFunc(message, func(found string) string {
		n, err := strconv.Atoi(found[len("line "):])
		if own := s.own(n); err == nil && own > 0 {
			return "line " + strconv.Itoa(own)
		}
		return found
	})
}
