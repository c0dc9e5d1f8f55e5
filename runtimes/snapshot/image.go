package snapshot

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/assay-dev/assay/internal/cache"
	"github.com/assay-dev/assay/runtimes/engine"
)

const pageSize = 64 << 10

// Image is a booted guest at rest. It is read only and safe for concurrent use.
type Image struct {
	Globals []uint64 // in Module.Globals' order
	State   []byte   // what the host holds for the guest, in its own encoding

	room *room // begins with the memory
	size int   // bytes of memory
}

// Key names an image by everything that went into it: the module, by its hash, and the
// recipe, which the caller spells out part by part.
func Key(module [sha256.Size]byte, recipe ...[]byte) string {
	h := sha256.New()
	for _, part := range append([][]byte{[]byte("assay image 1"), module[:]}, recipe...) {
		var n [8]byte
		binary.LittleEndian.PutUint64(n[:], uint64(len(part)))
		h.Write(n[:])
		h.Write(part)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Take copies an instance that is not running.
func Take(inst engine.Instance, state []byte) (*Image, error) {
	mem := inst.Memory()
	r, err := newRoom(len(mem))
	if err != nil {
		return nil, fmt.Errorf("take image: %w", err)
	}
	copy(r.bytes, mem)
	return &Image{Globals: inst.Globals(), State: append([]byte(nil), state...), room: r, size: len(mem)}, nil
}

// Memory is the linear memory; it must not be written to.
func (im *Image) Memory() []byte { return im.room.bytes[:im.size] }

// Pages is the size of the memory in pages of 64 KiB.
func (im *Image) Pages() uint32 { return uint32(im.size / pageSize) }

// Close frees the image. Pools that use it must be closed before.
func (im *Image) Close() error { return im.room.close() }

// An image on disk is its memory, its globals (8 bytes each), its state, and a
// trailer of three lengths: bytes of memory, number of globals, bytes of state.
// Memory comes first so that the file is read straight into what gets mapped.
const trailerSize = 3 * 8

// Open takes an image from the cache, or has it built and puts it there. Other
// processes that want the same one wait. A nil store only builds.
func Open(ctx context.Context, store cache.Store, key string, build func(context.Context) (*Image, error)) (*Image, error) {
	if store == nil {
		return build(ctx)
	}
	if im, err := load(store, key); err == nil {
		return im, nil
	}
	unlock, err := store.Lock(ctx, cache.Images, key)
	if err != nil {
		return build(ctx) // an unusable cache costs time, nothing else
	}
	defer unlock()
	if im, err := load(store, key); err == nil {
		return im, nil
	}
	im, err := build(ctx)
	if err != nil {
		return nil, err
	}
	_ = im.save(store, key) // without it the next process builds again
	return im, nil
}

func (im *Image) save(store cache.Store, key string) error {
	var tail []byte
	for _, g := range im.Globals {
		tail = binary.LittleEndian.AppendUint64(tail, g)
	}
	tail = append(tail, im.State...)
	for _, n := range []int{im.size, len(im.Globals), len(im.State)} {
		tail = binary.LittleEndian.AppendUint64(tail, uint64(n))
	}
	return store.Put(cache.Images, key, im.Memory(), tail)
}

func load(store cache.Store, key string) (*Image, error) {
	var r *room
	data, err := store.GetInto(cache.Images, key, func(size int) ([]byte, error) {
		var err error
		if r, err = newRoom(size); err != nil {
			return nil, err
		}
		return r.bytes, nil
	})
	if err == nil {
		var im *Image
		if im, err = parse(data); err == nil {
			im.room = r
			return im, nil
		}
	}
	if r != nil {
		err = errors.Join(err, r.close())
	}
	return nil, err
}

// parse reads what follows the memory. Lengths are checked against data before
// anything is made from them.
func parse(data []byte) (*Image, error) {
	if len(data) < trailerSize {
		return nil, errors.New("image without a trailer")
	}
	body, trailer := data[:len(data)-trailerSize], data[len(data)-trailerSize:]
	size := binary.LittleEndian.Uint64(trailer)
	globals := binary.LittleEndian.Uint64(trailer[8:])
	state := binary.LittleEndian.Uint64(trailer[16:])
	whole := uint64(len(body))
	if size > whole || size%pageSize != 0 || globals > (whole-size)/8 || state != whole-size-globals*8 {
		return nil, fmt.Errorf("image of %d bytes can't hold %d of memory, %d globals and %d of state", whole, size, globals, state)
	}
	im := &Image{size: int(size), Globals: make([]uint64, globals)}
	rest := body[size:]
	for i := range im.Globals {
		im.Globals[i] = binary.LittleEndian.Uint64(rest[8*i:])
	}
	im.State = append([]byte(nil), rest[8*globals:]...)
	return im, nil
}
