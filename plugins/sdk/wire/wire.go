// Package wire is what the host and a plugin agree on: the handshake, the bounds
// of messages, and how a kind's Go interface and its protocol become each other.
//
// Invariant: what comes over the wire is checked before anybody uses it; a
// request that comes out is the request that went in.
//
// It imports what the kinds are to Go (packages model, trainer and language) and
// the generated packages below proto.
package wire

import (
	"context"
	"maps"
	"math"
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

// Handshake is how a program knows that it was started as a plugin of assay. It
// is no secret; the certificates are what keeps others out.
var Handshake = plugin.HandshakeConfig{
	MagicCookieKey:   "ASSAY_PLUGIN",
	MagicCookieValue: "36d4c62c-2a5f-4ac7-9f34-3b4b8f6f7b0e",
}

// ClientCertificate is the variable in which a plugin finds the certificate of
// the only client that it may listen to.
const ClientCertificate = "PLUGIN_CLIENT_CERT"

// MaxMessage bounds a message in either direction, in bytes.
const MaxMessage = 32 << 20

// DialOptions are the host's bounds. The library's own come before them and
// allow 2 GiB.
func DialOptions() []grpc.DialOption {
	return []grpc.DialOption{grpc.WithDefaultCallOptions(
		grpc.MaxCallRecvMsgSize(MaxMessage), grpc.MaxCallSendMsgSize(MaxMessage),
	)}
}

// NewServer is a plugin's gRPC server. It sends what the host would refuse, so
// that the host can say so.
func NewServer(opts []grpc.ServerOption) *grpc.Server {
	return grpc.NewServer(append(opts, grpc.MaxRecvMsgSize(MaxMessage), grpc.MaxSendMsgSize(math.MaxInt32))...)
}
