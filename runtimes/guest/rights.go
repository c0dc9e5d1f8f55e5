package guest

import "github.com/assay-dev/assay/runtimes/guest/memfs"

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
		return (rightsStdio | rightRead) &^ d.denied
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
