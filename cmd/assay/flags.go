package main

import (
	"cmp"
	"fmt"
	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/harness/codeflow"
	"github.com/assay-dev/assay/harness/judge"
	"github.com/assay-dev/assay/harness/run"
	"github.com/assay-dev/assay/internal/humanize"
	"github.com/assay-dev/assay/runtimes"
	"github.com/spf13/pflag"
	"math"
	"strconv"
	"strings"
	"time"
)

// limitFlags are what a program is granted when it is judged.
type limitFlags struct {
	fuelFactor float64
	fuelFloor  fuelCount
	memory     byteCount
}

func (f *limitFlags) register(flags *pflag.FlagSet) {
	f.fuelFloor, f.memory = judge.DefaultFloor, 1<<30
	flags.Float64Var(&f.fuelFactor, "fuel-factor", judge.DefaultFuelFactor, "budget as a multiple of the canonical solution's fuel")
	flags.Var(&f.fuelFloor, "fuel-floor", "least budget of one input; all of a set together have 60 times that")
	flags.Var(&f.memory, "memory", "memory of one program")
}

// options are the limits as a summary keeps them, the defaults filled in.
func (f *limitFlags) options() run.Options {
	limits := runtimes.Limits{MemoryBytes: uint64(f.memory)}.WithDefaults()
	limits.LoadFuel, limits.CallFuel = 0, 0 // the judge sets them by factor and floor
	return run.Options{
		Compat: string(benchmarks.EvalplusMain), FuelFactor: f.fuelFactor, FuelFloor: uint64(f.fuelFloor), Limits: limits,
	}
}

// libsFlag says how a suite's libraries are had.
type libsFlag string

func (f *libsFlag) register(flags *pflag.FlagSet) {
	flags.StringVar((*string)(f), "libs", string(benchmarks.LibsBenchmark), "BigCodeBench's libraries: benchmark has today's do what they did when it was made, as-is leaves them as they are")
}

// of is what a run's options say of it: nothing where it is the default.
func (f libsFlag) of(info benchmarks.Info) (string, error) {
	l, err := benchmarks.ParseLibs(string(f))
	switch {
	case err != nil:
		return "", usageError{err}
	case l == benchmarks.LibsBenchmark:
		return "", nil
	case info.Libraries == "":
		return "", usagef("--libs %s is for suites with libraries of their own, as bigcodebench has them", l)
	}
	return string(l), nil
}

// pythonFlag says which version's rules Python programs are held to.
type pythonFlag string

func (f *pythonFlag) register(flags *pflag.FlagSet, usual string) {
	flags.StringVar((*string)(f), "python", "", "the `version` of Python whose rules programs are held to: "+strings.Join(runtimes.PythonVersions, ", ")+", or native, the runtime's own (default "+usual+")")
}

// of is what people call the version for programs of a suite, or of none.
func (f pythonFlag) of(info benchmarks.Info) (string, error) {
	_, err := f.held()
	return cmp.Or(string(f), info.Python, runtimes.PythonNative), err
}

// held is the version for a program, as a job has it.
func (f pythonFlag) held() (string, error) {
	held, err := runtimes.ParsePython(cmp.Or(string(f), runtimes.PythonNative))
	if err != nil {
		return "", usageError{err}
	}
	return held, nil
}

// taskFlags say which tasks of a suite are meant.
type taskFlags struct {
	tasks       []string
	limit       int
	from, until date
}

// register names the flag of the patterns, which is not the same everywhere.
func (f *taskFlags) register(flags *pflag.FlagSet, patterns string) {
	flags.StringSliceVar(&f.tasks, patterns, nil, "only these tasks: ids or `globs`, also of what follows the slash (3,1?)")
	flags.Var(&f.from, "from", "only tasks that were set at this time or later, in suites that say when")
	flags.Var(&f.until, "until", "only tasks that were set at this time or earlier; a date alone is its midnight, as LiveCodeBench has it")
	flags.IntVar(&f.limit, "limit", 0, "only the first `n` of the selected tasks")
}

