package codecache

import (
	"context"
	"time"

	"github.com/assay-dev/assay/runtimes/cache"
	"github.com/assay-dev/assay/runtimes/engine"
)

// Maker makes the code of one module.
type Maker[T Code] interface {
	// Compile compiles; in the box where the engine writes files itself. The box
	// is nil where there is none.
	Compile(ctx context.Context, b *Box) (T, error)
	// Pack makes the one file in the box, and the label, of what was compiled.
	Pack(ctx context.Context, b *Box, code T) error
	// Load takes code from the box. Any error means that there is none.
	Load(ctx context.Context, b *Box) (T, error)
}

// Code is compiled code.
type Code interface {
	comparable
	Close(ctx context.Context) error
}

// Get takes a module's code from its box, or makes it. An unusable box (nil, or
// on a full disk) costs time, nothing else.
func Get[T Code](ctx context.Context, b *Box, m Maker[T], progress engine.Progress) (T, error) {
	if b == nil {
		return m.Compile(ctx, nil)
	}
	if code, err := m.Load(ctx, b); err == nil {
		return code, nil
	}
	waits := time.AfterFunc(time.Second, func() { progress(engine.StageWait, 0, 0) })
	unlock, err := b.store.Lock(ctx, cache.Code, b.key)
	waits.Stop()
	if err != nil {
		return m.Compile(ctx, nil) // fails at once where ctx is done
	}
	defer unlock()
	if code, err := m.Load(ctx, b); err == nil {
		return code, nil // another process made it while this one waited
	}
	return fill(ctx, b, m)
}

// fill compiles into the box. What it returns was read back from there where
// possible: that takes a moment and much less memory than what compiling left.
func fill[T Code](ctx context.Context, b *Box, m Maker[T]) (T, error) {
	if err := b.Empty(); err != nil {
		return m.Compile(ctx, nil)
	}
	fresh, err := m.Compile(ctx, b)
	if err != nil {
		return fresh, err
	}
	if m.Pack(ctx, b, fresh) != nil {
		_ = b.Empty()
		return fresh, nil
	}
	loaded, err := m.Load(ctx, b)
	if err != nil {
		return fresh, nil
	}
	return loaded, fresh.Close(ctx)
}
