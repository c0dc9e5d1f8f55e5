package run

import (
	"fmt"
	"regexp"
	"strings"
)

// reaches are the ways by which a program gets at what it was not given: at what
// calls it, at the tests, or at the driver. None of them is a proof, and few
// programs need any. They are looked for in the text, strings included: getattr
// takes a name as one.
var reaches = []struct {
	says  string
	words *regexp.Regexp
}{
	{"reads frames of its callers", regexp.MustCompile(`\b(_getframe\w*|_current_frames|currentframe|getouterframes|getinnerframes|inspect\s*\.\s*(stack|trace)|f_(back|locals|globals|builtins|code|trace|lineno|generator)|(tb|gi|cr|ag)_frame|walk_stack|walk_tb)\b`)},
	{"watches what runs", regexp.MustCompile(`\b(settrace\w*|setprofile\w*|sys\s*\.\s*monitoring|addaudithook)\b`)},
	{"reads or changes code objects", regexp.MustCompile(`\b(__code__|co_(?:code|consts|names|varnames|filename|freevars|cellvars|lines|positions|firstlineno)|CodeType|FunctionType|getsource\w*|get_instructions|linecache)\b`)},
	{"goes through the objects of the garbage collector", regexp.MustCompile(`\b(get_objects|get_referrers|get_referents|gc\s*\.\s*callbacks|__subclasses__)\b`)},
	{"changes how tests are run", regexp.MustCompile(`\b(_host|_ShouldStop|testPartExecutor|_callTestMethod|__unittest\w*|failureException|__build_class__|modules\s*\[\s*["']unittest[".'])|\bTestCase\s*\.\s*\w+(\s*\.\s*\w+)*\s*=[^=]`)},
}

// Reaches says in what ways a program gets at what it was not given, each with
// the first line where it does.
func Reaches(source string) []string {
	var out []string
	for _, r := range reaches {
		if at := r.words.FindStringIndex(source); at != nil {
			out = append(out, fmt.Sprintf("%s (line %d)", r.says, strings.Count(source[:at[0]], "\n")+1))
		}
	}
	return out
}
