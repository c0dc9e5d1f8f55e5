package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"syscall"
	"text/tabwriter"
	"time"
)

// figures are what one finished command cost.
type figures struct {
	Wall time.Duration
	CPU  time.Duration // user and system, finished children included
	RSS  int64         // peak resident memory of the process itself, bytes
	Out  []byte        // standard output
}

// command is a program that is run several times.
type command struct {
	Name string
	Args []string
	Env  []string // added to the environment
	Dir  string
	// Before, if not nil, puts things back as they were before each run.
	Before func() error
	// Status says which exit codes are fine besides 0.
	Status []int
}

// run runs c once.
func (c command) run() (figures, error) {
	if c.Before != nil {
		if err := c.Before(); err != nil {
			return figures{}, err
		}
	}
	cmd := exec.Command(c.Args[0], c.Args[1:]...)
	cmd.Env = append(os.Environ(), c.Env...)
	cmd.Dir = c.Dir
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	start := time.Now()
	err := cmd.Run()
	wall := time.Since(start)
	if err != nil && !slices.Contains(c.Status, cmd.ProcessState.ExitCode()) {
		return figures{}, fmt.Errorf("%s: %w\n%s", c.Name, err, tail(errs.Bytes(), 2000))
	}
	f := figures{Wall: wall, CPU: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), Out: out.Bytes()}
	if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		f.RSS = usage.Maxrss << 10
	}
	return f, nil
}

// pairs runs ours and theirs in turn, n times each, and returns the runs.
func pairs(ours, theirs command, n int) (a, b []figures, err error) {
	for range n {
		for _, side := range []struct {
			c    command
			into *[]figures
		}{{ours, &a}, {theirs, &b}} {
			f, err := side.c.run()
			if err != nil {
				return nil, nil, err
			}
			*side.into = append(*side.into, f)
		}
	}
	return a, b, nil
}

// median of f over the runs.
func median[T any](runs []T, f func(T) float64) float64 {
	xs := make([]float64, len(runs))
	for i, r := range runs {
		xs[i] = f(r)
	}
	slices.Sort(xs)
	if n := len(xs); n%2 == 0 {
		return (xs[n/2-1] + xs[n/2]) / 2
	}
	return xs[len(xs)/2]
}

func tail(b []byte, n int) []byte {
	if len(b) > n {
		return b[len(b)-n:]
	}
	return b
}

// row is one line of the report.
type row struct {
	What         string
	Ours, Theirs string
	Ratio        string // ours against theirs: more is better
	Bar          string // what the project asks of it
}

// ratioRow compares throughput over pairs of runs: the ratio is the median of
// the pairs' ratios, which holds when the machine's speed drifts.
func ratioRow(what string, work int, ours, theirs []figures, bar string) row {
	seconds := func(f figures) float64 { return f.Wall.Seconds() }
	type pair struct{ a, b float64 }
	var ps []pair
	for i := range ours {
		ps = append(ps, pair{seconds(ours[i]), seconds(theirs[i])})
	}
	rate := func(fs []figures) string {
		s := median(fs, seconds)
		return fmt.Sprintf("%.2f s, %.0f/s", s, float64(work)/s)
	}
	return row{
		What: what, Ours: rate(ours), Theirs: rate(theirs), Bar: bar,
		Ratio: fmt.Sprintf("%.2f", median(ps, func(p pair) float64 { return p.b / p.a })),
	}
}

func (b *bench) add(r row) { b.rows = append(b.rows, r) }

// print writes the report.
func (b *bench) print(w io.Writer) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "what\tassay\tpeer\tratio\tbar")
	for _, r := range b.rows {
		fmt.Fprintf(tw, "%s\t%s\t%s\t%s\t%s\n", r.What, r.Ours, r.Theirs, r.Ratio, r.Bar)
	}
	return tw.Flush()
}
