package trlrun

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/assay-dev/assay/internal/child"
	"github.com/assay-dev/assay/trainer"
)

// TestMain is also a program in Python's place.
func TestMain(m *testing.M) {
	switch os.Getenv("BE") {
	case "deaf": // it hears no signal: it says so and stays
		signal.Ignore(os.Interrupt)
		fmt.Println(`{"event": "start"}`)
		select {}
	case "obedient":
		stop := make(chan os.Signal, 1)
		signal.Notify(stop, os.Interrupt)
		fmt.Println(`{"event": "start"}`)
		<-stop
		os.Exit(stoppedCode)
	case "launched": // accelerate has an exit code of its own
		fmt.Println(`{"event": "start"}`)
		for {
			if _, err := os.Stat(filepath.Join(os.Args[len(os.Args)-1], stopFile)); err == nil {
				break
			}
		}
		fmt.Println(`{"event": "stopped", "step": 2}`)
		os.Exit(1)
	case "failing":
		fmt.Fprintln(os.Stderr, "no kernel")
		os.Exit(5)
	}
	os.Exit(m.Run())
}

// train runs the program that BE names, and does something once it has begun.
func train(t *testing.T, be string, begun func(stop chan struct{}, end context.CancelFunc)) (string, error) {
	t.Setenv("BE", be)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	stop := make(chan struct{})
	var said strings.Builder
	python := Trainer{Python: os.Args[0]}
	if be == "launched" {
		python.Accelerate = "config.yaml"
	}
	err := python.Train(ctx, trainer.Job{
		Dir: t.TempDir(), Stop: stop,
		Event: func(trainer.Event) { begun(stop, cancel) },
		Say:   func(line string) { said.WriteString(line) },
	})
	return said.String(), err
}

// TestEnds: how the program ends is what Train says.
func TestEnds(t *testing.T) {
	if said, err := train(t, "failing", nil); err == nil || err.Error() != "exit code 5" || said != "no kernel" {
		t.Errorf("failing: %v, said %q", err, said)
	}
	if _, err := train(t, "deaf", func(stop chan struct{}, end context.CancelFunc) { close(stop); end() }); err == nil || errors.Is(err, trainer.ErrStopped) {
		t.Errorf("deaf: %v", err)
	}
	if err := (Trainer{Python: "/no/such/python"}).Train(t.Context(), trainer.Job{}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no program: %v", err)
	}
	if os.PathSeparator != '/' {
		t.Skip("there is no such signal here")
	}
	for _, be := range []string{"obedient", "launched"} {
		var once sync.Once
		if _, err := train(t, be, func(stop chan struct{}, _ context.CancelFunc) { once.Do(func() { close(stop) }) }); !errors.Is(err, trainer.ErrStopped) {
			t.Errorf("%s: %v", be, err)
		}
	}
}

func TestCommand(t *testing.T) {
	for _, tt := range []struct {
		trainer Trainer
		want    string
	}{
		{Trainer{}, "-m assay_trl run"},
		{Trainer{Accelerate: "zero3.yaml"}, "-m accelerate.commands.launch --config_file zero3.yaml -m assay_trl run"},
		{Trainer{Accelerate: "zero3.yaml", Processes: 2}, "-m accelerate.commands.launch --config_file zero3.yaml --num_processes 2 -m assay_trl run"},
	} {
		if got := strings.Join(tt.trainer.command("run"), " "); got != tt.want {
			t.Errorf("%+v: %s, want %s", tt.trainer, got, tt.want)
		}
	}
}

// FuzzTalk: whatever the program prints, and however it is cut, events are told
// from words, and lines are bounded.
func FuzzTalk(f *testing.F) {
	f.Add([]byte("{\"event\": \"step\", \"loss\": 1}\nwords\r\n"), 3)
	f.Add([]byte(strings.Repeat("x", 3*mostLine)+"\n\xff\n{}\n"), 700)
	f.Fuzz(func(t *testing.T, text []byte, size int) {
		events := 0
		said := talk{job: trainer.Job{Event: func(trainer.Event) { events++ }, Say: func(line string) {
			if len(line) > mostLine || strings.Contains(line, "\n") {
				t.Errorf("passed on: %q", line)
			}
		}}}
		l := &child.Lines{Most: mostLine, Each: said.out}
		for part := range slices.Chunk(text, max(1, size)) {
			if n, err := l.Write(part); n != len(part) || err != nil {
				t.Fatal(n, err)
			}
		}
		l.End()
		want := 0
		for line := range strings.Lines(string(text)) {
			var e trainer.Event
			if len(line) < mostLine && json.Unmarshal([]byte(line), &e) == nil && e.Event != "" {
				want++
			}
		}
		if events != want {
			t.Errorf("%d events, want %d", events, want)
		}
	})
}
