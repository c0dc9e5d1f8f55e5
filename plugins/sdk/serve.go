package sdk

import (
	"io"
	"os"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"

	"assay/harness/model"
	"assay/plugins/wire"
)

// Serve serves a model backend until the host ends it. What the backend prints
// goes to the host's log. It must be safe for concurrent use, and its identity
// must hold no secret. Started by anyone but a host, Serve says so and exits.
func Serve(b model.Backend) {
	if os.Getenv(wire.Handshake.MagicCookieKey) == wire.Handshake.MagicCookieValue {
		go leave(os.Stdin)
	}
	plugin.Serve(&plugin.ServeConfig{
		HandshakeConfig: wire.Handshake,
		VersionedPlugins: map[int]plugin.PluginSet{
			1: {string(wire.Backend): &wire.BackendPlugin{Backend: b}},
		},
		GRPCServer: wire.NewServer,
		Logger:     hclog.New(&hclog.LoggerOptions{Level: hclog.Error, Output: os.Stderr}),
	})
}

// leave ends the plugin when its standard input ends: the host holds the other
// side of it.
func leave(stdin io.Reader) {
	_, _ = io.Copy(io.Discard, stdin)
	os.Exit(0)
}
