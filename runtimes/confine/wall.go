package confine

import "os/exec"

// Wall is one wall around a process.
type Wall struct {
	Name   string `json:"name"`
	Stands bool   `json:"stands"`
	About  string `json:"about"` // what it keeps out, or why it doesn't stand
}

// Limits are what the process may take, in bytes.
type Limits struct {
	Memory uint64 // in all: private memory that can be written to
	Code   bool   // new code may be made until Seal
}

// names of the walls, in the order in which they are raised.
const (
	namePrivileges = "privileges"
	nameFiles      = "landlock"
	nameLimits     = "limits"
	nameCalls      = "seccomp"
)

// Start starts a process that is this executable again, for Raise: without a
// variable, with no descriptor but those of the command, with no privileges but
// those to open what it needs, and in namespaces of its own (network, IPC) where
// the system has them for us. The process ends with the calling thread, which must
// do nothing else, and end when that is done.
func Start(cmd *exec.Cmd) error { return startBare(cmd) }

// Raise raises every wall that there is on this machine. The process must have
// opened what it needs, and every thread of it must be able to run: no guest is
// computing.
func Raise(l Limits) []Wall { return raise(l) }

// Seal ends, for the process, the making of code that Limits.Code left open.
func Seal() error { return seal() }

func stands(name, about string, err error) Wall {
	if err != nil {
		return Wall{Name: name, About: err.Error()}
	}
	return Wall{Name: name, Stands: true, About: about}
}
