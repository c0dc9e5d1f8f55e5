package snapshot

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/assay-dev/assay/runtimes/engine"
	"github.com/assay-dev/assay/runtimes/guest"
)

// Config of a Pool whose instances each have a world of type W: what the host
// holds for a guest, and the functions that it gives it.
type Config[W any] struct {
	Code  engine.Code
	Image *Image
	// World makes the world of a new instance, in any state.
	World func() (W, []guest.Function, error)
	// Restore puts a world into the state that the image holds. It is called
	// before an instance is handed out, each time.
	Restore func(w W, state []byte) error
	Max     int  // instances out at once (default 1); Get waits for one to come back
	Plain   bool // copy memory, as where there is no copy on write
}

// Pool hands out instances that start as the image. It is safe for concurrent
// use.
type Pool[W any] struct {
	config Config[W]
	out    chan struct{} // a token for each instance that is out

	mu     sync.Mutex
	idle   []*Guest[W]
	closed bool
}

// Guest is an instance from a pool, with its world.
type Guest[W any] struct {
	engine.Instance
	World W

	memory memory
}

// NewPool makes an empty pool.
func NewPool[W any](c Config[W]) (*Pool[W], error) {
	if want := len(c.Code.Module().Globals); len(c.Image.Globals) != want {
		return nil, fmt.Errorf("image has %d globals, its module %d", len(c.Image.Globals), want)
	}
	return &Pool[W]{config: c, out: make(chan struct{}, max(c.Max, 1))}, nil
}

// Get gives a restored instance with an empty tank. Put it back when done.
func (p *Pool[W]) Get(ctx context.Context) (*Guest[W], error) {
	select {
	case p.out <- struct{}{}:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	g, err := p.take(ctx)
	if err != nil {
		<-p.out
		return nil, fmt.Errorf("guest from an image: %w", err)
	}
	return g, nil
}

func (p *Pool[W]) take(ctx context.Context) (*Guest[W], error) {
	g, err := p.pop()
	if err != nil {
		return nil, err
	}
	if g == nil {
		if g, err = p.make(ctx); err != nil {
			return nil, err
		}
	}
	if err := p.config.Restore(g.World, p.config.Image.State); err != nil {
		return nil, errors.Join(fmt.Errorf("restore world: %w", err), g.Close(ctx))
	}
	return g, nil
}

func (p *Pool[W]) pop() (*Guest[W], error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, errors.New("pool is closed")
	}
	if len(p.idle) == 0 {
		return nil, nil
	}
	g := p.idle[len(p.idle)-1]
	p.idle = p.idle[:len(p.idle)-1]
	return g, nil
}

func (p *Pool[W]) make(ctx context.Context) (*Guest[W], error) {
	world, functions, err := p.config.World()
	if err != nil {
		return nil, fmt.Errorf("new world: %w", err)
	}
	inst, err := p.config.Code.New(context.WithoutCancel(ctx), functions, p.config.Image.Pages())
	if err != nil {
		return nil, err
	}
	memory, err := p.newMemory(inst)
	if err != nil {
		return nil, errors.Join(err, inst.Close(ctx))
	}
	inst.Reset(p.config.Image.Globals)
	return &Guest[W]{Instance: inst, World: world, memory: memory}, nil
}

// newMemory makes an instance's memory start as the image.
func (p *Pool[W]) newMemory(inst engine.Instance) (memory, error) {
	im := p.config.Image
	switch {
	case inst.Pages() != im.Pages():
		return nil, fmt.Errorf("an image of %d pages doesn't fit a module whose memory begins with %d", im.Pages(), inst.Pages())
	case p.config.Plain:
		return newPlain(im, inst.Memory)
	}
	return newMemory(im, inst.Memory)
}

// Put takes an instance back, however its last call ended. One that can't be
// restored, because its memory grew, is closed; the next Get makes another.
func (p *Pool[W]) Put(g *Guest[W]) {
	defer func() { <-p.out }()
	if !p.restore(g) || !p.push(g) {
		_ = g.Close(context.Background())
	}
}

func (p *Pool[W]) restore(g *Guest[W]) bool {
	if g.Pages() != p.config.Image.Pages() {
		return false
	}
	if g.memory.restore() != nil {
		return false
	}
	g.Reset(p.config.Image.Globals)
	return true
}

func (p *Pool[W]) push(g *Guest[W]) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.closed {
		p.idle = append(p.idle, g)
	}
	return !p.closed
}

// Close closes the instances that are idle; those that are out are closed when
// they come back.
func (p *Pool[W]) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	var err error
	for _, g := range p.idle {
		err = errors.Join(err, g.Close(context.Background()))
	}
	p.idle = nil
	return err
}
