package child

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// TestMain is also the children: one that says something and ends, one that
// leaves another behind with its streams, one that stays with another.
func TestMain(m *testing.M) {
	switch be := os.Getenv("CHILD"); be {
	case "talking":
		fmt.Print(strings.Repeat("o", 100))
		fmt.Fprint(os.Stderr, strings.Repeat("e", 100))
		os.Exit(3)
	case "leaving", "staying":
		other := exec.Command(os.Args[0])
		other.Env = append(os.Environ(), "CHILD=left")
		other.Stdout, other.Stderr = os.Stdout, os.Stderr
		if err := other.Start(); err != nil {
			panic(err)
		}
		fmt.Println(other.Process.Pid)
		if be == "staying" {
			time.Sleep(time.Hour)
		}
		os.Exit(0)
	case "left":
		time.Sleep(time.Hour)
	}
	os.Exit(m.Run())
}

func command(ctx context.Context, be string) *exec.Cmd {
	cmd := Command(ctx, os.Args[0])
	cmd.Env = append(os.Environ(), "CHILD="+be)
	return cmd
}

func TestOutput(t *testing.T) {
	out, said, err := Output(command(t.Context(), "talking"), 10)
	if out != strings.Repeat("o", 10) || said != strings.Repeat("e", 10) || err == nil || err.Error() != "exit status 3" {
		t.Errorf("%q, %q, %v", out, said, err)
	}
	if _, _, err := Output(Command(t.Context(), "no-such-program"), 10); err == nil {
		t.Error("a program that isn't there was run")
	}
}

// TestEndsAllThatItStarted: the pipe that the children hold is closed only when
// the last of them is gone.
func TestEndsAllThatItStarted(t *testing.T) {
	for _, be := range []string{"leaving", "staying"} {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cmd := command(ctx, be)
		cmd.Stderr = w // the one that is left holds it too
		begun := &Lines{Most: 100, Each: func(string) {
			if be == "staying" {
				cancel()
			}
		}}
		cmd.Stdout = begun
		if err := Run(cmd); (err == nil) != (be == "leaving") {
			t.Errorf("%s: %v", be, err)
		}
		w.Close()
		if n, err := r.Read(make([]byte, 1)); n != 0 || err == nil {
			t.Errorf("%s: read %d bytes, %v", be, n, err)
		}
		cancel()
	}
}

func TestTail(t *testing.T) {
	for text, want := range map[string]string{"": "", "a\n b \n\n": " b", "one": "one", "a\nlong line": "long …"} {
		if got := LastLine(text, 4); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	var lines []string
	l := &Lines{Most: 3, Each: func(line string) { lines = append(lines, line) }}
	for _, part := range []string{"a", "b\n\nlonger\nx"} {
		if n, err := l.Write([]byte(part)); n != len(part) || err != nil {
			t.Fatal(n, err)
		}
	}
	l.End()
	l.End()
	if got := strings.Join(lines, "|"); got != "ab||lon|x" {
		t.Errorf("%q", got)
	}
}
