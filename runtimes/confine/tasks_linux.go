//go:build amd64 || arm64

package confine

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// taskGroup is a control group that bounds how many tasks (processes and their
// threads) there are in it at once: a program that forks without end is faster
// than anybody who counts. Who may make one is the system's affair: root, as a
// rule. nil is none.
type taskGroup struct {
	dir     string
	parent  string // the group that we are in
	unified bool   // of version 2
}

// tasksPerProcess is how many threads a process may have, on an average.
const tasksPerProcess = 8

var taskGroups atomic.Uint64

// newTaskGroup makes a group below our own; nil where that can't be.
func newTaskGroup(processes int) *taskGroup {
	for _, g := range ownGroups() {
		if g.make(64 + tasksPerProcess*processes) {
			return g
		}
	}
	return nil
}

// sweep removes the groups that killed processes of ours left behind. What is in use
// can't go.
func sweep() {
	for _, g := range ownGroups() {
		old, _ := filepath.Glob(filepath.Join(g.parent, "assay-*-*"))
		for _, dir := range old {
			pid, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(dir), "assay-"), "-")
			if _, err := os.Stat("/proc/" + pid); err != nil {
				_ = os.Remove(dir)
			}
		}
	}
}

// ownGroups are the groups that this process is in and that can bound tasks.
func ownGroups() (all []*taskGroup) {
	text, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		return nil
	}
	for line := range strings.Lines(string(text)) {
		fields := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(fields) != 3 {
			continue
		}
		g := &taskGroup{unified: fields[0] == "0" && fields[1] == ""}
		switch {
		case g.unified:
			g.parent = filepath.Join("/sys/fs/cgroup", fields[2])
		case fields[1] == "pids":
			g.parent = filepath.Join("/sys/fs/cgroup/pids", fields[2])
		default:
			continue
		}
		if _, err := os.Stat(filepath.Join(g.parent, "cgroup.procs")); err == nil { // else mounted elsewhere, or not at all
			all = append(all, g)
		}
	}
	return all
}

func (g *taskGroup) make(most int) bool {
	g.dir = filepath.Join(g.parent, fmt.Sprintf("assay-%d-%d", os.Getpid(), taskGroups.Add(1)))
	if os.Mkdir(g.dir, 0o755) != nil {
		return false
	}
	if os.WriteFile(filepath.Join(g.dir, "pids.max"), []byte(strconv.Itoa(most)), 0) != nil {
		g.remove()
		return false
	}
	return true
}

// start starts a process in the group. The calling goroutine is locked to its
// thread.
func (g *taskGroup) start(attributes *syscall.SysProcAttr, start func() error) error {
	switch {
	case g == nil:
	case g.unified:
		fd, err := unix.Open(g.dir, unix.O_DIRECTORY|unix.O_PATH|unix.O_CLOEXEC, 0)
		if err != nil {
			return err
		}
		defer unix.Close(fd)
		attributes.UseCgroupFD, attributes.CgroupFD = true, fd
	default: // a child is where the thread is that makes it
		if err := g.enter(g.dir); err != nil {
			return err
		}
		defer func() {
			if g.enter(g.parent) != nil {
				runtime.LockOSThread() // once more: a thread that stays in the group ends with its goroutine
			}
		}()
	}
	return start()
}

func (g *taskGroup) enter(dir string) error {
	return os.WriteFile(filepath.Join(dir, "tasks"), []byte(strconv.Itoa(unix.Gettid())), 0)
}

// remove removes the group once nothing is in it any more.
func (g *taskGroup) remove() {
	if g == nil {
		return
	}
	for range 100 {
		if os.Remove(g.dir) == nil {
			return
		}
		time.Sleep(time.Millisecond)
	}
}
