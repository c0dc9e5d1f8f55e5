package host

import (
	"context"

	"github.com/assay-dev/assay/plugins/sdk/model"
	"github.com/assay-dev/assay/plugins/sdk/wire"
)

// Backend is a model backend that is a plugin. It is safe for concurrent use.
type Backend struct{ *keeper }

// OpenBackend starts the plugin. The caller closes it.
func OpenBackend(ctx context.Context, c Config) (*Backend, error) {
	c.Kind = wire.Backend
	k, err := keep(ctx, c)
	if err != nil {
		return nil, err
	}
	return &Backend{k}, nil
}

// Complete asks the plugin.
func (b *Backend) Complete(ctx context.Context, r model.Request) (model.Answer, error) {
	answer, _, err := ask(ctx, b.keeper, unlimited, func(c *wire.BackendClient, ctx context.Context) (model.Answer, error) {
		return c.Complete(ctx, r)
	})
	return answer, err
}
