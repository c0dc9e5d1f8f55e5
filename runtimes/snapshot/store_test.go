package snapshot

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/assay-dev/assay/internal/cache"
)

// TestParse refuses every trailer that doesn't agree with the data before it.
func TestParse(t *testing.T) {
	image := func(body int, trailer ...uint64) []byte {
		data := make([]byte, body)
		for _, n := range trailer {
			data = binary.LittleEndian.AppendUint64(data, n)
		}
		return data
	}
	tests := map[string]struct {
		data []byte
		ok   bool
	}{
		"whole":              {image(pageSize+16+3, pageSize, 2, 3), true},
		"no memory":          {image(8, 0, 1, 0), true},
		"nothing":            {image(0, 0, 0, 0), true},
		"no trailer":         {make([]byte, trailerSize-1), false},
		"part of a page":     {image(100, 100, 0, 0), false},
		"more memory":        {image(pageSize, 2*pageSize, 0, 0), false},
		"less state":         {image(pageSize+3, pageSize, 0, 2), false},
		"more state":         {image(pageSize+3, pageSize, 0, 4), false},
		"more globals":       {image(pageSize+8, pageSize, 2, 0), false},
		"globals overflow":   {image(pageSize, pageSize, 1<<61, 0), false},
		"everything huge":    {image(pageSize, math.MaxUint64, math.MaxUint64, math.MaxUint64), false},
		"sums that overflow": {image(pageSize, pageSize, 1<<60, math.MaxUint64-1<<63+1), false},
	}
	for name, tt := range tests {
		if _, err := parse(tt.data); (err == nil) != tt.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestDamagedImageIsBuiltAnew(t *testing.T) {
	store, err := cache.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	code := compileGuest(t)
	built := 0
	open := func() *Image {
		im, err := Open(bg, store, "key", func(context.Context) (*Image, error) {
			built++
			return boot(t, code), nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return im
	}
	want := open()
	path := filepath.Join(store.Root(), cache.Images, "key")
	sound, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	flipped := bytes.Clone(sound)
	flipped[len(flipped)/2] ^= 1
	for n, data := range [][]byte{{}, sound[:len(sound)-1], flipped} {
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
		if got := open(); !bytes.Equal(got.Memory(), want.Memory()) || built != n+2 {
			t.Errorf("damage %d: built %d times", n, built)
		}
	}
}

func TestOpenWithoutACache(t *testing.T) {
	fault := errors.New("a fault")
	if _, err := Open(bg, nil, "key", func(context.Context) (*Image, error) { return nil, fault }); !errors.Is(err, fault) {
		t.Errorf("no store: %v", err)
	}
	root := t.TempDir()
	store, err := cache.Open(root)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, cache.Images), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	im := boot(t, compileGuest(t))
	if got, err := Open(bg, store, "key", func(context.Context) (*Image, error) { return im, nil }); err != nil || got != im {
		t.Errorf("a store that can't be used: %v, %v", got, err)
	}
}

// FuzzParse: an image's lengths are what its file holds, whatever it says.
func FuzzParse(f *testing.F) {
	f.Add(make([]byte, trailerSize))
	f.Add(append(make([]byte, pageSize+8+3), 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0))
	f.Add(bytes.Repeat([]byte{0xff}, trailerSize+8))
	f.Fuzz(func(t *testing.T, data []byte) {
		im, err := parse(data)
		if err == nil && im.size+8*len(im.Globals)+len(im.State)+trailerSize != len(data) {
			t.Errorf("%d bytes of memory, %d globals, %d of state from %d", im.size, len(im.Globals), len(im.State), len(data))
		}
	})
}
