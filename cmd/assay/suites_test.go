package main

import (
	"os"
	"testing"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/harness/knownfailures"
	"github.com/assay-dev/assay/internal/cache"
	"github.com/assay-dev/assay/runtimes"
	"github.com/assay-dev/assay/runtimes/worker"
)

// TestRunnableTable: the tree's table is of the runtime that the tree makes. It is
// made anew with assay suites check --write.
func TestRunnableTable(t *testing.T) {
	info, err := benchmarks.Lookup("bigcodebench")
	if err != nil {
		t.Fatal(err)
	}
	table, err := knownfailures.For(info.Sums[len(info.Sums)-1])
	if err != nil || table == nil {
		t.Fatalf("no table: %v", err)
	}
	if os.Getenv("ASSAY_REQUIRE") == "" {
		t.Skip("a runtime with libraries may have to be fetched: set ASSAY_REQUIRE")
	}
	root, err := cache.DefaultRoot()
	if err != nil {
		t.Fatal(err)
	}
	setup := worker.Setup{Cache: root, Wheel: os.Getenv("ASSAY_WHEEL"), Engine: defaultEngine(), Libraries: info.Libraries, Programs: 1}
	w := worker.New(worker.Config{Setup: setup})
	python, err := w.Ready(t.Context(), runtimes.Python)
	if err != nil {
		t.Fatal(err)
	}
	if python.Identity != table.Runtime {
		t.Errorf("the table is of the runtime %s, and this is %s", table.Runtime, python.Identity)
	}
	if err := w.Close(); err != nil {
		t.Error(err)
	}
}

func TestRanges(t *testing.T) {
	for want, ids := range map[string][]string{
		"":              nil,
		"B/0":           {"B/0"},
		"B/0-2, 4, 6-7": {"B/0", "B/1", "B/2", "B/4", "B/6", "B/7"},
		"B/x, y, 3":     {"B/x", "B/y", "B/3"},
	} {
		if got := ranges(ids); got != want {
			t.Errorf("%q: %q, want %q", ids, got, want)
		}
	}
}
