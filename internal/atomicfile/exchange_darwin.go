package atomicfile

import "golang.org/x/sys/unix"

// exchange gives each of two paths the other's name, at once. Some file systems
// can't.
func exchange(a, b string) error { return unix.RenamexNp(a, b, unix.RENAME_SWAP) }
