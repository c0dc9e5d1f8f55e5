//go:build amd64 || arm64

package confine

import (
	"errors"

	seccomp "github.com/elastic/go-seccomp-bpf"
	"github.com/elastic/go-seccomp-bpf/arch"
	"golang.org/x/sys/unix"
)

// allowed are the system calls of a program that computes, waits and speaks
// over what is open: those of Go's runtime and of a C library's threads.
var allowed = []string{
	// open descriptors
	"read", "write", "pread64", "readv", "writev", "close", "fcntl", "fstat", "lseek",
	"epoll_pwait", "epoll_wait", "epoll_ctl", "ppoll", "recvfrom", "sendto", "recvmsg", "sendmsg", "shutdown", "getsockopt",
	// memory
	"munmap", "madvise", "mremap", "mincore", "brk", "membarrier",
	// threads
	"futex", "sched_yield", "sched_getaffinity", "set_robust_list", "get_robust_list", "rseq", "gettid", "getpid", "exit", "exit_group", "restart_syscall", "set_tid_address", "arch_prctl",
	// signals to itself
	"rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigaltstack",
	// time and chance
	"nanosleep", "clock_nanosleep", "clock_gettime", "clock_getres", "gettimeofday", "getrandom", "getrusage",
}

// pagemapScan is the only ioctl: which pages of an instance's memory are dirty.
const pagemapScan = 0xc0606610

// filter lets nothing through but allowed. What is refused fails with EPERM, so
// that a library with a second way takes it. With code, memory may become
// executable, until a second filter comes on top that forbids it.
func filter(code, second bool) error {
	info, err := arch.GetInfo("")
	if err != nil {
		return err
	}
	open := seccomp.SyscallGroup{Action: seccomp.ActionAllow}
	for _, name := range allowed {
		if _, here := info.SyscallNames[name]; here { // arm64 has no epoll_wait
			open.Names = append(open.Names, name)
		}
	}

	pid := uint64(unix.Getpid())
	if code {
		open.Names = append(open.Names, "mmap", "mprotect", "seccomp")
	} else {
		// Memory, but none that can be executed.
		open.NamesWithCondtions = []seccomp.NameWithConditions{
			{Name: "mmap", Conditions: seccomp.ArgumentConditions{{Argument: 2, Operation: seccomp.BitsNotSet, Value: unix.PROT_EXEC}}},
			{Name: "mprotect", Conditions: seccomp.ArgumentConditions{{Argument: 2, Operation: seccomp.BitsNotSet, Value: unix.PROT_EXEC}}},
		}
	}
	open.NamesWithCondtions = append(open.NamesWithCondtions, []seccomp.NameWithConditions{
		{Name: "ioctl", Conditions: seccomp.ArgumentConditions{{Argument: 1, Operation: seccomp.Equal, Value: pagemapScan}}},
		{Name: "clone", Conditions: seccomp.ArgumentConditions{{Argument: 0, Operation: seccomp.BitsSet, Value: unix.CLONE_THREAD}}},
		{Name: "tgkill", Conditions: seccomp.ArgumentConditions{{Argument: 0, Operation: seccomp.Equal, Value: pid}}},
		// A C library names its threads.
		{Name: "prctl", Conditions: seccomp.ArgumentConditions{{Argument: 0, Operation: seccomp.Equal, Value: unix.PR_SET_NAME}}},
		// Anonymous memory that the kernel should back by huge pages, or call by a name: Go does both.
		{Name: "prctl", Conditions: seccomp.ArgumentConditions{{Argument: 0, Operation: seccomp.Equal, Value: unix.PR_SET_VMA}}},
	}...)
	// clone3 hides its flags from filters: a C library that finds it absent
	// takes clone.
	absent := seccomp.SyscallGroup{Action: seccomp.ActionErrno | seccomp.Action(unix.ENOSYS), Names: []string{"clone3"}}
	err = seccomp.LoadFilter(seccomp.Filter{
		NoNewPrivs: !second, // else it takes a privilege
		Flag:       seccomp.FilterFlagTSync,
		Policy: seccomp.Policy{
			DefaultAction: seccomp.ActionErrno, // EPERM
			Syscalls:      []seccomp.SyscallGroup{absent, open},
		},
	})
	if errors.Is(err, unix.EINVAL) {
		return errors.New("this kernel has no seccomp filters")
	}
	return err
}
