package failures

import (
	"cmp"
	"path"
	"strings"

	"github.com/assay-dev/assay/harness"
)

// Cause is what went wrong first with a sample. Its zero value is a pass.
type Cause struct {
	Verdict harness.Verdict `json:"verdict"`
	Kind    string          `json:"kind,omitempty"`  // type of the exception, or what a wrong answer is
	Where   string          `json:"where,omitempty"` // where an exception was raised
}

// Kinds of wrong answers, by what is shown of the two values.
const (
	noValue      = "None for a value"
	anotherType  = "a value of another type"
	anotherValue = "another value"
	failedTest   = "a test failed"
)

// Places where exceptions are raised. A library is named after "in ".
const (
	atImport = "at import"
	inCalled = "in the function that was called"
	inHelper = "in a function of its own"
)

// of gives the cause of a record; ok is false for a pass and for a fault of ours.
func of(r harness.Record) (c Cause, ok bool) {
	if r.Verdict == harness.Pass || r.Verdict == harness.InfraError {
		return Cause{}, false
	}
	c.Verdict = r.Verdict
	f := r.Failure
	if f == nil {
		return c, true
	}
	switch {
	case r.Verdict == harness.WrongAnswer:
		c.Kind = wrong(f)
	case f.Exception != nil:
		c.Kind = f.Exception.Type
	}
	if r.Verdict == harness.Exception && f.Exception != nil {
		c.Where = raised(f.Exception.Traceback)
	}
	return c, true
}

// wrong says what kind of wrong answer it is.
func wrong(f *harness.Failure) string {
	switch expected, actual := typeOf(f.Expected), typeOf(f.Actual); {
	case f.Actual == "" || f.Expected == "":
		return failedTest
	case actual == "NoneType" && expected != "NoneType":
		return noValue
	case actual != expected && actual != "" && expected != "":
		return anotherType
	}
	return anotherValue
}

// typeOf reads the type off a value's Python source, as far as its beginning
// tells; "" where it doesn't.
func typeOf(source string) string {
	switch {
	case source == "":
		return ""
	case source == "None":
		return "NoneType"
	case source == "True" || source == "False":
		return "bool"
	case strings.HasPrefix(source, "set(") || strings.HasPrefix(source, "{"):
		return braces(source)
	case strings.HasPrefix(source, "b'") || strings.HasPrefix(source, `b"`):
		return "bytes"
	case strings.HasPrefix(source, "float(") || source == "inf" || source == "-inf" || source == "nan":
		return "float"
	}
	switch source[0] {
	case '\'', '"':
		return "str"
	case '[':
		return "list"
	case '(':
		return "tuple"
	}
	if number := strings.TrimPrefix(source, "-"); number != "" && number[0] >= '0' && number[0] <= '9' {
		return numeric(number)
	}
	return ""
}

// braces tells a set from a dict, whose first member has a colon outside of any
// text; one that is cut or nested is of no known type.
func braces(source string) string {
	if source == "{}" {
		return "dict"
	}
	if strings.HasPrefix(source, "set(") {
		return "set"
	}
	depth, quote := 0, byte(0)
	for i := 1; i < len(source); i++ {
		switch ch := source[i]; {
		case quote != 0 && ch == '\\':
			i++
		case quote != 0:
			if ch == quote {
				quote = 0
			}
		case ch == '\'' || ch == '"':
			quote = ch
		case strings.IndexByte("([{", ch) >= 0:
			depth++
		case depth > 0 && strings.IndexByte(")]}", ch) >= 0:
			depth--
		case depth == 0 && ch == ':':
			return "dict"
		case depth == 0 && (ch == ',' || ch == '}'):
			return "set"
		}
	}
	return ""
}

func numeric(number string) string {
	switch {
	case strings.ContainsAny(number, "jJ"):
		return "complex"
	case strings.ContainsAny(number, ".e"):
		return "float"
	}
	return "int"
}

// raised says where the last entry of a traceback stands, seen from the program.
// The entries are Python's: a File line each, and the source below it.
func raised(traceback string) string {
	var own []string // functions of the program, outermost first
	program, last := "", ""
	for line := range strings.Lines(traceback) {
		file, function, ok := entry(line)
		if !ok {
			continue
		}
		program = cmp.Or(program, file) // the first entry is the program's
		last = file
		if file == program {
			own = append(own, function)
		}
	}
	switch {
	case len(own) == 0:
		return ""
	case last != program:
		return "in " + library(last)
	case own[len(own)-1] == "<module>":
		return atImport
	case own[len(own)-1] == own[0] || len(own) == 2 && own[0] == "<module>":
		return inCalled
	}
	return inHelper
}

// entry reads a line that names a place: File "solution.py", line 3, in f.
func entry(line string) (file, function string, ok bool) {
	rest, ok := strings.CutPrefix(line, `  File "`)
	if !ok {
		return "", "", false
	}
	file, rest, ok = strings.Cut(rest, `", line `)
	if !ok {
		return "", "", false
	}
	_, function, _ = strings.Cut(strings.TrimRight(rest, "\n"), ", in ")
	return file, function, true
}

// library is the top package of a file of Python's library.
func library(file string) string {
	dir := strings.TrimPrefix(file, "<frozen ")
	for _, root := range []string{"site-packages/", "python315.zip/"} {
		if _, rest, ok := strings.Cut(dir, root); ok {
			dir = rest
			break
		}
	}
	top, _, _ := strings.Cut(dir, "/")
	if top == "" {
		top = path.Base(file)
	}
	return strings.TrimSuffix(strings.TrimSuffix(top, ">"), ".py")
}
