//go:build amd64 || arm64

package confine

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	seccomp "github.com/elastic/go-seccomp-bpf"
	"github.com/elastic/go-seccomp-bpf/arch"
	"github.com/landlock-lsm/go-landlock/landlock"
	landlocksys "github.com/landlock-lsm/go-landlock/landlock/syscall"
	"golang.org/x/sys/unix"

	"github.com/assay-dev/assay/internal/child"
)

// A program is started in two steps, three where it may start others:
//
//	Cmd.Start ── this executable as the guard ── as the launcher ── the program
//
// The launcher raises the walls around itself and then becomes the program. The
// guard stays outside of them, and ends all that is left when the program or we
// have ended. What is started once more is recognised by its name, in init:
// so it works in every executable that has this package, tests among them, and
// before the executable's own packages have begun.
const (
	launcherName = "assay: confined program"
	guardName    = "assay: guard of a confined program"
)

// statusFile is where the launcher says what became of it. It is closed when the
// launcher becomes the program.
const statusFile = 3

// status is what the launcher says.
type status struct {
	Walls []Wall `json:"walls"`
	Error string `json:"error,omitempty"`
}

func init() {
	if len(os.Args) == 2 {
		switch os.Args[0] {
		case guardName:
			os.Exit(guard(os.Args[1]))
		case launcherName:
			os.Exit(launch(os.Args[1]))
		}
	}
}

// running is what a started program has.
type running struct {
	ctx  context.Context
	gone chan struct{} // closed when it and all that it started are gone
	over atomic.Pointer[string]
}

func (c *Cmd) ready(ctx context.Context) {
	name, p := launcherName, c.program
	if p.Processes > 0 {
		name = guardName
	}
	p.Env = nil // goes its own way: what arguments say, every process can read
	text, _ := json.Marshal(p)
	c.ctx, c.Cmd = ctx, exec.CommandContext(ctx, "/proc/self/exe")
	c.Args = []string{name, string(text)}
	c.Dir, c.Env = p.Dir, append([]string{}, c.program.Env...) // nil would be ours
	child.Alone(c.Cmd)
	c.SysProcAttr.Pdeathsig = unix.SIGKILL
	if p.Processes > 0 { // a session can't be left by those behind the walls
		c.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Pdeathsig: unix.SIGTERM}
		c.Cancel = func() error {
			endSession(c.Process.Pid)
			return nil
		}
	}
}

func (c *Cmd) start() error {
	ours, theirs, err := os.Pipe()
	if err != nil {
		return err
	}
	defer ours.Close()
	c.ExtraFiles = []*os.File{theirs}
	c.gone = make(chan struct{})
	started := make(chan error)
	go c.live(started)
	err = <-started
	_ = theirs.Close()
	if err != nil {
		return err
	}
	var s status
	for said := json.NewDecoder(ours); err == nil; {
		err = said.Decode(&s) // the last counts
	}
	c.Walls = s.Walls
	switch {
	case s.Error != "":
		err = errors.New(s.Error)
	case len(s.Walls) > 0:
		return nil
	case err == io.EOF:
		err = ErrLauncher
	}
	_ = c.Cancel()
	_ = c.wait()
	return fmt.Errorf("starting %s: %w", c.program.Path, cmp.Or(context.Cause(c.ctx), err))
}

// live starts the process and waits for its end, in one thread: the kernel's
// signal at the death of a parent comes when the thread ends that started the
// child.
func (c *Cmd) live(started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var tasks *taskGroup
	if c.program.Processes > 0 {
		tasks = newTaskGroup(c.program.Processes)
		defer tasks.remove()
	}
	apart(c.SysProcAttr)
	err := tasks.start(c.SysProcAttr, c.Cmd.Start)
	started <- err
	if err != nil {
		return
	}
	pid := c.Process.Pid
	if c.program.Processes > 0 {
		go c.watch(pid)
	}
	for unix.Waitid(unix.P_PID, pid, nil, unix.WEXITED|unix.WNOWAIT, nil) == unix.EINTR {
	}
	if c.program.Processes > 0 {
		endSession(pid) // whose number stays taken until it was waited for
	}
	close(c.gone)
}

