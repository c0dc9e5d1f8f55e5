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
	p, err := b.running(ctx)
	if err != nil {
		return model.Answer{}, err
	}
	answer, err := p.ask.(*wire.BackendClient).Complete(ctx, r)
	if err != nil {
		return model.Answer{}, p.failure(ctx, err)
	}
	b.backoff.answered()
	return answer, nil
}
