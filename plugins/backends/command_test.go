package backends

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-dev/assay/harness/model"
)

// The test binary is the program: its first argument says what it does.
func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == "be" {
		be(os.Args[2])
	}
	os.Exit(m.Run())
}

func be(what string) {
	in, _ := io.ReadAll(os.Stdin)
	switch what {
	case "echo":
		fmt.Printf("%s\xff", in)
	case "json":
		if !strings.Contains(string(in), `"temperature":0.5`) {
			os.Exit(3)
		}
		fmt.Print(`{"texts":[{"text":"a","finish":"length"},{"text":"b"}],"usage":{"prompt_tokens":2}}`)
	case "endless":
		for {
			if _, err := os.Stdout.Write(make([]byte, 1<<20)); err != nil {
				os.Exit(1)
			}
		}
	case "sleep":
		time.Sleep(time.Hour)
	case "fail":
		fmt.Fprint(os.Stderr, strings.Repeat("x", 3*maxTold), "\nno model\n  here")
		os.Exit(4)
	}
	os.Exit(0)
}

func commandOpen(t *testing.T, form commandForm, what string) *commandBackend {
	t.Helper()
	b, err := newCommand(os.Args[0]+" be  "+what, form)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

var commandChat = model.Request{N: 2, Temperature: 0.5, Messages: []model.Message{{Role: model.System, Content: "one"}, {Role: model.User, Content: "two"}}}

func TestCommandComplete(t *testing.T) {
	for _, tt := range []struct {
		form commandForm
		what string
		r    model.Request
		want model.Answer
	}{
		{commandText, "echo", model.Request{N: 1, Prompt: "def f():\n"}, model.Answer{Texts: []model.Text{{Text: "def f():\n\uFFFD", Finish: model.Stop}}}},
		{commandText, "echo", commandChat, model.Answer{Texts: []model.Text{{Text: "one\n\ntwo\uFFFD", Finish: model.Stop}}}},
		{commandJSON, "json", commandChat, model.Answer{Texts: []model.Text{{Text: "a", Finish: model.Length}, {Text: "b"}}, Usage: model.Usage{PromptTokens: 2}}},
	} {
		got, err := commandOpen(t, tt.form, tt.what).Complete(t.Context(), tt.r)
		if diff := cmp.Diff(tt.want, got); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", tt.what, err, diff)
		}
	}
}

func TestCommandFailures(t *testing.T) {
	for _, tt := range []struct {
		form       commandForm
		what, want string
	}{
		{commandText, "endless", "it wrote more than 33554432 bytes"},
		{commandText, "fail", "exit status 4: xxx"},
		{commandText, "fail", "x no model here"},
		{commandJSON, "echo", `it wrote no answer, {"texts"`},
	} {
		_, err := commandOpen(t, tt.form, tt.what).Complete(t.Context(), commandChat)
		var why *model.Error
		if !errors.As(err, &why) || why.Kind != model.Broken || !strings.Contains(why.Message, tt.want) || len(why.Message) > maxTold+500 {
			t.Errorf("%s: got %v", tt.what, err)
		}
	}
}

// A program whose time is over is gone, and does not hold up anybody.
func TestStops(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if _, err := commandOpen(t, commandText, "sleep").Complete(ctx, commandChat); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

func TestCommandOpen(t *testing.T) {
	for line, want := range map[string]string{" ": "command:PROGRAM ARGS", "/no/such/program x": "no such file"} {
		if _, err := newCommand(line, commandText); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v", line, err)
		}
	}
	if got := commandOpen(t, commandJSON, "x").Identity(); got != "command-json:"+os.Args[0]+" be x" {
		t.Errorf("identity %s", got)
	}
}
