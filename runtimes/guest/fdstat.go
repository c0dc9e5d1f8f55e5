package guest

import "github.com/assay-dev/assay/runtimes/guest/memfs"

// device is the number of the only device.
const device = 1

func fdFdstatGet(k *call) error {
	d, err := k.fd(0)
	if err != nil {
		return err
	}
	b, err := k.out(1, 24)
	if err != nil {
		return err
	}
	clear(b)
	b[0] = byte(k.w.stat(d).Kind)
	le.PutUint16(b[2:], d.flags)
	le.PutUint64(b[8:], d.rights())
	le.PutUint64(b[16:], d.inheriting())
	return nil
}

// stat describes what a descriptor leads to. A stream is of unknown kind, as a
// pipe is: no program takes it for a terminal.
func (w *World) stat(d *descriptor) memfs.Stat {
	if d.kind != openFile && d.kind != openDir {
		return memfs.Stat{Links: 1, Atime: w.clock.origin, Mtime: w.clock.origin, Ctime: w.clock.origin}
	}
	return w.fs.Stat(d.ino)
}

func fdFdstatSetFlags(k *call) error {
	d, err := k.fd(0)
	if err != nil {
		return err
	}
	if d.kind == openDir {
		return memfs.EBADF
	}
	flags := k.u32(1)
	if flags&^(flagAppend|flagNonblock) != 0 {
		return memfs.EINVAL
	}
	d.flags = uint16(flags)
	return nil
}

func fdFilestatGet(k *call) error {
	d, err := k.fd(0)
	if err != nil {
		return err
	}
	return k.putStat(1, k.w.stat(d))
}

func (k *call) putStat(i int, s memfs.Stat) error {
	b, err := k.out(i, 64)
	if err != nil {
		return err
	}
	clear(b)
	for j, v := range []uint64{device, uint64(s.Ino), uint64(s.Kind), uint64(s.Links), s.Size, s.Atime, s.Mtime, s.Ctime} {
		le.PutUint64(b[8*j:], v)
	}
	return nil
}

func fdFilestatSetTimes(k *call) error {
	d, err := k.fd(0)
	if err != nil {
		return err
	}
	atime, mtime, err := k.times(1)
	if err != nil {
		return err
	}
	if d.kind != openFile && d.kind != openDir {
		return memfs.EINVAL
	}
	k.w.fs.SetTimes(d.ino, atime, mtime)
	return nil
}

// times are the stamps to set, from parameters i (access), i+1 (change) and
// i+2 (which of them, and whether it is now); nil leaves one as it is.
func (k *call) times(i int) (atime, mtime *uint64, err error) {
	const (
		setAtime = 1 << iota
		atimeNow
		setMtime
		mtimeNow
	)
	flags := k.u32(i + 2)
	pick := func(set, now uint32, v uint64) *uint64 {
		switch {
		case flags&set != 0:
			return &v
		case flags&now != 0:
			v = k.w.fs.Now
			return &v
		}
		return nil
	}
	both := func(a, b uint32) bool { return flags&a != 0 && flags&b != 0 }
	if flags > 15 || both(setAtime, atimeNow) || both(setMtime, mtimeNow) {
		return nil, nil, memfs.EINVAL
	}
	return pick(setAtime, atimeNow, k.u64(i)), pick(setMtime, mtimeNow, k.u64(i+1)), nil
}

// preopened is the preopened directory whose number is parameter 0.
func (k *call) preopened() (*descriptor, error) {
	d, err := k.fd(0)
	if err != nil {
		return nil, err
	}
	if d.preopen == "" {
		return nil, memfs.EBADF
	}
	return d, nil
}

func fdPrestatGet(k *call) error {
	d, err := k.preopened()
	if err != nil {
		return err
	}
	return k.put64(1, uint64(len(d.preopen))<<32)
}

func fdPrestatDirName(k *call) error {
	d, err := k.preopened()
	if err != nil {
		return err
	}
	if uint64(k.u32(2)) < uint64(len(d.preopen)) {
		return memfs.ENAMETOOLONG
	}
	b, err := k.out(1, uint64(len(d.preopen)))
	if err != nil {
		return err
	}
	copy(b, d.preopen)
	return nil
}
