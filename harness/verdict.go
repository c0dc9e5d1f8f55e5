package harness

import "github.com/assay-dev/assay/runtimes"

// Verdict is the judge's word on one sample.
type Verdict string

const (
	Pass          Verdict = "pass"
	WrongAnswer   Verdict = "wrong_answer"
	Exception     Verdict = Verdict(runtimes.Exception)
	SyntaxError   Verdict = Verdict(runtimes.SyntaxError)
	NoResult      Verdict = Verdict(runtimes.NoResult)
	ForgedResult  Verdict = Verdict(runtimes.ForgedResult)
	BadValue      Verdict = Verdict(runtimes.BadValue)
	Trap          Verdict = Verdict(runtimes.Trap)
	OutOfFuel     Verdict = Verdict(runtimes.OutOfFuel)
	StackOverflow Verdict = Verdict(runtimes.StackOverflow)
	OutOfMemory   Verdict = Verdict(runtimes.OutOfMemory)
	OutputLimit   Verdict = Verdict(runtimes.OutputLimit)
	FSLimit       Verdict = Verdict(runtimes.FSLimit)
	// InfraError is a fault of ours: retried, left out of scores, shown.
	InfraError Verdict = "infra_error"
)
