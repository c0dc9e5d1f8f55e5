package wire

import (
	"math"

	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
)

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
