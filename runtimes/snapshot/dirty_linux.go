package snapshot

import (
	"errors"
	"os"
	"sync"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Linux 6.7 tells which pages of a private mapping are the process's own. Few
// of them are quicker put back by copying than dropped and faulted in anew.

const (
	maxOwnPages   = 512 // of the system's: more are dropped, or every guest would pay for the most wasteful
	maxOwnRegions = 512
)

// pagemap is /proc/self/pagemap, nil where pages can't be told apart.
var pagemap = sync.OnceValue(func() *os.File {
	f, err := os.Open("/proc/self/pagemap")
	if err != nil {
		return nil
	}
	return f
})

// Words of the PAGEMAP_SCAN request of linux/fs.h.
const (
	pagemapScan   = 0xc0606610 // _IOWR('f', 16, struct pm_scan_arg)
	pageIsFile    = 1 << 2
	pageIsPresent = 1 << 3
	pageIsSwapped = 1 << 4
)

type scanRequest struct {
	size, flags                        uint64
	start, end, walkEnd                uint64
	regions, regionsLen, maxPages      uint64
	inverted, mask, anyOf, returnFlags uint64
}

// region is a stretch of pages of one kind, by address.
type region struct{ start, end, kind uint64 }

var errManyPages = errors.New("more own pages than are worth copying")

// ownPages finds the pages of a private file mapping that were written to.
func ownPages(mem []byte, found []region) ([]region, error) {
	f := pagemap()
	if f == nil {
		return nil, errors.ErrUnsupported
	}
	start := uint64(uintptr(unsafe.Pointer(&mem[0])))
	found = found[:cap(found)]
	request := scanRequest{
		size:  uint64(unsafe.Sizeof(scanRequest{})),
		start: start, end: start + uint64(len(mem)),
		regions: uint64(uintptr(unsafe.Pointer(&found[0]))), regionsLen: uint64(len(found)),
		maxPages: maxOwnPages,
		inverted: pageIsFile, mask: pageIsFile, anyOf: pageIsPresent | pageIsSwapped,
		returnFlags: pageIsPresent | pageIsSwapped,
	}
	n, _, errno := unix.Syscall(unix.SYS_IOCTL, f.Fd(), pagemapScan, uintptr(unsafe.Pointer(&request)))
	switch {
	case errno != 0:
		return nil, errno
	case request.walkEnd != request.end:
		return nil, errManyPages
	}
	return found[:n], nil
}
