package host

import (
	"bytes"
	"context"
	"errors"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// Whatever a plugin does instead of starting is said, without its secrets.
func TestNoStart(t *testing.T) {
	for _, tt := range []struct {
		name string
		what []string
		want string
	}{
		{"rubbish", []string{"rubbish"}, `the first line that it printed is no handshake: "hello, I am [GRANTED_KEY]"`},
		{"rubbish with a secret at its cut", []string{"long rubbish"}, `xxx[GRAN"; a plugin prints`},
		{"rubbish without an end", []string{"endless rubbish"}, `is no handshake: "xxxxx`},
		{"nothing", []string{"silence"}, "it printed no handshake within 1s"},
		{"its end", []string{"end"}, "it ended before its handshake: exit status 3; it said: no model at [GRANTED_KEY]"},
		{"another version", []string{"another version"}, `it speaks version "2" of the protocol for a backend, assay speaks 1`},
		{"a version that it does not have", []string{"no backend"}, "its handshake promises a backend, but it serves none"},
		{"no certificate", []string{"no certificate"}, "it sent no certificate"},
		{"another handshake", []string{"line", "2|1|unix|x|grpc|y"}, "version 2 of go-plugin's handshake"},
		{"net/rpc", []string{"line", "1|1|tcp|127.0.0.1:1|netrpc|y"}, `it speaks "netrpc", assay speaks grpc`},
		{"a certificate that is none", []string{"line", "1|1|tcp|127.0.0.1:1|grpc|" + strings.Repeat("A", 100)}, "x509"},
		{"an address that is none", []string{"line", "1|1|carrier|pigeon|grpc|" + strings.Repeat("A", 10)}, "unknown address type"},
		{"nobody there", []string{"line", "1|1|tcp|127.0.0.1:1|grpc|AAAA"}, "it does not answer for its health"},
		{"an identity of two lines", []string{"named", "a\nb"}, "its identity is not one line"},
		{"an identity with a secret", []string{"named", "http://host?" + key}, "its identity holds a secret"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := behaving(t, tt.what...)
			if tt.name == "nothing" {
				c.StartTimeout = time.Second
			}
			b, err := OpenBackend(t.Context(), c)
			if err == nil {
				t.Fatalf("it started: %s", b.Identity())
			}
			if !strings.Contains(err.Error(), tt.want) || !strings.HasPrefix(err.Error(), "plugin test") || strings.Contains(err.Error(), key) || len(err.Error()) > 4000 {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestNoProgram(t *testing.T) {
	c := behaving(t)
	c.Args = []string{"/no/such/program"}
	if _, err := OpenBackend(t.Context(), c); err == nil || !strings.Contains(err.Error(), "plugin test does not start: fork/exec /no/such/program: no such file") {
		t.Errorf("got %v", err)
	}
}

// Who stops waiting for a start gets no plugin, and leaves none behind.
func TestStartIsGivenUp(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := OpenBackend(ctx, behaving(t, "silence")); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

// A start that is refused runs nothing.
func TestCheckComesFirst(t *testing.T) {
	c := behaving(t, "backend")
	refusal := errors.New("changed")
	c.Check = func() error { return refusal }
	c.Args = []string{"/no/such/program"}
	if _, err := OpenBackend(t.Context(), c); !errors.Is(err, refusal) {
		t.Errorf("got %v", err)
	}
}

// A plugin's environment is the handshake's and what it was granted.
func TestEnvironment(t *testing.T) {
	t.Setenv("OPENAI_API_KEY", "sk-of-the-host")
	text, err := asked(t, open(t, behaving(t, "backend")), "environment")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for line := range strings.SplitSeq(text, "\x00") {
		if name, _, _ := strings.Cut(line, "="); !strings.HasPrefix(name, "PLUGIN_") {
			names = append(names, name)
		}
	}
	if got := strings.Join(names, " "); got != "ASSAY_PLUGIN GRANTED_KEY" || strings.Contains(text, "sk-of-the-host") || !strings.Contains(text, key) {
		t.Errorf("it sees %s in\n%s", got, text)
	}
}

// What it prints is logged line by line, without its secrets.
func TestLog(t *testing.T) {
	printed := make(chan string, 100)
	c := behaving(t, "backend")
	c.Log = writer(func(p []byte) (int, error) {
		printed <- string(p)
		return len(p), nil
	})
	b := open(t, c)
	if _, err := asked(t, b, "print"); err != nil {
		t.Fatal(err)
	}
	for want := map[string]bool{"test: printed [GRANTED_KEY]\n": true, "test: told [GRANTED_KEY]\n": true}; len(want) > 0; {
		line := <-printed
		if !want[line] {
			t.Errorf("got %q", line)
		}
		delete(want, line)
	}
}

// The log has a bound, and a plugin that is past it goes on answering.
func TestLogIsBounded(t *testing.T) {
	var log bytes.Buffer
	full := make(chan struct{})
	c := behaving(t, "chatter")
	c.Log = writer(func(p []byte) (int, error) {
		n, err := log.Write(p)
		if bytes.Contains(p, []byte("what follows is left out")) {
			close(full)
		}
		return n, err
	})
	b := open(t, c)
	<-full
	if text, err := asked(t, b, ""); err != nil || text == "" {
		t.Errorf("got %q, %v", text, err)
	}
	if err := b.Close(); err != nil {
		t.Error(err)
	}
	if log.Len() > maxLogged+maxLine {
		t.Errorf("%d bytes were logged", log.Len())
	}
}

type writer func([]byte) (int, error)

func (w writer) Write(p []byte) (int, error) { return w(p) }

// A long line is cut where no secret is cut in two.
func TestLongLine(t *testing.T) {
	var log bytes.Buffer
	c := behaving(t).withDefaults()
	c.Log = &log
	l := &lines{sink: newSink(c)}
	for at := maxLine - len(key) - 1; at <= maxLine+1; at++ {
		for chunk := range strings.SplitSeq(strings.Repeat("x", at)+key+strings.Repeat("y", 3*maxLine)+"\n", "xxxx") {
			if _, err := l.Write([]byte(chunk)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if text := log.String(); strings.Contains(text, "sk-secret") || strings.Count(text, "\n") != len(key)+3 {
		t.Errorf("got %q", text)
	}
}

// No socket is left, and no folder of one, however a plugin ends.
func TestNothingIsLeft(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	b := open(t, behaving(t, "backend"))
	if err := b.Close(); err != nil {
		t.Error(err)
	}
	for _, what := range []string{"rubbish", "end"} {
		if _, err := OpenBackend(t.Context(), behaving(t, what)); err == nil {
			t.Errorf("%s started", what)
		}
	}
	left, err := os.ReadDir(os.TempDir())
	if err != nil || len(left) > 0 {
		t.Errorf("%v is left, %v", left, err)
	}
}

// A plugin does not outlive its host, even when that is killed.
func TestHostIsKilled(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	host := exec.CommandContext(t.Context(), os.Args[0], "be", "host", "call", l.Addr().String())
	if err := host.Start(); err != nil {
		t.Fatal(err)
	}
	plugin, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer plugin.Close()
	if err := host.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = host.Wait() // it was killed
	if _, err := plugin.Read(make([]byte, 1)); err == nil {
		t.Error("it says something")
	}
}
