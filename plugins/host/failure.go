package host

import (
	"context"
	"errors"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/assay-dev/assay/plugins/sdk/model"
)

// failure says what it means that a request has no answer.
func (p *process) failure(ctx context.Context, err error) error {
	name, line := p.config.Name, p.sink.redact.Line
	var known *model.Error
	switch {
	case errors.As(err, &known):
		out := model.Errorf(known.Kind, "plugin %s: %s", name, line(known.Message, maxReason))
		out.RetryAfter = known.RetryAfter
		return out
	case ctx.Err() != nil:
		return ctx.Err()
	}
	said := status.Convert(err).Message()
	switch status.Code(err) {
	case codes.Canceled, codes.DeadlineExceeded, codes.Internal: // the other side may notice a little earlier that time is up
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(lastWords):
		}
	case codes.Unavailable:
		return model.Errorf(model.Broken, "plugin %s ended while it was asked: %s%s", name, p.ending(), p.sink.said())
	case codes.Unimplemented:
		return model.Errorf(model.Unusable, "plugin %s promises a %s, but does not serve it: %s", name, p.config.Kind, line(said, maxReason))
	case codes.ResourceExhausted:
		return model.Errorf(model.Broken, "plugin %s wrote too much: %s", name, line(said, maxReason))
	}
	return model.Errorf(model.Broken, "plugin %s failed: %s", name, line(said, maxReason))
}

// ending says how the process ended whose connection broke.
func (p *process) ending() string {
	if !p.runner.gone(lastWords) {
		p.end("its connection broke")
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.why != "" {
		return p.why
	}
	return p.runner.ended()
}
