//go:build amd64 || arm64

package confine

import (
	"errors"
	"slices"

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
	open := append(slices.Clone(allowed), "mmap", "mprotect", "ioctl", "clone", "tgkill", "prctl")
	unless := []seccomp.SyscallGroup{
		only("ioctl", seccomp.Condition{Argument: 1, Operation: seccomp.NotEqual, Value: pagemapScan}),
		only("clone", seccomp.Condition{Argument: 0, Operation: seccomp.BitsNotSet, Value: unix.CLONE_THREAD}),
		only("tgkill", seccomp.Condition{Argument: 0, Operation: seccomp.NotEqual, Value: uint64(unix.Getpid())}),
		// A C library names its threads. Anonymous memory that the kernel should back
		// by huge pages, or call by a name: Go does both.
		only("prctl", seccomp.Condition{Argument: 0, Operation: seccomp.NotEqual, Value: unix.PR_SET_NAME},
			seccomp.Condition{Argument: 0, Operation: seccomp.NotEqual, Value: unix.PR_SET_VMA}),
	}
	if code {
		open = append(open, "seccomp")
	} else {
		// Memory, but none that can be executed.
		for _, name := range []string{"mmap", "mprotect"} {
			unless = append(unless, only(name, seccomp.Condition{Argument: 2, Operation: seccomp.BitsSet, Value: unix.PROT_EXEC}))
		}
	}
	return install(!second, open, unless...)
}

// only refuses a call of that name where all conditions hold.
func only(name string, refused ...seccomp.Condition) seccomp.SyscallGroup {
	return seccomp.SyscallGroup{Action: seccomp.ActionErrno, NamesWithCondtions: []seccomp.NameWithConditions{{Name: name, Conditions: refused}}}
}

// install puts filters before every thread: nothing goes through but open, as far
// as this machine has it, and of that not what a group refuses. Each group is a
// filter of its own. In one filter a call whose conditions don't hold would be
// compared with the names that follow by what its argument is, not by its
// number: mmap with the protection 157 passed as prctl, which has that number.
// The first filter needs that no privileges can be gained; later ones may not ask.
func install(first bool, open []string, unless ...seccomp.SyscallGroup) error {
	info, err := arch.GetInfo("")
	if err != nil {
		return err
	}
	open = slices.DeleteFunc(open, func(name string) bool {
		_, here := info.SyscallNames[name] // arm64 has no epoll_wait
		return !here
	})
	var policies []seccomp.Policy
	for _, g := range unless {
		policies = append(policies, seccomp.Policy{DefaultAction: seccomp.ActionAllow, Syscalls: []seccomp.SyscallGroup{g}})
	}
	// The last one may refuse further filters. clone3 hides its flags from all of
	// them: a C library that finds it absent takes clone.
	policies = append(policies, seccomp.Policy{DefaultAction: seccomp.ActionErrno, Syscalls: []seccomp.SyscallGroup{
		{Action: seccomp.ActionErrno | seccomp.Action(unix.ENOSYS), Names: []string{"clone3"}},
		{Action: seccomp.ActionAllow, Names: open},
	}})
	for i, p := range policies {
		err := seccomp.LoadFilter(seccomp.Filter{NoNewPrivs: first && i == 0, Flag: seccomp.FilterFlagTSync, Policy: p})
		if errors.Is(err, unix.EINVAL) {
			return errors.New("this kernel has no seccomp filters")
		}
		if err != nil {
			return err
		}
	}
	return nil
}
