package run

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/assay-dev/assay/harness"
)

// way is something that a program does, and the words by which its text says so.
type way struct {
	says  string
	words *regexp.Regexp
}

// reaches are the ways by which a program gets at what it was not given: at what
// calls it, at the tests, or at the driver. None of them is a proof, and few
// programs need any. They are looked for in the text, strings included: getattr
// takes a name as one.
var reaches = []way{
	{"reads frames of its callers", regexp.MustCompile(`\b(_getframe\w*|_current_frames|currentframe|getouterframes|getinnerframes|inspect\s*\.\s*(stack|trace)|f_(back|locals|globals|builtins|code|trace|lineno|generator)|(tb|gi|cr|ag)_frame|walk_stack|walk_tb)\b`)},
	{"watches what runs", regexp.MustCompile(`\b(settrace\w*|setprofile\w*|sys\s*\.\s*monitoring|addaudithook)\b`)},
	{"reads or changes code objects", regexp.MustCompile(`\b(__code__|co_(?:code|consts|names|varnames|filename|freevars|cellvars|lines|positions|firstlineno)|CodeType|FunctionType|getsource\w*|get_instructions|linecache)\b`)},
	{"goes through the objects of the garbage collector", regexp.MustCompile(`\b(get_objects|get_referrers|get_referents|gc\s*\.\s*callbacks|__subclasses__)\b`)},
	{"changes how tests are run", regexp.MustCompile(`\b(_host|_ShouldStop|testPartExecutor|_callTestMethod|__unittest\w*|failureException|__build_class__|modules\s*\[\s*["']unittest[".'])|\bTestCase\s*\.\s*\w+(\s*\.\s*\w+)*\s*=[^=]`)},
}

// Reaches says in what ways a program gets at what it was not given, each with
// the first line where it does.
func Reaches(source string) []string { return found(reaches, source) }

func found(ways []way, source string) []string {
	var out []string
	for _, r := range ways {
		if at := r.words.FindStringIndex(source); at != nil {
			out = append(out, fmt.Sprintf("%s (line %d)", r.says, strings.Count(source[:at[0]], "\n")+1))
		}
	}
	return out
}

// narrow are the ways by which a Python program meets the 32 bits of the guest: what
// is different there on a native Python of 64. Where it failed, they are noted.
var narrow = []way{
	{"hashes numbers or texts with hash()", regexp.MustCompile(`(^|[^\w.])hash\s*\(|\bhash_info\b`)},
	{"measures objects with getsizeof", regexp.MustCompile(`\bgetsizeof\b`)},
	{"has longs of the machine's size in struct or array", regexp.MustCompile(`\bstruct\s*\.\s*\w+\(\s*[rb]?["']@?[^<>=!"'@]*[lLnNP]|\barray\(\s*["'][lL]`)},
	{"has numpy's intp or long, which hold indices and counts, and have 32 bits", regexp.MustCompile(`\b(np|numpy)\s*\.\s*(u?intp|u?long|arg(sort|max|min|where|partition)|nonzero|flatnonzero|lexsort|searchsorted|digitize|bincount|unravel_index|(tril|triu|diag)_indices\w*)\b|\.\s*(argsort|argmax|argmin|nonzero)\(|\brandom\s*\.\s*(permutation|\w*binomial|poisson|geometric|zipf|multinomial|hypergeometric|logseries)\b`)},
}

// tooLarge are messages of exceptions that a native Python of 64 bits raises much later.
var tooLarge = regexp.MustCompile(`too large to convert to C|index-sized integer|Python integer -?\d+ out of bounds for u?int32|out of bounds for int32|Maximum allowed dimension exceeded|byte string is too large`)

// RecordNotes says what to know of a record beside its verdict: in what ways the program gets
// at what it was not given, and, where it failed, how it met the 32 bits of the guest,
// after "32-bit: ".
func RecordNotes(r harness.Record, source string) []string {
	notes := Reaches(source)
	for i, n := range notes {
		notes[i] = "the program " + n
	}
	return append(notes, NarrowNotes(r, source)...)
}

// NarrowNotes are the notes about 32 bits alone.
func NarrowNotes(r harness.Record, source string) []string {
	if r.Failure == nil && r.PlusFailure == nil {
		return nil
	}
	var notes []string
	for _, n := range found(narrow, source) {
		notes = append(notes, "32-bit: the program "+n)
	}
	for _, f := range []*harness.Failure{r.Failure, r.PlusFailure} {
		if f == nil || f.Exception == nil || !tooLarge.MatchString(f.Exception.Message) {
			continue
		}
		if note := "32-bit: the exception may be one of the machine's size"; !slices.Contains(notes, note) {
			notes = append(notes, note)
		}
	}
	return notes
}
