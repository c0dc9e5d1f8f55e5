package guest

import (
	"encoding/binary"

	"github.com/assay-dev/assay/runtimes/guest/memfs"
)

// iovMax is how many iovecs one call may name.
const iovMax = 1024

var le = binary.LittleEndian

// call is one host call: its parameters and the guest's memory.
type call struct {
	w      *World
	mem    []byte
	params []uint64
}

func (k *call) u32(i int) uint32 { return uint32(k.params[i]) }
func (k *call) u64(i int) uint64 { return k.params[i] }

// view is n bytes of the guest's memory at an address.
func (k *call) view(ptr uint32, n uint64) ([]byte, error) {
	start, size := uint64(ptr), uint64(len(k.mem))
	if start > size || n > size-start {
		return nil, memfs.EFAULT
	}
	return k.mem[start : start+n : start+n], nil
}

// out is view at the address in parameter i.
func (k *call) out(i int, n uint64) ([]byte, error) { return k.view(k.u32(i), n) }

// text is the string whose address and length are parameters i and i+1.
func (k *call) text(i int) (string, error) {
	n := k.u32(i + 1)
	b, err := k.out(i, uint64(n))
	if err != nil {
		return "", err
	}
	if n > memfs.PathMax {
		return "", memfs.ENAMETOOLONG
	}
	if err := k.w.charge(uint64(n)); err != nil {
		return "", err
	}
	return string(b), nil
}

// vectors are the iovecs whose address and count are parameters i and i+1,
// with their lengths' sum.
func (k *call) vectors(i int) (vecs [][]byte, total uint64, err error) {
	n := k.u32(i + 1)
	if n > iovMax {
		return nil, 0, memfs.EINVAL
	}
	raw, err := k.out(i, 8*uint64(n))
	if err != nil {
		return nil, 0, err
	}
	if err := k.w.charge(uint64(len(raw))); err != nil {
		return nil, 0, err
	}
	vecs = make([][]byte, n)
	for j := range vecs {
		v, err := k.view(le.Uint32(raw[8*j:]), uint64(le.Uint32(raw[8*j+4:])))
		if err != nil {
			return nil, 0, err
		}
		vecs[j] = v
		total += uint64(len(v))
	}
	if total > 1<<31-1 {
		return nil, 0, memfs.EINVAL
	}
	return vecs, total, nil
}

// fd is the open descriptor whose number is parameter i.
func (k *call) fd(i int) (*descriptor, error) { return k.w.descriptor(k.u32(i)) }

// dir is fd of a directory.
func (k *call) dir(i int) (*descriptor, error) {
	d, err := k.fd(i)
	if err != nil {
		return nil, err
	}
	if d.kind != openDir {
		return nil, memfs.ENOTDIR
	}
	return d, nil
}