func (f *taskFlags) selection() run.Selection {
	return run.Selection{Tasks: f.tasks, Limit: f.limit, From: f.from.Time, Until: f.until.Time}
}

// date is a flag's.
type date struct{ time.Time }

func (d *date) String() string {
	if d.IsZero() {
		return ""
	}
	return d.Format(time.DateOnly)
}

func (d *date) Set(text string) (err error) {
	d.Time, err = benchmarks.ParseDate(text)
	return err
}

func (d *date) Type() string { return "date" }

// leastFlag is a flag for what tests must reach: lines=0.9,mutants=0.5,marks=3.
type leastFlag codeflow.Least

func (l *leastFlag) Set(s string) error {
	for part := range strings.SplitSeq(s, ",") {
		name, text, _ := strings.Cut(part, "=")
		n, err := strconv.ParseFloat(text, 64)
		shares := map[string]*float64{"lines": &l.Lines, "branches": &l.Branches, "mutants": &l.Mutants}
		switch share := shares[name]; {
		case err == nil && share != nil && n >= 0 && n <= 1:
			*share = n
		case err == nil && name == "marks" && n >= 1 && n <= 5 && n == float64(int(n)):
			l.Marks = int(n)
		default:
			return fmt.Errorf("%q is no bound; write lines=0.9, branches=0.8, mutants=0.5 or marks=3", part)
		}
	}
	return nil
}

func (l *leastFlag) String() string {
	var parts []string
	add := func(name string, n float64) {
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%s=%g", name, n))
		}
	}
	add("lines", l.Lines)
	add("branches", l.Branches)
	add("mutants", l.Mutants)
	add("marks", float64(l.Marks))
	return strings.Join(parts, ",")
}

func (l *leastFlag) Type() string { return "bounds" }

// byteCount is a flag for a size: 512MiB, 2GiB, or bytes.
type byteCount uint64

var byteUnits = []struct {
	suffix string
	size   float64
}{{"KIB", 1 << 10}, {"MIB", 1 << 20}, {"GIB", 1 << 30}, {"KB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"K", 1 << 10}, {"M", 1 << 20}, {"G", 1 << 30}, {"B", 1}}

func (b *byteCount) Set(s string) error {
	upper, factor := strings.ToUpper(strings.TrimSpace(s)), 1.0
	for _, u := range byteUnits {
		if rest, ok := strings.CutSuffix(upper, u.suffix); ok {
			upper, factor = strings.TrimSpace(rest), u.size
			break
		}
	}
	n, err := parseCount(upper, factor)
	if err != nil {
		return fmt.Errorf("%q is not a size; write 512MiB or 2GiB", s)
	}
	*b = byteCount(n)
	return nil
}

func (b *byteCount) String() string {
	if *b == 0 {
		return ""
	}
	return humanize.Bytes(int64(*b))
}

func (b *byteCount) Type() string { return "size" }

// fuelCount is a flag for an amount of fuel: 20e9, or 20000000000.
type fuelCount uint64

func (f *fuelCount) Set(s string) error {
	n, err := parseCount(s, 1)
	if err != nil {
		return fmt.Errorf("%q is not an amount of fuel; write 20e9", s)
	}
	*f = fuelCount(n)
	return nil
}

func (f *fuelCount) String() string {
	if *f == 0 {
		return ""
	}
	return strconv.FormatFloat(float64(*f), 'g', -1, 64)
}

func (f *fuelCount) Type() string { return "fuel" }

func parseCount(s string, factor float64) (uint64, error) {
	n, err := strconv.ParseFloat(s, 64)
	n *= factor
	if err != nil {
		return 0, err
	}
	if math.IsNaN(n) || n < 1 || n > 1<<62 {
		return 0, strconv.ErrRange
	}
	return uint64(n), nil
}
