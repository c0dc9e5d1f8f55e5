package guest

import "github.com/assay-dev/assay/runtimes/guest/memfs"

// direntSize is the head of a directory entry; the name follows.
const direntSize = 24

// fdReaddir fills a buffer with entries: ".", "..", then the names in order.
// Cookies count them. Cookie 0 takes a listing that later cookies go on with,
// so that removing what was listed leaves nothing out.
func fdReaddir(k *call) error {
	d, err := k.fd(0)
	if err != nil {
		return err
	}
	if d.kind != openDir {
		return memfs.EBADF
	}
	buf, err := k.out(1, uint64(k.u32(2)))
	if err != nil {
		return err
	}
	used, err := k.out(4, 4)
	if err != nil {
		return err
	}
	cookie := k.u64(3)
	if d.listing == nil || cookie == 0 {
		l, err := k.w.fs.List(d.ino)
		if err != nil {
			return err
		}
		d.listing = &l
	}
	if err := k.w.charge(uint64(k.w.listed(d, cookie, len(buf)))); err != nil {
		return err
	}
	le.PutUint32(used, uint32(k.w.list(d, cookie, buf)))
	return nil
}

// listed is how many bytes list will write.
func (w *World) listed(d *descriptor, cookie uint64, room int) int {
	n := 0
	for ; n < room && cookie < uint64(d.listing.Len())+2; cookie++ {
		name, _ := w.entry(d, cookie)
		n += direntSize + len(name)
	}
	return min(n, room)
}

// list writes entries from a cookie on until buf is full, cutting the last.
func (w *World) list(d *descriptor, cookie uint64, buf []byte) int {
	n := 0
	for ; n < len(buf) && cookie < uint64(d.listing.Len())+2; cookie++ {
		name, ino := w.entry(d, cookie)
		var head [direntSize]byte
		le.PutUint64(head[0:], cookie+1)
		le.PutUint64(head[8:], uint64(ino))
		le.PutUint32(head[16:], uint32(len(name)))
		head[20] = byte(w.fs.Kind(ino))
		n += copy(buf[n:], head[:])
		n += copy(buf[n:], name)
	}
	return n
}

func (w *World) entry(d *descriptor, cookie uint64) (string, memfs.Ino) {
	switch cookie {
	case 0:
		return ".", d.ino
	case 1:
		return "..", w.fs.Parent(d.ino)
	}
	return d.listing.At(int(cookie - 2))
}
