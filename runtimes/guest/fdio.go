package guest

import (
	"math"

	"github.com/assay-dev/assay/runtimes/guest/memfs"
)

func fdRead(k *call) error {
	d, err := k.fd(0)
	if err != nil {
		return err
	}
	if d.kind != openStdin && d.kind != openFile {
		return memfs.EBADF
	}
	src, err := k.w.contents(d, *d.offset)
	if err != nil {
		return err
	}
	n, err := k.scatter(src, 3)
	*d.offset += uint64(n)
	return err
}

func fdPread(k *call) error {
	d, err := k.seekable()
	if err != nil {
		return err
	}
	src, err := k.w.contents(d, k.u64(3))
	if err != nil {
		return err
	}
	_, err = k.scatter(src, 4)
	return err
}

// scatter copies src into the iovecs of parameter 1 and its length to the
// address in parameter i.
func (k *call) scatter(src []byte, i int) (int, error) {
	vecs, total, err := k.vectors(1)
	if err != nil {
		return 0, err
	}
	count, err := k.out(i, 4)
	if err != nil {
		return 0, err
	}
	src = src[:min(total, uint64(len(src)))]
	if err := k.w.charge(uint64(len(src))); err != nil {
		return 0, err
	}
	n := 0
	for _, v := range vecs {
		n += copy(v, src[n:])
	}
	le.PutUint32(count, uint32(n))
	return n, nil
}

func fdWrite(k *call) error {
	d, err := k.fd(0)
	if err != nil {
		return err
	}
	vecs, total, count, err := k.gather(3)
	if err != nil {
		return err
	}
	switch d.kind {
	case openStdout:
		err = k.w.stdout.write("stdout", vecs, k.w.limits.OutputBytes)
	case openStderr:
		err = k.w.stderr.write("stderr", vecs, k.w.limits.OutputBytes)
	case openFile:
		if d.flags&flagAppend != 0 {
			*d.offset = k.w.fs.Stat(d.ino).Size
		}
		if err = k.w.fs.WriteAt(d.ino, *d.offset, vecs...); err == nil {
			*d.offset += total
		}
	default:
		return memfs.EBADF
	}
	if err == nil {
		le.PutUint32(count, uint32(total))
	}
	return err
}

func fdPwrite(k *call) error {
	d, err := k.file()
	if err != nil {
		return err
	}
	vecs, total, count, err := k.gather(4)
	if err != nil {
		return err
	}
	if err := k.w.fs.WriteAt(d.ino, k.u64(3), vecs...); err != nil {
		return err
	}
	le.PutUint32(count, uint32(total))
	return nil
}

// gather gives the iovecs of parameter 1, paid for, and where their length
// goes: the address in parameter i.
func (k *call) gather(i int) (vecs [][]byte, total uint64, count []byte, err error) {
	if vecs, total, err = k.vectors(1); err != nil {
		return nil, 0, nil, err
	}
	if count, err = k.out(i, 4); err != nil {
		return nil, 0, nil, err
	}
	return vecs, total, count, k.w.charge(total)
}

func fdSeek(k *call) error {
	d, err := k.seekable()
	if err != nil {
		return err
	}
	var from uint64
	switch k.u32(2) {
	case 0:
	case 1:
		from = *d.offset
	case 2:
		from = k.w.stat(d).Size
	default:
		return memfs.EINVAL
	}
	to := from + k.u64(1) // two's complement: a negative step wraps below from
	if delta := int64(k.u64(1)); to > math.MaxInt64 || (delta < 0) != (to < from) {
		return memfs.EINVAL
	}
	if err := k.put64(3, to); err != nil {
		return err
	}
	*d.offset = to
	return nil
}

func fdTell(k *call) error {
	d, err := k.seekable()
	if err != nil {
		return err
	}
	return k.put64(1, *d.offset)
}

// fdSync has nothing to do.
func fdSync(k *call) error {
	_, err := k.fd(0)
	return err
}

func fdAdvise(k *call) error {
	if _, err := k.seekable(); err != nil {
		return err
	}
	if k.u32(3) > 5 {
		return memfs.EINVAL
	}
	return nil
}

func fdAllocate(k *call) error {
	d, err := k.file()
	if err != nil {
		return err
	}
	if err := d.permit(rightWrite); err != nil {
		return err
	}
	return k.w.fs.Allocate(d.ino, k.u64(1), k.u64(2))
}

func fdFilestatSetSize(k *call) error {
	d, err := k.file()
	if err != nil {
		return err
	}
	if err := d.permit(rightWrite); err != nil {
		return err
	}
	return k.w.fs.Resize(d.ino, k.u64(1))
}
