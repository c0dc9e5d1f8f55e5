// Package sdk makes a program a plugin of assay: its main is one call.
//
//	func main() { sdk.Serve(backend{}) }          // a model backend
//	func main() { sdk.ServeTrainer(trainer{}) }   // a trainer
//	func main() { sdk.ServeRuntime(language{}) }  // a language
//
// What each of them has to do is in the packages model, trainer and language. The
// folder examples has whole plugins, each a module of its own.
//
// The SDK is a module of its own too: a plugin depends on it, go-plugin, gRPC,
// protocol buffers and the standard library, and on nothing else of assay.
//
// Invariant: the plugin ends when its host does, however that ends.
//
// It imports the packages below it.
package sdk

import (
	"fmt"
	"io"
	"os"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"

	"github.com/assay-dev/assay/plugins/sdk/language"
	"github.com/assay-dev/assay/plugins/sdk/model"
	"github.com/assay-dev/assay/plugins/sdk/trainer"
	"github.com/assay-dev/assay/plugins/sdk/wire"
)

// Serve serves a model backend until the host ends it. What the backend prints
// goes to the host's log. It must be safe for concurrent use, and its identity
// must hold no secret. Started by anyone but a host, Serve says so and exits.
func Serve(b model.Backend) { serve(wire.ServeBackend(b)) }

// ServeTrainer serves a trainer, as Serve serves a backend. What it says goes
// the way of what it prints.
func ServeTrainer(t trainer.Trainer) {
	serve(wire.ServeTrainer(t, "", func(line string) { fmt.Fprintln(os.Stderr, line) }))
}

// ServeRuntime serves a language, as Serve serves a backend. It must be safe for
// concurrent use.
func ServeRuntime(l language.Language) { serve(wire.ServeRuntime(l)) }

func serve(versions map[int]plugin.PluginSet) {
	if os.Getenv(wire.Handshake.MagicCookieKey) == wire.Handshake.MagicCookieValue {
		go leave(os.Stdin)
	}
	plugin.Serve(&plugin.ServeConfig{
		HandshakeConfig:  wire.Handshake,
		VersionedPlugins: versions,
		GRPCServer:       wire.NewServer,
		Logger:           hclog.New(&hclog.LoggerOptions{Level: hclog.Error, Output: os.Stderr}),
	})
}

// leave ends the plugin when its standard input ends: the host holds the other
// side of it.
func leave(stdin io.Reader) {
	_, _ = io.Copy(io.Discard, stdin)
	os.Exit(0)
}
