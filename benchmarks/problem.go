package benchmarks

// Oracle names how a problem is judged.
type Oracle string

const (
	Cases    Oracle = "cases"    // inputs in, values out, compared outside the guest
	Script   Oracle = "script"   // test code in a trusted instance, calls travel to the candidate
	Unittest Oracle = "unittest" // tests share the candidate's interpreter: weaker, and marked so
)

// Problem is one task of a suite.
type Problem struct {
	ID         string // as the suite has it: "HumanEval/0", "Mbpp/2"
	Prompt     string // what a completion continues
	EntryPoint string // the function that is called
	Canonical  string // the whole canonical program, ready to run
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

	Hash [32]byte // of everything above
}

// Suite is a loaded benchmark.
type Suite struct {
	Name     string // "humaneval+"
	Version  string // "v0.1.10"
	SHA256   string // of the data set, unpacked
	MD5      string // of the same: evalplus's "hash"
	Licence  string
	Origin   string
	Sets     []string // names of the input sets: "base" or "base", "plus"
	Problems []*Problem
}

// Sample is one candidate for one problem.
type Sample struct {
	TaskID   string
	Index    int    // n-th sample of its task, from 0, in file order
	Solution string // the whole program as evalplus would execute it
	Origin   string // file and line, for messages
}