func (c *Cmd) wait() error {
	<-c.gone
	err := c.Cmd.Wait()
	if bound := c.exceeded(err); bound != "" {
		return &Exceeded{bound, err}
	}
	return err
}

// exceeded is the bound that ended the program; "" for none. Memory that a
// process can't get is the program's own to complain about.
func (c *Cmd) exceeded(err error) string {
	if bound := c.over.Load(); bound != nil {
		return *bound
	}
	if err == nil || c.ProcessState == nil {
		return ""
	}
	// The kernel ends a process by an account in ticks, which may be ahead of the
	// exact one.
	used := c.ProcessState.UserTime() + c.ProcessState.SystemTime()
	if c.program.CPU > 0 && used >= c.program.CPU*3/4 && endedBy(c.ProcessState, unix.SIGKILL) {
		return fmt.Sprintf("%s of processor time", c.program.CPU)
	}
	for _, dir := range c.program.Write {
		full := false
		_ = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
			if err == nil && d.Type().IsRegular() {
				info, err := d.Info()
				full = full || err == nil && uint64(info.Size()) >= c.program.FileSize
			}
			return nil
		})
		if full {
			return mebibytes(c.program.FileSize) + " in a file"
		}
	}
	return ""
}

func endedBy(s *os.ProcessState, sig syscall.Signal) bool {
	ws := s.Sys().(syscall.WaitStatus)
	return ws.Signaled() && ws.Signal() == sig || ws.Exited() && ws.ExitStatus() == 128+int(sig) // by way of the guard
}

// watch ends a program whose processes take too much together.
func (c *Cmd) watch(session int) {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-c.gone:
			return
		case <-tick.C:
		}
		var bound string
		members := membersOf(session)
		switch {
		case len(members)-2 > c.program.Processes: // the guard and the program come beside
			bound = fmt.Sprintf("%d processes", c.program.Processes)
		case memoryOf(members) > c.program.Memory:
			bound = mebibytes(c.program.Memory) + " of memory"
		default:
			continue
		}
		c.over.CompareAndSwap(nil, &bound)
		endSession(session)
	}
}

// member is a process of a session.
type member struct{ pid, group int }

// membersOf are those of a session that live.
func membersOf(session int) []member {
	var all []member
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil
	}
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		text, err := os.ReadFile(filepath.Join("/proc", e.Name(), "stat"))
		if err != nil {
			continue // it has just ended
		}
		// The name, in parentheses, may have spaces and parentheses in it.
		fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
		if len(fields) < 4 || fields[0] == "Z" || fields[3] != strconv.Itoa(session) {
			continue
		}
		group, _ := strconv.Atoi(fields[2])
		all = append(all, member{pid, group})
	}
	return all
}

// memoryOf is what the processes hold of their own, in bytes.
func memoryOf(members []member) (sum uint64) {
	for _, m := range members {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", m.pid))
		if err != nil {
			continue // it has just ended
		}
		for line := range strings.Lines(string(text)) {
			name, value, _ := strings.Cut(line, ":")
			if name == "RssAnon" || name == "RssShmem" {
				kib, _ := strconv.ParseUint(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 54)
				sum += kib << 10
			}
		}
	}
	return sum
}

// endSession ends every process of a session but this one. To end a group is one
// step for the kernel: no process of it can start another meanwhile.
func endSession(session int) {
	self := os.Getpid()
	if self != session {
		_ = unix.Kill(-session, unix.SIGKILL) // where /proc can't be read, that is all
	}
	for range 1000 {
		var targets []int
		for _, m := range membersOf(session) {
			target := -m.group
			if m.group == self {
				target = m.pid
			}
			if m.pid != self && !slices.Contains(targets, target) {
				targets = append(targets, target)
			}
		}
		if len(targets) == 0 {
			return
		}
		for _, target := range targets {
			_ = unix.Kill(target, unix.SIGKILL)
		}
		time.Sleep(time.Millisecond)
	}
}

