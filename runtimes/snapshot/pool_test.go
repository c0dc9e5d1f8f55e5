package snapshot

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"sync"
	"testing"

	"github.com/assay-dev/assay/internal/cache"
	"github.com/assay-dev/assay/runtimes/engine"
	"github.com/assay-dev/assay/runtimes/engine/enginetest"
	"github.com/assay-dev/assay/runtimes/engine/registry"
	"github.com/assay-dev/assay/runtimes/guest"
)

var bg = context.Background()

// world is the host's part of the test's guest.
type world struct {
	state string
	ask   func(c guest.Caller, params []uint64) (uint64, error)
	stop  func() error
}

func compileGuest(t testing.TB) engine.Code {
	t.Helper()
	e, err := registry.New(os.Getenv("ASSAY_ENGINE"), nil)
	if err != nil {
		t.Fatal(err)
	}
	code, err := e.Compile(bg, enginetest.Module(), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { code.Close() })
	return code
}

// boot makes the image that the tests start from: 3 pages, 42 at 0, 77 at
// 131072 and a state global of 7.
func boot(t testing.TB, code engine.Code) *Image {
	t.Helper()
	inst, err := code.New(bg, enginetest.Functions(nil, nil), 0)
	if err != nil {
		t.Fatal(err)
	}
	defer inst.Close(bg)
	inst.SetFuel(1000)
	if err := engine.Boot(bg, code.Module(), inst); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		export string
		params []uint64
	}{{"grow", []uint64{2}}, {"store", []uint64{131072, 77}}, {"bump", nil}, {"bump", nil}} {
		if _, err := inst.Call(bg, c.export, c.params...); err != nil {
			t.Fatal(err)
		}
	}
	im, err := Take(inst, []byte("state"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { im.Close() })
	return im
}

