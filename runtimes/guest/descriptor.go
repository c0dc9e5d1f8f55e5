package guest

import (
	"fmt"

	"github.com/assay-dev/assay/runtimes"
	"github.com/assay-dev/assay/runtimes/guest/memfs"
)

// openKind says what a descriptor leads to.
type openKind uint8

const (
	closed openKind = iota
	openStdin
	openStdout
	openStderr
	openFile
	openDir
)

// Flags of a descriptor.
const (
	flagAppend   = 1
	flagNonblock = 4
	flagsAll     = 31
)

// descriptor is an open file, directory or stream.
type descriptor struct {
	kind    openKind
	flags   uint16
	ino     memfs.Ino
	offset  *uint64        // of a file or stdin: what dup makes has the same
	denied  uint64         // rights that were not asked for or given up
	below   uint64         // rights denied to what is opened from this directory
	preopen string         // name of a preopened directory
	listing *memfs.Listing // what fd_readdir is going through
}

func stdio() []descriptor {
	return []descriptor{{kind: openStdin, offset: new(uint64)}, {kind: openStdout}, {kind: openStderr}}
}

// preopen opens a directory of the tree for the guest to start with.
func (w *World) preopen(path string) (descriptor, error) {
	rel := "./" + trimSlashes(path)
	ino, err := w.fs.Find(memfs.Root, rel, false)
	if err != nil {
		return descriptor{}, err
	}
	if w.fs.Stat(ino).Kind != memfs.Dir {
		return descriptor{}, memfs.ENOTDIR
	}
	return descriptor{kind: openDir, ino: ino, preopen: path}, nil
}

func trimSlashes(s string) string {
	for s != "" && s[0] == '/' {
		s = s[1:]
	}
	return s
}

func (w *World) descriptor(fd uint32) (*descriptor, error) {
	if uint64(fd) >= uint64(len(w.fds)) || w.fds[fd].kind == closed {
		return nil, memfs.EBADF
	}
	return &w.fds[fd], nil
}

// canOpen ends a guest that has as many files open as it may.
func (w *World) canOpen() error {
	var n uint64
	for i := range w.fds {
		if w.fds[i].kind != closed {
			n++
		}
	}
	if n >= w.limits.OpenFiles {
		return &Halt{Kind: runtimes.FSLimit, Detail: fmt.Sprintf("more than %d open files", w.limits.OpenFiles)}
	}
	return nil
}

// open gives d the lowest free number.
func (w *World) open(d descriptor) uint32 {
	if d.held() {
		w.fs.Hold(d.ino)
	}
	for i := range w.fds {
		if w.fds[i].kind == closed {
			w.fds[i] = d
			return uint32(i)
		}
	}
	w.fds = append(w.fds, d)
	return uint32(len(w.fds) - 1)
}

// held says whether the descriptor keeps a node of the file system.
func (d *descriptor) held() bool { return d.kind == openFile || d.kind == openDir }

// close forgets what a descriptor led to.
func (w *World) close(d *descriptor) {
	if d.held() {
		w.fs.Release(d.ino)
	}
	*d = descriptor{}
}

func fdClose(k *call) error {
	d, err := k.fd(0)
	if err != nil {
		return err
	}
	k.w.close(d)
	return nil
}

// fdRenumber moves a descriptor over another that is open.
func fdRenumber(k *call) error {
	from, err := k.fd(0)
	if err != nil {
		return err
	}
	to, err := k.fd(1)
	if err != nil || from == to {
		return err
	}
	moved := *from
	*from = descriptor{}
	k.w.close(to)
	*to = moved
	return nil
}

// seekable is the descriptor in parameter 0, which must be an open file or
// standard input: that is one too, as a shell's "<" gives it.
func (k *call) seekable() (*descriptor, error) {
	if d, err := k.fd(0); err == nil && d.kind == openStdin {
		return d, nil
	}
	return k.file()
}

