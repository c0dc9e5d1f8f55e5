package judge

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/internal/cache"
	"github.com/assay-dev/assay/runtimes"
)

// Version is the version of the judge's rules. It is part of every identity:
// raise it when the same candidate may get another verdict or another record.
const Version = 4

// Defaults of Config. The floor is about what Python uses in a second, so that
// the two come to evalplus's limit of max(1 s, 4 × canonical).
const (
	DefaultFuelFactor = 4
	DefaultFloor      = 10_000_000_000
)

// Config configures a Judge.
type Config struct {
	// Runner runs the jobs. It tries again what ends in a fault of ours: the Judge
	// doesn't.
	Runner runtimes.Runner
	// Runtime is the identity of what runs the programs there.
	Runtime string
	// Cache keeps expected values and verdicts; nil: only this Judge does.
	Cache cache.Store
	// Compat names the peer and version whose rules are followed where they
	// differ (default benchmarks.EvalplusMain).
	Compat benchmarks.Compat
	// Python is the version of Python whose rules programs are held to, as
	// runtimes.Program has it (default the runtime's own).
	Python string
	// FuelFactor times what the canonical solution used is the budget of
	// loading, of each input, and of a script's calls (default 4).
	FuelFactor float64
	// Floor is the least such budget, in fuel (default 10e9).
	Floor uint64
	// Limits bound the candidate in all but fuel; zero fields as runtimes.Limits
	// has them. LoadFuel and CallFuel are not used.
	Limits runtimes.Limits
	// BaseOnly leaves out every input set but "base".
	BaseOnly bool
	// Parallel is how many parts of an input set that takes long may run at once
	// (default 1). Records don't depend on it.
	Parallel int
	// Fresh judges everything anew: verdicts are neither read from the cache nor
	// kept there. Expected values still are.
	Fresh bool
}

func (c Config) withDefaults() (Config, error) {
	if c.Runner == nil || c.Runtime == "" {
		return c, errors.New("judge: no runtime")
	}
	if c.Python != "" {
		c.Runner = held{c.Runner, c.Python}
	}
	if c.FuelFactor == 0 {
		c.FuelFactor = DefaultFuelFactor
	}
	if math.IsNaN(c.FuelFactor) || math.IsInf(c.FuelFactor, 0) || c.FuelFactor < 1 {
		return c, fmt.Errorf("fuel factor %v: must be a number of 1 or more, or the canonical solutions would fail", c.FuelFactor)
	}
	c.Parallel = max(c.Parallel, 1)
	if c.Floor == 0 {
		c.Floor = DefaultFloor
	}
	compat, err := benchmarks.ParseCompat(string(c.Compat))
	if err != nil {
		return c, err
	}
	c.Compat = compat
	c.Limits = c.Limits.WithDefaults()
	c.Limits.LoadFuel, c.Limits.CallFuel = 0, 0
	return c, nil
}

// held holds the Python programs of every job to one version's rules: candidates
// and canonical solutions alike.
type held struct {
	runtimes.Runner
	python string
}

func (h held) Run(ctx context.Context, job *runtimes.Job, emit func(runtimes.Result) bool) (runtimes.Outcome, error) {
	if job.Language == runtimes.Python {
		same := *job
		same.Program.Python = h.python
		job = &same
	}
	return h.Runner.Run(ctx, job, emit)
}

// maxBudget keeps a budget within what the meter counts in.
const maxBudget = 1 << 60

// grant is the budget of a problem's test: the floor once for each second that
// the benchmark grants, or a multiple of what the canonical solution used.
func (c Config) grant(p *benchmarks.Problem, canonical uint64) uint64 {
	if p.Seconds > 0 {
		c.Floor = uint64(min(p.Seconds*float64(c.Floor), maxBudget))
	}
	return c.budget(canonical)
}

// allTests is how many times the least budget of one test all tests of a set may
// use together. evalplus gives a test one second at least, and a task 60 seconds
// (evalplus/eval/__init__.py, untrusted_check and EVALPLUS_TIMEOUT_PER_TASK).
const allTests = 60

// grantAll is the budget of all tests of a set together, on which the canonical
// solution used so much.
func (c Config) grantAll(p *benchmarks.Problem, canonical uint64) uint64 {
	least := c.grant(p, 0)
	if least > maxBudget/allTests {
		return maxBudget
	}
	return max(allTests*least, c.budget(canonical))
}

// overAll says that all tests together used more than their budget, which no single
// one did.
func overAll(budget uint64) string {
	return fmt.Sprintf("the tests up to this one used more than the %d fuel that all tests have together", budget)
}

// budget is the fuel granted where the canonical solution used so much.
func (c Config) budget(canonical uint64) uint64 {
	scaled := c.FuelFactor * float64(canonical)
	if scaled >= maxBudget {
		return maxBudget
	}
	return max(c.Floor, uint64(scaled))
}
