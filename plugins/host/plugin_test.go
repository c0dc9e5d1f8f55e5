package host

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"

	"github.com/assay-dev/assay/internal/child"
	"github.com/assay-dev/assay/plugins/sdk"
	"github.com/assay-dev/assay/plugins/sdk/model"
	"github.com/assay-dev/assay/plugins/sdk/wire"
)

// The test binary is the plugin: its arguments say how it behaves.
func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == "be" {
		be(os.Args[2], os.Args[3:])
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func be(what string, args []string) {
	switch what {
	case "backend":
		sdk.Serve(backend{})
	case "trainer":
		sdk.ServeTrainer(newCounter(args[0]))
	case "runtime":
		sdk.ServeRuntime(tongue{how: args[0], starts: args[1]})
	case "named":
		sdk.Serve(backend{identity: args[0]})
	case "renamed": // another one each time: the first line of the file says how often it was started
		past, _ := os.ReadFile(args[0])
		if err := os.WriteFile(args[0], append(past, 'x'), 0o644); err != nil {
			panic(err)
		}
		sdk.Serve(backend{identity: string(past)})
	case "rubbish":
		fmt.Println("hello, I am", os.Getenv("GRANTED_KEY"))
		select {}
	case "long rubbish": // a secret where the line is cut
		fmt.Println(strings.Repeat("x", 195) + os.Getenv("GRANTED_KEY"))
		select {}
	case "endless rubbish":
		for {
			if _, err := fmt.Print(strings.Repeat("x", 1<<16)); err != nil {
				return
			}
		}
	case "silence":
		select {}
	case "end":
		fmt.Fprintln(os.Stderr, "no model at", os.Getenv("GRANTED_KEY"))
		os.Exit(3)
	case "another version":
		serve(map[int]plugin.PluginSet{2: wire.ServeBackend(backend{})[1]})
	case "no backend":
		serve(map[int]plugin.PluginSet{1: {string(wire.Backend): nothing{}}})
	case "no certificate":
		os.Unsetenv(wire.ClientCertificate)
		sdk.Serve(backend{})
	case "line": // any handshake
		fmt.Println(args[0])
		select {}
	case "chatter":
		go func() {
			for {
				if _, err := fmt.Fprintln(os.Stderr, strings.Repeat("chatter ", 1<<10)); err != nil {
					return
				}
			}
		}()
		sdk.Serve(backend{})
	case "call": // whoever listens there knows for how long this process lives
		if _, err := net.Dial("tcp", args[0]); err != nil {
			panic(err)
		}
		sdk.Serve(backend{})
	case "host": // of a plugin, that does not end it
		self, _ := filepath.Abs(os.Args[0])
		c := Config{Name: "test", Version: "1.0", Kind: wire.Backend, Args: append([]string{self, "be"}, args...)}
		if _, err := OpenBackend(context.Background(), c); err != nil {
			panic(err)
		}
		select {}
	case "stay":
		sdk.Serve(backend{})
		select {}
	}
}

func serve(versions map[int]plugin.PluginSet) {
	plugin.Serve(&plugin.ServeConfig{HandshakeConfig: wire.Handshake, VersionedPlugins: versions, GRPCServer: wire.NewServer})
}

// nothing is a plugin that serves no kind.
type nothing struct{ plugin.NetRPCUnsupportedPlugin }

func (nothing) GRPCServer(*plugin.GRPCBroker, *grpc.Server) error { return nil }

func (nothing) GRPCClient(context.Context, *plugin.GRPCBroker, *grpc.ClientConn) (any, error) {
	return nil, errors.ErrUnsupported
}

// backend does what the task says.
type backend struct{ identity string }

func (b backend) Identity() string { return b.identity }

func (b backend) Complete(ctx context.Context, r model.Request) (model.Answer, error) {
	text := r.Prompt
	switch r.Task {
	case "environment":
		text = strings.Join(os.Environ(), "\x00")
	case "print":
		fmt.Println("printed", os.Getenv("GRANTED_KEY"))
		fmt.Fprintln(os.Stderr, "told", os.Getenv("GRANTED_KEY"))
		text = "done"
	case "refuse":
		return model.Answer{}, model.Errorf(model.Refused, "not with %s,\nnever", os.Getenv("GRANTED_KEY"))
	case "busy":
		return model.Answer{}, &model.Error{Kind: model.Busy, Message: "later", RetryAfter: 3 * time.Second}
	case "fail":
		return model.Answer{}, fmt.Errorf("no idea what %s is", os.Getenv("GRANTED_KEY"))
	case "panic":
		panic("what now, " + os.Getenv("GRANTED_KEY"))
	case "flood":
		text = strings.Repeat("x", wire.MaxMessage+1)
	case "wait":
		<-ctx.Done()
		return model.Answer{}, ctx.Err()
	case "pid":
		text = fmt.Sprint(os.Getpid())
	case "stop":
		stop()
		select {} // it may take effect a little later
	}
	return model.Answer{Texts: []model.Text{{Text: text, Finish: model.Stop}}}, nil
}

const key = "sk-secret-0123456789"

// behaving is the configuration of a plugin that behaves so.
func behaving(t testing.TB, what ...string) Config {
	t.Helper()
	self, err := filepath.Abs(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	return Config{
		Name: "test", Version: "1.0", Kind: wire.Backend, Args: append([]string{self, "be"}, what...), Dir: t.TempDir(),
		RestartWait: time.Millisecond, Env: []string{"GRANTED_KEY=" + key}, Secrets: []child.Secret{{Value: key, Label: "GRANTED_KEY"}},
	}
}

func open(t testing.TB, c Config) *Backend {
	t.Helper()
	b, err := OpenBackend(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	return b
}

func asked(t testing.TB, b *Backend, task string) (string, error) {
	t.Helper()
	a, err := b.Complete(t.Context(), model.Request{Task: task, N: 1, Prompt: "def f():\n"})
	if err != nil {
		return "", err
	}
	return a.Texts[0].Text, nil
}
