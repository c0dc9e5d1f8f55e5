package wire

import (
	"context"
	"maps"
	"slices"

	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
)

// Kind is what a plugin is.
type Kind string

// The kinds that there are.
const (
	Backend Kind = "backend" // answers requests to a model
	Trainer Kind = "trainer" // trains run directories
	Runtime Kind = "runtime" // makes modules of a language's programs
)

// Versions lists, by kind, the major versions of its protocol that are spoken.
var Versions = map[Kind][]int{Backend: {1}, Trainer: {1}, Runtime: {1}}

// Kinds are the kinds by name.
func Kinds() []Kind { return slices.Sorted(maps.Keys(Versions)) }

// Client is the host's side of a kind, whatever else it can be asked.
type Client interface {
	// Identity asks what answers. It is the first question.
	Identity(ctx context.Context) (string, error)
}

// Plugin carries one kind in go-plugin: what Serve offers on the plugin's side,
// what Dial makes on the host's.
type Plugin struct {
	plugin.NetRPCUnsupportedPlugin
	Serve func(grpc.ServiceRegistrar)           // nil on the host's side
	Dial  func(grpc.ClientConnInterface) Client // nil on the plugin's side
}

// GRPCServer offers the kind.
func (p *Plugin) GRPCServer(_ *plugin.GRPCBroker, s *grpc.Server) error {
	p.Serve(s)
	return nil
}

// GRPCClient is a Client.
func (p *Plugin) GRPCClient(_ context.Context, _ *plugin.GRPCBroker, c *grpc.ClientConn) (any, error) {
	return p.Dial(c), nil
}

// dials make the host's side of each kind.
var dials = map[Kind]func(grpc.ClientConnInterface) Client{
	Backend: func(c grpc.ClientConnInterface) Client { return newBackendClient(c) },
	Trainer: func(c grpc.ClientConnInterface) Client { return newTrainerClient(c) },
	Runtime: func(c grpc.ClientConnInterface) Client { return newRuntimeClient(c) },
}

// HostSide is a kind as a host asks for it, by version.
func HostSide(k Kind) map[int]plugin.PluginSet { return set(k, &Plugin{Dial: dials[k]}) }

func set(k Kind, p *Plugin) map[int]plugin.PluginSet {
	out := make(map[int]plugin.PluginSet)
	for _, v := range Versions[k] {
		out[v] = plugin.PluginSet{string(k): p}
	}
	return out
}
