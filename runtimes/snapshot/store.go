package snapshot

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/assay-dev/assay/runtimes/cache"
)

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
