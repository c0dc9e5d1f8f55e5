package benchmarks

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash"
	"io"
	"math"
	"time"

	"github.com/assay-dev/assay/internal/jsonl"
)

// Oracle names how a problem is judged.
type Oracle string

const (
	Cases    Oracle = "cases"    // inputs in, values out, compared outside the guest
	Script   Oracle = "script"   // test code in a trusted instance, calls travel to the candidate
	Unittest Oracle = "unittest" // tests share the candidate's interpreter: weaker, and marked so
	Stdio    Oracle = "stdio"    // a program reads its input and prints: the output is compared outside the guest
)

// Problem is one task of a suite.
type Problem struct {
	ID         string // as the suite has it: "HumanEval/0", "Mbpp/2"
	Origin     string // file and line, for messages
	Prompt     string // what a completion continues; "" where a completion is a whole program
	Statement  string // what the program has to do, where no prompt says it
	EntryPoint string // the function that is called
	Canonical  string // the whole canonical program, ready to run; "" where the suite has none
	Oracle     Oracle

	// For Cases: the input sets in order, and how an actual value is held
	// against the expected one.
	Sets []InputSet
	Rule Rule

	// For Script and Unittest: the test program. Helpers are executed in the
	// trusted instance before it (the prompt, for HumanEval); the stand-in is
	// bound to EntryPoint after that.
	Helpers string
	Test    string
	// TestCase, for Unittest, is the class in Test whose methods are the tests; ""
	// where Test is a plain script.
	TestCase string

	// Instruct is the problem as a chat is asked for it, where the suite has words
	// of its own for that; Calibration goes before a sample's solution, where the
	// suite calibrates (see peers.Calibrate).
	Instruct    string
	Calibration string

	// For Stdio, and for Cases whose expected values come with the data set:
	// the tests, in place of Sets.
	Tests   *Tests
	Output  OutputRule // of Stdio
	Class   string     // the class whose method EntryPoint is, where a program has it
	Before  string     // run before each program, in its scope: what the benchmark imports for it
	Seconds float64    // what a test may take, as the benchmark says it; 0: it says nothing

	Contest Contest // where the problem is from; says nothing about verdicts

	Hash [32]byte // of everything above that a verdict depends on
}

// Suite is a loaded benchmark.
type Suite struct {
	Name    string // "humaneval+"
	Version string // "v0.1.10"
	SHA256  string // of the data set, unpacked
	MD5     string // of the same: evalplus's "hash"
	Licence string
	Origin  string
	Sets    []string // names of the input sets: "base" or "base", "plus"
	// Libraries names the set of Python libraries that programs expect beside the
	// usual ones; "" for none.
	Libraries string
	Python    string // see Info.Python
	Problems  []*Problem
}

// LibrariesAs names the set of libraries that programs get.
func (s *Suite) LibrariesAs(l Libs) string {
	if l == libsAsIs && s.Libraries != "" {
		return s.Libraries + "-" + string(l)
	}
	return s.Libraries
}

// Sample is one candidate for one problem.
type Sample struct {
	TaskID   string
	Index    int    // n-th sample of its task, from 0, in file order
	Solution string // the whole program as evalplus would execute it
	Origin   string // file and line, for messages
	Extract  string // the rule that took it out of a model's answer; "": not known
	Best     string // what the rule best takes out of that answer, where it is another program; or ""
}

// Contest says where a problem was set.
type Contest struct {
	Title      string
	Platform   string // "leetcode", "atcoder", "codeforces"
	ID         string
	Date       string // ISO 8601, with or without a time; "": not known
	Difficulty string // "easy", "medium", "hard", or as the suite has it
	Starter    string // the code that a program begins with
}

// Text is the problem as a person reads it.
func (p *Problem) Text() string {
	if p.Statement != "" {
		return p.Statement
	}
	return p.Prompt
}

// hash is over everything that a verdict on the problem may depend on.
func (p *Problem) hash() [32]byte {
	h := newDigest("problem/1")
	for _, s := range []string{
		rulesVersion, p.ID, p.Prompt, p.EntryPoint, p.Canonical, string(p.Oracle),
		p.Helpers, p.Test, p.Rule.Special,
	} {
		writeString(h, s)
	}
	if p.TestCase != "" {
		writeString(h, p.TestCase)
	}
	writeUint(h, math.Float64bits(p.Rule.Atol))
	for _, s := range p.Sets {
		writeString(h, s.Name)
		writeString(h, s.shape)
		writeUint(h, uint64(len(s.text)))
		h.Write(s.text)
	}
	if p.Tests != nil {
		p.Tests.hash(h)
		for _, s := range []string{p.Output.Name, p.Class, p.Before} {
			writeString(h, s)
		}
		writeUint(h, math.Float64bits(p.Output.Tolerance))
		if p.Output.IgnoreCase {
			writeString(h, "ignore case")
		}
		writeUint(h, math.Float64bits(p.Seconds))
	}
	return [32]byte(h.Sum(nil))
}

// newDigest makes a hash that starts with the kind of what is hashed.
func newDigest(kind string) hash.Hash {
	h := sha256.New()
	writeString(h, kind)
	return h
}

// writeString writes a string so that no two lists of strings look the same.
func writeString(h hash.Hash, s string) {
	writeUint(h, uint64(len(s)))
	io.WriteString(h, s)
}

func writeUint(h hash.Hash, n uint64) {
	var b [8]byte
	binary.LittleEndian.PutUint64(b[:], n)
	h.Write(b[:])
}

// dateForms are those of ISO 8601 that data sets use.
var dateForms = []string{"2006-01-02", "2006-01-02T15:04:05"}

// ParseDate reads a date, with a time or without, which means midnight.
func ParseDate(text string) (time.Time, error) {
	for _, form := range dateForms {
		if t, err := time.Parse(form, text); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%s is no date (want one like 2024-05-01 or 2024-05-01T19:30:00)", jsonl.Quote(text))
}

func checkDate(text string) error {
	_, err := ParseDate(text)
	return err
}
