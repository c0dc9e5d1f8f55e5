package memfs

import "fmt"

// Errno is an error that the guest sees, by its number in WASI preview 1.
type Errno uint16

// The errors of preview 1 that this world gives.
const (
	EAGAIN       Errno = 6
	EBADF        Errno = 8
	EBUSY        Errno = 10
	EEXIST       Errno = 20
	EFAULT       Errno = 21
	EFBIG        Errno = 22
	EILSEQ       Errno = 25
	EINVAL       Errno = 28
	EISDIR       Errno = 31
	ELOOP        Errno = 32
	EMLINK       Errno = 34
	ENAMETOOLONG Errno = 37
	ENOENT       Errno = 44
	ENOSYS       Errno = 52
	ENOTDIR      Errno = 54
	ENOTEMPTY    Errno = 55
	ENOTSOCK     Errno = 57
	ENOTSUP      Errno = 58
	EOVERFLOW    Errno = 61
	EPERM        Errno = 63
	ESPIPE       Errno = 70
	ENOTCAPABLE  Errno = 76
)

func (e Errno) Error() string { return fmt.Sprintf("wasi errno %d", uint16(e)) }
