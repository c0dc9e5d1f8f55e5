package benchmarks

import (
	"context"
	"net/http"

	"github.com/assay-dev/assay/runtimes/cache"
)

// Options say where data sets are looked for. The zero value fetches from the
// publishers and keeps nothing.
type Options struct {
	DataFile string      // this file and no other; "": none
	DataDir  string      // a folder that may have the data set, three levels deep at most; "": none
	Added    []Info      // the suites on the user's shelf
	Cache    cache.Store // keeps what was fetched; nil: nothing is kept
	Large    bool        // fetch also what has more than a gigabyte
	Keep     bool        // not to get what was fetched into the cache is an error; otherwise it is passed over
	Progress Progress    // told while something is fetched; may be nil

	BaseURL string       // replaces scheme and host of what is fetched, for a mirror; "": as published
	Client  *http.Client // nil: one with time limits of its own
	Pip     []string     // the command that runs pip; nil: the one that is found
}

// Progress is told what takes long: total is 0 when it isn't known.
type Progress func(stage string, done, total int64)

// Open loads the suite that spec names: "humaneval+" or "humaneval+@v0.1.9".
// The data set is DataFile where one is given; otherwise the first of DataDir,
// the cache and the publisher that has it, by checksum.
func Open(ctx context.Context, spec string, o Options) (*Suite, error) {
	info, err := Lookup(spec, o.Added...)
	if err != nil {
		return nil, err
	}
	d, err := locate(ctx, info, spec, o)
	if err != nil {
		return nil, err
	}
	return load(d)
}
