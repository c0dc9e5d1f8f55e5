package host

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/assay-dev/assay/plugins/contract"
	"github.com/assay-dev/assay/plugins/contract/contracttest"
	"github.com/assay-dev/assay/plugins/sdk/model"
)

func TestContract(t *testing.T) {
	r := model.Request{Task: "T/1", N: 1, Prompt: "def f():\n", Temperature: 0.8}
	if err := contracttest.Failed(contract.Run(t.Context(), contract.Subject{Backend: open(t, behaving(t, "backend")), Request: r})); err != nil {
		t.Error(err)
	}
}

func TestIdentity(t *testing.T) {
	for own, want := range map[string]string{"": "plugin:test@1.0", "http://host:1/v1": "plugin:test@1.0 http://host:1/v1"} {
		if got := open(t, behaving(t, "named", own)).Identity(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// Failures keep their kind, name the plugin, and lose their secrets.
func TestFailures(t *testing.T) {
	b := open(t, behaving(t, "backend"))
	for _, tt := range []struct {
		task string
		kind model.Kind
		wait time.Duration
		want string
	}{
		{"refuse", model.Refused, 0, "plugin test: not with [GRANTED_KEY], never"},
		{"busy", model.Busy, 3 * time.Second, "plugin test: later"},
		{"fail", model.Broken, 0, "plugin test failed: no idea what [GRANTED_KEY] is"},
		{"flood", model.Broken, 0, "plugin test wrote too much: "},
		{"panic", model.Broken, 0, "plugin test ended while it was asked: exit status 2; it said: panic: what now, [GRANTED_KEY]"},
	} {
		_, err := asked(t, b, tt.task)
		var why *model.Error
		if !errors.As(err, &why) || why.Kind != tt.kind || why.RetryAfter != tt.wait || !strings.Contains(why.Message, tt.want) || strings.Contains(why.Message, key) {
			t.Errorf("%s: got %#v", tt.task, err)
		}
	}
}

// again asks until the plugin is there again, as model.Client would.
func again(t *testing.T, b *Backend, task string) (text string, err error) {
	t.Helper()
	retried(t, func() error {
		text, err = asked(t, b, task)
		return err
	})
	return text, err
}

// retried does something until the plugin is there again.
func retried(t *testing.T, do func() error) {
	t.Helper()
	for {
		var why *model.Error
		if !errors.As(do(), &why) || why.Kind != model.Broken || why.RetryAfter == 0 {
			return
		}
		select {
		case <-time.After(why.RetryAfter):
		case <-t.Context().Done():
			t.Fatal(t.Context().Err())
		}
	}
}

// Requests under way when the plugin crashes fail, each of them; the next one is
// answered by another process.
func TestCrash(t *testing.T) {
	b := open(t, behaving(t, "backend"))
	first, err := asked(t, b, "pid")
	if err != nil {
		t.Fatal(err)
	}
	waiting := make(chan error)
	for range 3 {
		go func() {
			_, err := asked(t, b, "wait")
			waiting <- err
		}()
	}
	if _, err := asked(t, b, "panic"); err == nil {
		t.Error("an answer from a process that is gone")
	}
	for range 3 {
		var why *model.Error
		if err := <-waiting; !errors.As(err, &why) || why.Kind != model.Broken {
			t.Errorf("got %v", err)
		}
	}
	second, err := again(t, b, "pid")
	if err != nil || second == first {
		t.Errorf("process %s, then %s, %v", first, second, err)
	}
}

// A plugin that ends whenever it is asked is given up.
func TestHopeless(t *testing.T) {
	b := open(t, behaving(t, "backend"))
	for range mostFailures {
		if _, err := again(t, b, "panic"); err == nil || !strings.Contains(err.Error(), "ended while it was asked") {
			t.Fatalf("got %v", err)
		}
	}
	_, err := asked(t, b, "pid")
	var why *model.Error
	if !errors.As(err, &why) || why.Kind != model.Unusable || !strings.Contains(err.Error(), "ended 6 times without an answer") {
		t.Errorf("got %v", err)
	}
}

// A plugin that is there and does nothing is found out and ended.
func TestHang(t *testing.T) {
	c := behaving(t, "backend")
	c.HealthEvery, c.HealthTimeout = 20*time.Millisecond, 500*time.Millisecond
	b := open(t, c)
	_, err := asked(t, b, "stop")
	if err == nil || !strings.Contains(err.Error(), "did not answer for its health twice in a row") {
		t.Errorf("got %v", err)
	}
	if _, err := again(t, b, "pid"); err != nil {
		t.Error(err)
	}
}

// Who gives up a request does not wait for the plugin.
func TestGivenUp(t *testing.T) {
	b := open(t, behaving(t, "backend"))
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := b.Complete(ctx, model.Request{Task: "wait", N: 1}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

// Answers of two identities are never mixed.
func TestAnotherIdentity(t *testing.T) {
	b := open(t, behaving(t, "renamed", filepath.Join(t.TempDir(), "starts")))
	if err := b.Kill(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := again(t, b, "pid"); err == nil || !strings.Contains(err.Error(), `calls itself "plugin:test@1.0 x" after it was started again`) {
		t.Errorf("got %v", err)
	}
}

func TestClose(t *testing.T) {
	b := open(t, behaving(t, "backend"))
	if err := b.Close(); err != nil {
		t.Error(err)
	}
	if _, err := asked(t, b, "pid"); err == nil || !strings.Contains(err.Error(), "is closed") {
		t.Errorf("got %v", err)
	}
	if err := b.Close(); err != nil {
		t.Error(err)
	}
	if err := open(t, behaving(t, "stay")).Close(); err == nil || !strings.Contains(err.Error(), "was killed") {
		t.Errorf("got %v", err)
	}
}

func TestBackoff(t *testing.T) {
	now := time.Unix(0, 0)
	b := backoff{first: 250 * time.Millisecond}
	var waits []string
	for range 9 {
		b.failed(now)
		waits = append(waits, b.wait(now).String())
	}
	if got := strings.Join(waits, " "); got != "250ms 500ms 1s 2s 4s 8s 30s 30s 30s" || !b.hopeless() {
		t.Errorf("got %s", got)
	}
	if wait := b.wait(now.Add(time.Hour)); wait != 0 {
		t.Errorf("an hour later: %s", wait)
	}
	if b.answered(); b.hopeless() || b.wait(now) != 0 {
		t.Error("an answer does not count")
	}
}

// BenchmarkComplete: a request and its answer, one at a time.
func BenchmarkComplete(b *testing.B) {
	p := open(b, behaving(b, "backend"))
	for b.Loop() {
		if _, err := asked(b, p, ""); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkStart: a start, a request, and the end.
func BenchmarkStart(b *testing.B) {
	c := behaving(b, "backend")
	for b.Loop() {
		p, err := OpenBackend(b.Context(), c)
		if err != nil {
			b.Fatal(err)
		}
		if err := p.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