// guard starts the launcher. It ends with the program, or when the process that
// started it is gone, which SIGTERM tells; and nothing of the session outlives
// it. It returns the program's exit code.
func guard(text string) int {
	told := make(chan os.Signal, 1)
	signal.Notify(told, unix.SIGTERM)
	said := os.NewFile(statusFile, "status")
	program := &exec.Cmd{
		Path: "/proc/self/exe", Args: []string{launcherName, text}, Env: os.Environ(),
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, ExtraFiles: []*os.File{said},
		SysProcAttr: &syscall.SysProcAttr{Setpgid: true, Pdeathsig: unix.SIGKILL},
	}
	err := program.Start() // in the main thread, which stays
	for _, f := range []*os.File{said, os.Stdin, os.Stdout, os.Stderr} {
		_ = f.Close() // or who reads them would wait for the guard
	}
	if err != nil {
		return failedToStart
	}
	ended := make(chan struct{})
	go func() {
		_ = program.Wait() // the state says all
		close(ended)
	}()
	select {
	case <-ended:
	case <-told:
	}
	endSession(os.Getpid())
	<-ended
	if ws := program.ProcessState.Sys().(syscall.WaitStatus); ws.Signaled() {
		return 128 + int(ws.Signal())
	}
	return program.ProcessState.ExitCode()
}

// launch raises the walls around this process and becomes the program. It
// returns when that fails, or when only the walls are asked for.
func launch(text string) int {
	runtime.LockOSThread()
	said := json.NewEncoder(os.NewFile(statusFile, "status"))
	unix.CloseOnExec(statusFile)
	// What is open besides is not for the program. Kernels before 5.11 let it pass.
	_ = unix.CloseRange(statusFile+1, 1<<32-1, unix.CLOSE_RANGE_CLOEXEC)
	var p Program
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		_ = said.Encode(status{Error: err.Error()})
		return failedToStart
	}
	s := status{Walls: p.raise()}
	_ = said.Encode(s)
	if p.Path == "" {
		return 0
	}
	s.Error = syscall.Exec(p.Path, append([]string{p.Path}, p.Args...), os.Environ()).Error()
	_ = said.Encode(s)
	return failedToStart
}

// failedToStart is the exit code of a guard and a launcher. The status says why.
const failedToStart = 127

// raise is for a program that is about to be executed.
func (p Program) raise() []Wall {
	return []Wall{p.privileges(), p.files(), p.limits(), p.calls()}
}

func (p Program) files() Wall {
	version, err := landlocksys.LandlockGetABIVersion()
	if err != nil || version < 1 {
		return stands(nameFiles, "", errNoLandlock)
	}
	const onFiles = landlocksys.AccessFSExecute | landlocksys.AccessFSReadFile | landlocksys.AccessFSWriteFile | landlocksys.AccessFSTruncate
	read := landlock.AccessFSSet(landlocksys.AccessFSExecute | landlocksys.AccessFSReadFile | landlocksys.AccessFSReadDir)
	// No links and no pipes: who reads what was made would follow the one, and
	// wait for the other.
	write := landlock.AccessFSSet(landlocksys.AccessFSReadFile | landlocksys.AccessFSReadDir | landlocksys.AccessFSWriteFile | landlocksys.AccessFSTruncate |
		landlocksys.AccessFSRemoveFile | landlocksys.AccessFSRemoveDir | landlocksys.AccessFSMakeReg | landlocksys.AccessFSMakeDir)
	if version >= 2 {
		write |= landlocksys.AccessFSRefer // to move from folder to folder
	}
	if p.Listen {
		write |= landlocksys.AccessFSMakeSock
	}
	rules := []landlock.Rule{landlock.RWFiles("/dev/null").IgnoreIfMissing()}
	add := func(access landlock.AccessFSSet, paths []string) {
		for _, path := range paths {
			if info, err := os.Stat(path); err == nil && !info.IsDir() {
				rules = append(rules, landlock.PathAccess(access&onFiles, path))
			} else if err == nil {
				rules = append(rules, landlock.PathAccess(access, path))
			}
		}
	}
	add(read, p.Read)
	add(write, p.Write)
	// This thread only, which is the one that becomes the program.
	ruleset, flags, err := landlock.V6.BestEffort().NewRulesetFD(rules...)
	if err == nil && ruleset < 0 {
		err = errNoLandlock
	}
	if err == nil {
		err = landlocksys.LandlockRestrictSelf(ruleset, flags)
	}
	return stands(nameFiles, about(version, "no file but those that are named"), err)
}

