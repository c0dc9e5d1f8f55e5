//go:build amd64 || arm64

package confine

import (
	"os"
	"os/exec"
	"sync"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
	"kernel.org/pub/linux/libs/security/libcap/psx"
)

// apart gives a process that will be started namespaces of its own, where the system
// has them for us: with no network but a loopback that is down, and no shared memory
// or queues of others.
func apart(a *syscall.SysProcAttr) {
	if haveNamespaces() {
		namespaces(a)
	}
}

func namespaces(a *syscall.SysProcAttr) {
	a.Cloneflags |= syscall.CLONE_NEWNET | syscall.CLONE_NEWIPC
	if os.Geteuid() == 0 { // in a namespace of users root could not open the files of others
		return
	}
	a.Cloneflags |= syscall.CLONE_NEWUSER
	a.UidMappings = []syscall.SysProcIDMap{{ContainerID: os.Geteuid(), HostID: os.Geteuid(), Size: 1}}
	a.GidMappings = []syscall.SysProcIDMap{{ContainerID: os.Getegid(), HostID: os.Getegid(), Size: 1}}
}

// haveNamespaces says whether the system has them for us. Who asks for a program that
// isn't there hears of that once the namespaces are made.
var haveNamespaces = sync.OnceValue(func() bool {
	a := &syscall.SysProcAttr{}
	namespaces(a)
	_, err := syscall.ForkExec("/proc/self/exe/none", []string{"none"}, &syscall.ProcAttr{Sys: a})
	return err == syscall.ENOTDIR
})

// openers are the capabilities that a process has until its walls are raised: to
// open files of others where we are root, and to give these up.
var openers = []uintptr{unix.CAP_DAC_OVERRIDE, unix.CAP_DAC_READ_SEARCH, unix.CAP_SETPCAP}

func startBare(cmd *exec.Cmd) error {
	// What we have inherited open ourselves. Where the kernel is older than 5.11, it
	// passes on.
	_ = unix.CloseRange(3, 1<<32-1, unix.CLOSE_RANGE_CLOEXEC)
	cmd.Env = []string{} // nil would be ours
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: unix.SIGKILL}
	apart(cmd.SysProcAttr)
	bound(openers...)
	_ = unix.Prctl(unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) // what the calling thread has is gone with it
	return cmd.Start()
}

// bound leaves no capabilities but these to what the calling thread will execute.
// Who may not drop any has none.
func bound(but ...uintptr) {
	for c := range uintptr(64) {
		keep := false
		for _, k := range but {
			keep = keep || k == c
		}
		if !keep && unix.Prctl(unix.PR_CAPBSET_DROP, c, 0, 0, 0) == unix.EINVAL {
			return // the kernel knows no more of them
		}
	}
}

// noCapabilities is what the kernel is shown, which must not lie on a stack that
// moves.
var noCapabilities = struct {
	head unix.CapUserHeader
	sets [2]unix.CapUserData
}{head: unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}}

// dropAll gives up what is left of capabilities, in every thread.
func dropAll() error {
	for _, c := range openers {
		_, _, _ = psx.Syscall3(unix.SYS_PRCTL, unix.PR_CAPBSET_DROP, c, 0) // who may not has none
	}
	if _, _, errno := psx.Syscall3(unix.SYS_CAPSET, uintptr(unsafe.Pointer(&noCapabilities.head)), uintptr(unsafe.Pointer(&noCapabilities.sets)), 0); errno != 0 {
		return errno
	}
	return nil
}
