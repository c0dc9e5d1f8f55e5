package sdk_test

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"

	"github.com/assay-dev/assay/plugins/sdk/wire"
)

// TestMain is the main of a plugin, too: that of the kind which the first argument
// names, where a host starts it.
func TestMain(m *testing.M) {
	if os.Getenv(wire.Handshake.MagicCookieKey) == wire.Handshake.MagicCookieValue && len(os.Args) == 2 {
		programs[wire.Kind(os.Args[1])]()
		return
	}
	os.Exit(m.Run())
}

// host is what assay has of a plugin.
type host struct {
	asks wire.Client
	end  func()
}

// run starts a plugin and greets it, as assay does.
func run(k wire.Kind) host {
	// go-plugin hands on its own standard input, which go test leaves empty, and a
	// plugin ends with it.
	stdin, open, err := os.Pipe()
	if err != nil {
		panic(err)
	}
	os.Stdin = stdin
	client := plugin.NewClient(&plugin.ClientConfig{
		HandshakeConfig: wire.Handshake, VersionedPlugins: wire.HostSide(k), AutoMTLS: true,
		Cmd:              exec.Command(os.Args[0], string(k)),
		AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC}, GRPCDialOptions: wire.DialOptions(), Logger: hclog.NewNullLogger(),
	})
	protocol, err := client.Client()
	if err != nil {
		client.Kill()
		panic(err)
	}
	asks, err := protocol.Dispense(string(k))
	if err != nil {
		client.Kill()
		panic(err)
	}
	return host{asks.(wire.Client), func() {
		client.Kill()
		_ = open.Close()
	}}
}

// What else a plugin depends on: a module that is not here wants a good reason.
func TestDependencies(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "-f", "{{with .Module}}{{.Path}}{{end}}", ".").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	modules := strings.Fields(string(out))
	slices.Sort(modules)
	want := []string{
		"github.com/assay-dev/assay/plugins/sdk",
		"github.com/fatih/color",
		"github.com/golang/protobuf",
		"github.com/hashicorp/go-hclog",
		"github.com/hashicorp/go-plugin",
		"github.com/hashicorp/yamux",
		"github.com/mattn/go-colorable",
		"github.com/mattn/go-isatty",
		"github.com/oklog/run",
		"golang.org/x/net",
		"golang.org/x/sys",
		"golang.org/x/text",
		"google.golang.org/genproto/googleapis/rpc",
		"google.golang.org/grpc",
		"google.golang.org/protobuf",
	}
	if got := slices.Compact(modules); !slices.Equal(got, want) {
		t.Errorf("a plugin depends on %q", got)
	}
}
