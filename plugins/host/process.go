package host

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	pluginrunner "github.com/hashicorp/go-plugin/runner"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"

	"github.com/assay-dev/assay/internal/atomicfile"
	"github.com/assay-dev/assay/plugins/sdk/wire"
)

// process is one start of a plugin.
type process struct {
	config Config
	sink   *sink

	life   context.Context // ended by kill
	kill   context.CancelFunc
	client *plugin.Client
	runner *runner    // set by client, once it starts
	line   *firstLine // that the runner printed
	remove func()     // of the folder for its sockets

	health   grpc_health_v1.HealthClient
	ask      wire.Client
	identity string

	mu  sync.Mutex
	why string // it was ended by us
}

// start starts the plugin, and returns when it has answered.
func start(ctx context.Context, c Config) (*process, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	p := &process{config: c, sink: newSink(c)}
	p.life, p.kill = context.WithCancel(context.Background())
	begun := time.Now()
	err := p.launch()
	if err != nil {
		return nil, err
	}
	if err = p.greet(ctx); err == nil {
		go p.watch()
		return p, nil
	}
	if ctx.Err() == nil {
		err = p.noStart(err, time.Since(begun) >= c.StartTimeout)
	}
	p.kill()
	_ = p.close() // err says more
	return nil, err
}

// launch readies the client that will start the process.
func (p *process) launch() error {
	tls, certificate, err := newTLS()
	if err != nil {
		return err
	}
	in, remove, err := atomicfile.Scratch("")
	if err != nil {
		return err
	}
	p.remove = remove
	c := p.config
	stdout, stderr := &lines{sink: p.sink}, &lines{sink: p.sink}
	p.client = plugin.NewClient(&plugin.ClientConfig{
		HandshakeConfig:  wire.Handshake,
		VersionedPlugins: wire.HostSide(c.Kind),
		AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC},
		TLSConfig:        tls,
		SkipHostEnv:      true,
		UnixSocketConfig: &plugin.UnixSocketConfig{TempDir: in},
		StartTimeout:     c.StartTimeout,
		GRPCDialOptions:  wire.DialOptions(),
		Logger:           hclog.NewNullLogger(),
		Stderr:           stderr,
		SyncStdout:       stdout,
		SyncStderr:       stderr,
		RunnerFunc: func(_ hclog.Logger, cmd *exec.Cmd, _ string) (pluginrunner.Runner, error) {
			r, err := newRunner(p.life, p.kill, c, in, append(cmd.Env, plugin.EnvUnixSocketDir+"="+in, wire.ClientCertificate+"="+certificate))
			if err != nil {
				return nil, err
			}
			p.line = &firstLine{ReadCloser: r.stdout}
			r.stdout, p.runner = p.line, r
			return r, nil
		},
	})
	return nil
}

// greet does the handshake and asks the first questions.
func (p *process) greet(ctx context.Context) error {
	stop := context.AfterFunc(ctx, p.kill) // the library's start knows no context
	protocol, err := p.client.Client()
	stop()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err != nil {
		return err
	}
	raw, err := protocol.Dispense(string(p.config.Kind))
	if err != nil {
		return err
	}
	p.ask = raw.(wire.Client)
	p.health = grpc_health_v1.NewHealthClient(protocol.(*plugin.GRPCClient).Conn) // no other protocol is allowed
	ctx, cancel := context.WithTimeout(ctx, p.config.StartTimeout)
	defer cancel()
	if err := p.healthy(ctx); err != nil {
		return fmt.Errorf("it does not answer for its health: %w", err)
	}
	p.identity, err = p.ask.Identity(ctx)
	if status.Code(err) == codes.Unimplemented {
		return fmt.Errorf("its handshake promises a %s, but it serves none", p.config.Kind)
	}
	return err
}

// noStart says why the plugin did not start.
func (p *process) noStart(err error, late bool) error {
	reason := err.Error()
	if p.runner != nil && p.runner.started { // else there is no such program, or it can't be run
		line := p.sink.redact.Line(p.line.String(), maxHandshake) // before it is cut and quoted
		fault := misspoken(line, p.config.Kind)
		switch {
		case line != "" && fault != "":
			reason = fault
		case line == "" && late:
			reason = fmt.Sprintf("it printed no handshake within %s", p.config.StartTimeout)
		case line == "" && p.runner.gone(lastWords):
			reason = "it ended before its handshake: " + p.runner.ended()
		}
	}
	return fmt.Errorf("plugin %s does not start: %s%s", p.config.Name, p.sink.redact.Line(reason, maxReason), p.sink.said())
}

// healthy asks after the health.
func (p *process) healthy(ctx context.Context) error {
	answer, err := p.health.Check(ctx, &grpc_health_v1.HealthCheckRequest{Service: plugin.GRPCServiceName})
	if err == nil && answer.GetStatus() != grpc_health_v1.HealthCheckResponse_SERVING {
		err = errors.New(answer.GetStatus().String())
	}
	return err
}

// watch ends a plugin that does not answer for its health twice in a row.
func (p *process) watch() {
	tick := time.NewTicker(p.config.HealthEvery)
	defer tick.Stop()
	for missed := 0; missed < 2; {
		select {
		case <-p.runner.done:
			return
		case <-tick.C:
		}
		ctx, cancel := context.WithTimeout(p.life, p.config.HealthTimeout)
		if missed++; p.healthy(ctx) == nil {
			missed = 0
		}
		cancel()
	}
	p.end("it did not answer for its health twice in a row")
}

// end ends the process at once.
func (p *process) end(why string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.why == "" {
		p.why = why
	}
	p.kill()
}

// alive says whether requests may still be answered.
func (p *process) alive() bool {
	select {
	case <-p.runner.done:
		return false
	default:
		return p.life.Err() == nil
	}
}

// close tells the plugin to end, and sees to it that it does. An error says that
// it had to be killed.
func (p *process) close() error {
	const patience = 3 * time.Second
	told := p.runner != nil && p.alive()
	if told {
		defer time.AfterFunc(patience, func() { _ = p.runner.Kill(p.life) }).Stop()
	}
	p.client.Kill()
	p.kill()
	p.remove()
	if told && p.runner.killed.Load() {
		return fmt.Errorf("plugin %s did not end when it was told to, and was killed", p.config.Name)
	}
	return nil
}