// privileges are dropped, also those that root would get back by executing a
// program; all but the one to read what Landlock lets it read.
func (p Program) privileges() Wall {
	err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
	bound(unix.CAP_DAC_READ_SEARCH)
	err = errors.Join(err, unix.Prctl(unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0))
	return stands(namePrivileges, "none to be gained, and root's are gone", err)
}

func (p Program) limits() Wall {
	text := fmt.Sprintf("%s of memory, %s a file, no core dumps", mebibytes(p.Memory), mebibytes(p.FileSize))
	data := p.Memory
	if p.Processes > 0 {
		data += 1 << 30 // all together are watched, and told from one that failed by itself
	}
	err := errors.Join(lower(unix.RLIMIT_DATA, data), lower(unix.RLIMIT_FSIZE, p.FileSize), lower(unix.RLIMIT_CORE, 0))
	if p.CPU > 0 {
		text += fmt.Sprintf(", %s of processor time", p.CPU)
		err = errors.Join(err, lower(unix.RLIMIT_CPU, uint64((p.CPU+time.Second-1)/time.Second)))
	}
	return stands(nameLimits, text, err)
}

// refused are the system calls that no compiler has a use for: those that reach
// other machines and other processes, and those that change the system.
var refused = []string{
	"connect", "io_uring_setup", "io_uring_enter", "io_uring_register",
	"ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "process_mrelease", "kcmp", "pidfd_getfd",
	"setsid", "unshare", "setns", "mount", "umount2", "move_mount", "open_tree", "fsopen", "fsmount", "fsconfig", "fspick", "mount_setattr", "pivot_root", "chroot",
	"mknod", "mknodat", "open_by_handle_at", "name_to_handle_at", "swapon", "swapoff", "quotactl", "quotactl_fd", "acct",
	"bpf", "perf_event_open", "userfaultfd", "keyctl", "add_key", "request_key", "fanotify_init", "lookup_dcookie",
	"init_module", "finit_module", "delete_module", "kexec_load", "kexec_file_load", "reboot", "syslog", "vhangup", "iopl", "ioperm",
	"settimeofday", "clock_settime", "clock_adjtime", "adjtimex", "sethostname", "setdomainname", "personality", "modify_ldt",
	"shmget", "shmat", "shmctl", "msgget", "msgsnd", "msgrcv", "msgctl", "semget", "semop", "semctl", "semtimedop", "mq_open", "mq_unlink",
}

func (p Program) calls() Wall {
	text := "no network, no look into other processes, nothing that changes the system"
	if p.Processes == 0 {
		text += ", no other process"
	}
	return stands(nameCalls, text, p.filter())
}

// filter allows what this package knows by name and does not refuse.
func (p Program) filter() error {
	info, err := arch.GetInfo("")
	if err != nil {
		return err
	}
	never := append([]string{"clone3"}, refused...)
	var unless []seccomp.SyscallGroup
	if p.Processes == 0 {
		never = append(never, "fork", "vfork", "setpgid")
		unless = append(unless, only("clone", seccomp.Condition{Argument: 0, Operation: seccomp.BitsNotSet, Value: unix.CLONE_THREAD}))
	} else {
		const namespaces = unix.CLONE_NEWNS | unix.CLONE_NEWCGROUP | unix.CLONE_NEWUTS | unix.CLONE_NEWIPC | unix.CLONE_NEWUSER | unix.CLONE_NEWPID | unix.CLONE_NEWNET
		unless = append(unless, only("clone", seccomp.Condition{Argument: 0, Operation: seccomp.BitsSet, Value: namespaces}))
	}
	if p.Listen { // streams only: others can send without a connection
		for _, name := range []string{"socket", "socketpair"} {
			unless = append(unless,
				only(name, seccomp.Condition{Argument: 0, Operation: seccomp.NotEqual, Value: unix.AF_UNIX}),
				only(name, seccomp.Condition{Argument: 1, Operation: seccomp.BitsSet, Value: 0xf &^ unix.SOCK_STREAM}))
		}
	} else {
		never = append(never, "socket", "socketpair")
	}
	var open []string
	for name := range info.SyscallNames {
		if !slices.Contains(never, name) {
			open = append(open, name)
		}
	}
	slices.Sort(open)
	return install(true, open, unless...)
}