// file is the descriptor in parameter 0, which must be an open file that may
// change.
func (k *call) file() (*descriptor, error) {
	d, err := k.fd(0)
	switch {
	case err != nil:
		return nil, err
	case d.kind == openDir:
		return nil, memfs.EBADF
	case d.kind != openFile:
		return nil, memfs.ESPIPE
	}
	return d, nil
}

// Rights of preview 1. A descriptor says which it has; what was asked for when
// it was opened bounds reading and writing, and what was given up through
// fd_fdstat_set_rights is refused from then on, also to what is opened below.
const (
	rightDatasync uint64 = 1 << iota
	rightRead
	rightSeek
	rightSetFlags
	rightSync
	rightTell
	rightWrite
	rightAdvise
	rightAllocate
	rightCreateDir
	rightCreateFile
	rightLinkSource
	rightLinkTarget
	rightPathOpen
	rightReaddir
	rightReadlink
	rightRenameSource
	rightRenameTarget
	rightPathFilestat
	rightPathSize
	rightPathTimes
	rightFilestatGet
	rightSetSize
	rightSetTimes
	rightSymlink
	rightRemoveDir
	rightUnlink
	rightPoll

	rightsAll = 1<<iota - 1

	rightsFile = rightDatasync | rightRead | rightSeek | rightSetFlags | rightSync | rightTell |
		rightWrite | rightAdvise | rightAllocate | rightFilestatGet | rightSetSize | rightSetTimes | rightPoll
	rightsDir = rightsAll &^ (rightRead | rightSeek | rightTell | rightWrite | rightAdvise |
		rightAllocate | rightSetSize | rightPoll)
	rightsStdio = rightSetFlags | rightFilestatGet | rightPoll
	rightsStdin = rightsStdio | rightRead | rightSeek | rightTell | rightAdvise
)

// permit says whether the descriptor still has the rights.
func (d *descriptor) permit(rights uint64) error {
	missing := rights & d.denied
	switch {
	case missing == 0:
		return nil
	case missing&(rightRead|rightWrite) != 0:
		return memfs.EBADF
	}
	return memfs.ENOTCAPABLE
}

// fdFdstatSetRights gives rights up; there is no way back.
func fdFdstatSetRights(k *call) error {
	d, err := k.fd(0)
	if err != nil {
		return err
	}
	base, inheriting := k.u64(1), k.u64(2)
	if base&^d.rights() != 0 || inheriting&^d.inheriting() != 0 {
		return memfs.ENOTCAPABLE
	}
	d.denied |= d.rights() &^ base
	d.below |= d.inheriting() &^ inheriting
	return nil
}

// rights are those that the descriptor says it has.
func (d *descriptor) rights() uint64 {
	switch d.kind {
	case openFile:
		return rightsFile &^ d.denied
	case openDir:
		return rightsDir &^ d.denied
	case openStdin:
		return rightsStdin &^ d.denied
	}
	return (rightsStdio | rightWrite) &^ d.denied
}

// inheriting are the rights that what is opened below may have.
func (d *descriptor) inheriting() uint64 {
	if d.kind != openDir {
		return 0
	}
	return (rightsFile | rightsDir) &^ d.below
}

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

// stat describes what a descriptor leads to. Standard input is a file. An output
// is of unknown kind, as a pipe is: no program takes it for a terminal.
func (w *World) stat(d *descriptor) memfs.Stat {
	if d.held() {
		return w.fs.Stat(d.ino)
	}
	s := memfs.Stat{Links: 1, Atime: w.clock.origin, Mtime: w.clock.origin, Ctime: w.clock.origin}
	if d.kind == openStdin {
		s.Kind, s.Size = memfs.File, uint64(len(w.stdin))
	}
	return s
}

// contents are what a file or standard input has from an offset on.
func (w *World) contents(d *descriptor, at uint64) ([]byte, error) {
	if d.kind == openStdin {
		return w.stdin[min(at, uint64(len(w.stdin))):], nil
	}
	return w.fs.Bytes(d.ino, at)
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
	if !d.held() {
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
