package python

import (
	"regexp"
	"strconv"
	"strings"
)

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