func newPool(t testing.TB, code engine.Code, im *Image, plain bool) *Pool[*world] {
	t.Helper()
	p, err := NewPool(Config[*world]{
		Code:  code,
		Image: im,
		Plain: plain,
		World: func() (*world, []guest.Function, error) {
			w := &world{}
			return w, enginetest.Functions(
				func(c guest.Caller, params []uint64) (uint64, error) { return w.ask(c, params) },
				func() error { return w.stop() }), nil
		},
		Restore: func(w *world, state []byte) error {
			*w = world{state: string(state)}
			return nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

// bothWays runs a test with copy-on-write memory and with plain copies.
func bothWays(t *testing.T, f func(t *testing.T, code engine.Code, im *Image, p *Pool[*world])) {
	for _, plain := range []bool{false, true} {
		t.Run(fmt.Sprintf("plain=%v", plain), func(t *testing.T) {
			code := compileGuest(t)
			im := boot(t, code)
			f(t, code, im, newPool(t, code, im, plain))
		})
	}
}

func get(t *testing.T, p *Pool[*world]) *Guest[*world] {
	t.Helper()
	g, err := p.Get(bg)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// pristine fails unless g is as the image has it.
func pristine(t *testing.T, g *Guest[*world], im *Image) {
	t.Helper()
	if !bytes.Equal(g.Memory(), im.Memory()) {
		t.Error("memory differs from the image")
	}
	if got := g.Globals(); len(got) != 1 || got[0] != 7 {
		t.Errorf("globals %v, want [7]", got)
	}
	if g.Used() != 0 || g.Fuel() != 0 || g.MemoryRefused() {
		t.Errorf("used %d, fuel %d, refused %v", g.Used(), g.Fuel(), g.MemoryRefused())
	}
	if g.World.state != "state" {
		t.Errorf("world is in state %q", g.World.state)
	}
}

func TestRestore(t *testing.T) {
	bothWays(t, func(t *testing.T, code engine.Code, im *Image, p *Pool[*world]) {
		if got := im.Pages(); got != 3 {
			t.Fatalf("image of %d pages, want 3", got)
		}
		if got := string(im.Memory()[16:23]); got != "segment" {
			t.Errorf("data segment reads %q", got)
		}
		for range 3 {
			g := get(t, p)
			pristine(t, g, im)
			g.SetFuel(100)
			for addr := uint64(0); addr < 3*pageSize; addr += 1000 {
				if _, err := g.Call(bg, "store", addr, addr^0xffff); err != nil {
					t.Fatal(err)
				}
			}
			if got, err := g.Call(bg, "bump"); err != nil || got[0] != 8 {
				t.Fatalf("bump: %v, %v", got, err)
			}
			p.Put(g)
		}
	})
}

func TestReuseAfterEveryEnd(t *testing.T) {
	ends := map[string]func(g *Guest[*world]) error{
		"trap":     func(g *Guest[*world]) error { _, err := g.Call(bg, "trap"); return err },
		"fuel":     func(g *Guest[*world]) error { _, err := g.Call(bg, "spin"); return err },
		"overflow": func(g *Guest[*world]) error { _, err := g.Call(bg, "overflow"); return err },
		"deep":     func(g *Guest[*world]) error { _, err := g.Call(bg, "recurse", 1); return err },
		"uncaught": func(g *Guest[*world]) error { _, err := g.Call(bg, "throw"); return err },
		"exit": func(g *Guest[*world]) error {
			g.World.stop = func() error { return &guest.Exit{Code: 1} }
			_, err := g.Call(bg, "stop")
			return err
		},
		"interrupt within a nested call": func(g *Guest[*world]) error {
			g.World.ask = func(guest.Caller, []uint64) (uint64, error) {
				g.Interrupt()
				_, err := g.Nested(bg, "spin")
				return 0, err
			}
			_, err := g.Call(bg, "ask", 1, 2)
			return err
		},
		"panic in a host call": func(g *Guest[*world]) error {
			g.World.ask = func(guest.Caller, []uint64) (uint64, error) { panic("ours") }
			_, err := g.Call(bg, "ask", 1, 2)
			return err
		},
	}
	bothWays(t, func(t *testing.T, code engine.Code, im *Image, p *Pool[*world]) {
		first := get(t, p)
		p.Put(first)
		for name, end := range ends {
			g := get(t, p)
			if g != first {
				t.Errorf("before %s: another instance was made", name)
			}
			pristine(t, g, im)
			g.SetFuel(1000)
			if _, err := g.Call(bg, "store", 0, 1); err != nil {
				t.Fatal(err)
			}
			if err := end(g); err == nil {
				t.Errorf("%s: no error", name)
			}
			p.Put(g)
		}
		g := get(t, p)
		pristine(t, g, im)
		p.Put(g)
	})
}

func TestGrownIsReplaced(t *testing.T) {
	bothWays(t, func(t *testing.T, code engine.Code, im *Image, p *Pool[*world]) {
		first := get(t, p)
		first.SetFuel(100)
		if got, err := first.Call(bg, "grow", 1); err != nil || got[0] != 3 {
			t.Fatalf("grow: %v, %v", got, err)
		}
		if _, err := first.Call(bg, "store", 3*pageSize, 9); err != nil {
			t.Fatalf("store in the new page: %v", err)
		}
		if got, err := first.Call(bg, "grow", 98); err != nil || int32(got[0]) != -1 {
			t.Fatalf("grow past the most: %v, %v", got, err)
		}
		p.Put(first)
		g := get(t, p)
		if g == first {
			t.Error("an instance with grown memory came back")
		}
		pristine(t, g, im)
		p.Put(g)
	})
}

func TestPoolWaits(t *testing.T) {
	code := compileGuest(t)
	p := newPool(t, code, boot(t, code), false)
	g := get(t, p)
	ctx, cancel := context.WithCancelCause(bg)
	tired := errors.New("tired")
	cancel(tired)
	if _, err := p.Get(ctx); !errors.Is(err, tired) {
		t.Errorf("Get from an empty pool: %v, want %v", err, tired)
	}
	p.Put(g)
	p.Put(get(t, p))
	if err := p.Close(); err != nil {
		t.Error(err)
	}
	if _, err := p.Get(bg); err == nil {
		t.Error("Get from a closed pool gave a guest")
	}
}

func TestImageInCache(t *testing.T) {
	store, err := cache.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	code := compileGuest(t)
	key := Key(code.Module().Hash, []byte("test"))
	built := 0
	open := func() *Image {
		im, err := Open(bg, store, key, func(context.Context) (*Image, error) {
			built++
			return boot(t, code), nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return im
	}
	want, got := open(), open()
	defer got.Close()
	if built != 1 {
		t.Errorf("built %d times, want once", built)
	}
	if !bytes.Equal(got.Memory(), want.Memory()) || got.Globals[0] != 7 || string(got.State) != "state" {
		t.Error("the image from the cache differs from the one that was built")
	}
	p := newPool(t, code, got, false)
	g := get(t, p)
	pristine(t, g, got)
	p.Put(g)
}

func TestKey(t *testing.T) {
	m := enginetest.Module()
	seen := map[string]bool{}
	for _, parts := range [][][]byte{nil, {nil}, {[]byte("ab")}, {[]byte("a"), []byte("b")}, {[]byte("b"), []byte("a")}} {
		seen[Key(m.Hash, parts...)] = true
	}
	if len(seen) != 5 {
		t.Errorf("5 recipes have %d keys", len(seen))
	}
}

// TestGuestsDontShare runs guests of one pool at once, each writing everywhere.
func TestGuestsDontShare(t *testing.T) {
	code := compileGuest(t)
	im := boot(t, code)
	p := newPool(t, code, im, false)
	p.out = make(chan struct{}, 4)
	var group sync.WaitGroup
	for n := range uint64(4) {
		group.Go(func() {
			for range 20 {
				g, err := p.Get(bg)
				if err != nil {
					t.Error(err)
					return
				}
				g.SetFuel(100)
				for addr := uint64(0); addr < 3*pageSize; addr += 4096 {
					if _, err := g.Call(bg, "store", addr, n); err != nil {
						t.Error(err)
					}
				}
				for addr := uint64(0); addr < 3*pageSize; addr += 4096 {
					if got := binary.LittleEndian.Uint32(g.Memory()[addr:]); uint64(got) != n {
						t.Errorf("guest %d reads %d at %d", n, got, addr)
					}
				}
				p.Put(g)
			}
		})
	}
	group.Wait()
	if !bytes.Equal(im.Memory()[16:23], []byte("segment")) {
		t.Error("a guest wrote into the image")
	}
}

func TestImageMustFitTheModule(t *testing.T) {
	code := compileGuest(t)
	im := boot(t, code)
	fewer := &Image{Globals: nil, State: im.State, room: im.room, size: im.size}
	if _, err := NewPool(Config[*world]{Code: code, Image: fewer}); err == nil {
		t.Error("an image without globals was taken")
	}
	smaller := &Image{Globals: im.Globals, State: im.State, room: im.room, size: 0}
	for _, plain := range []bool{false, true} {
		if g, err := newPool(t, code, smaller, plain).Get(bg); err == nil {
			t.Errorf("plain=%v: an image smaller than the module's memory was taken: %d pages", plain, g.Pages())
		}
	}
}
