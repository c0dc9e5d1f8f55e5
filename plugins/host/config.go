package host

import (
	"io"
	"time"

	"github.com/assay-dev/assay/internal/child"
	"github.com/assay-dev/assay/plugins/sdk/wire"
)

// Config is a plugin and how it is run. A zero time means its default.
type Config struct {
	Name    string // as messages name it
	Version string
	Kind    wire.Kind // which Open sets
	Args    []string  // the program, an absolute path, and its arguments
	Dir     string    // that it runs in

	// Env is all that it sees of an environment beside the handshake's: what it
	// was granted, NAME=value.
	Env []string
	// Cache is a folder in which a runtime keeps what it made from one start to the
	// next (default: none, it is made anew). Read are files and folders that a
	// runtime may read beside those that it has anyway: see walls.
	Cache string
	Read  []string
	// Memory is what a runtime may take with all that it starts, in bytes (default
	// 4 GiB). Its compiler's bounds are its own to set: a plugin that goes over this
	// one is ended, and started again for the sources that it was compiling.
	Memory uint64
	// Secrets are what must not stand in a message or a log: the values of Env.
	Secrets []child.Secret
	// Check is asked before every start; an error keeps the plugin from it.
	Check func() error
	// Log gets what the plugin prints, line by line (default: nobody does).
	Log io.Writer

	StartTimeout  time.Duration // for the handshake and for the first answer after it (default 30 s)
	RestartWait   time.Duration // before it is started again; doubled each time (default 250 ms)
	HealthEvery   time.Duration // between two questions after its health (default 15 s)
	HealthTimeout time.Duration // for the answer; the second missed in a row ends the plugin (default 15 s)
	// AnswerTimeout is for one answer of a runtime (a compilation: for each source),
	// and for a trainer's check (default 2 min); PrepareTimeout for a runtime's
	// preparations (default 20 min).
	AnswerTimeout, PrepareTimeout time.Duration
}

func (c Config) withDefaults() Config {
	def := func(d *time.Duration, v time.Duration) {
		if *d == 0 {
			*d = v
		}
	}
	def(&c.StartTimeout, 30*time.Second)
	def(&c.RestartWait, 250*time.Millisecond)
	def(&c.HealthEvery, 15*time.Second)
	def(&c.HealthTimeout, 15*time.Second)
	def(&c.AnswerTimeout, 2*time.Minute)
	def(&c.PrepareTimeout, 20*time.Minute)
	if c.Memory == 0 {
		c.Memory = 4 << 30
	}
	if c.Log == nil {
		c.Log = io.Discard
	}
	if c.Check == nil {
		c.Check = func() error { return nil }
	}
	return c
}

// Bounds of what is kept of what a plugin prints, in bytes.
const (
	maxLogged = 256 << 10 // in the log, by one process
	maxLine   = 4 << 10   // of a line
	maxTold   = 2 << 10   // the end of it, for messages
	maxReason = 400       // of what it says is wrong
)
