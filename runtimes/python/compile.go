package python

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/assay-dev/assay/runtimes"
	"github.com/assay-dev/assay/runtimes/value"
)

// ErrScript says that a script's helpers or test are not Python.
var ErrScript = errors.New("the test program does not parse")

// Compile compiles the helpers and the test of a script, for Script.Compiled.
// What it gives fits runtimes of the same Identity only.
func (r *Runtime) Compile(ctx context.Context, s Script) ([]byte, error) {
	v, err := r.take(ctx, runtimes.Limits{}.WithDefaults(), s.Test)
	if err != nil {
		return nil, err
	}
	var code []byte
	handle := func(f frame) (reply, error) {
		if f.word != wordCode {
			return v.failed(f)
		}
		code = bytes.Clone(bytesOf(f.body))
		return v.over(runtimes.Outcome{Kind: runtimes.OK})
	}
	out, err := r.run(ctx, v, handle, v.job("compile", value.Bytes(s.Helpers), value.Bytes(s.Test)))
	switch {
	case err != nil:
		return nil, err
	case out.Kind == runtimes.SyntaxError && out.Exception != nil:
		return nil, fmt.Errorf("%w: line %d: %s", ErrScript, out.Exception.Line, out.Exception.Message)
	case out.Kind != runtimes.OK || len(code) == 0:
		return nil, fmt.Errorf("compiling a test program ended with %s: %s", out.Kind, out.Detail)
	}
	return code, nil
}

// bytesOf is the content of marshal's bytes; nil when raw is something else.
func bytesOf(raw []byte) []byte {
	const head = 5 // type and length
	if len(raw) < head || raw[0] != 's' || uint64(binary.LittleEndian.Uint32(raw[1:])) != uint64(len(raw)-head) {
		return nil
	}
	return raw[head:]
}
