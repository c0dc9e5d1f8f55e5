package runtimes

// TestResult is what became of one unit test, or of what belongs to none
// (setUpClass).
type TestResult struct {
	Name      string         `json:"name"`
	Outcome   TestOutcome    `json:"outcome"`
	Exception *ExceptionInfo `json:"exception,omitempty"` // where it raised
}

// TestOutcome is unittest's word on a test.
type TestOutcome string

const (
	TestPass  TestOutcome = "pass"
	TestFail  TestOutcome = "fail"  // an assertion did not hold
	TestError TestOutcome = "error" // something else was raised
	TestSkip  TestOutcome = "skip"
)

// Known says whether there is such a word.
func (o TestOutcome) Known() bool {
	return o == TestPass || o == TestFail || o == TestError || o == TestSkip
}
