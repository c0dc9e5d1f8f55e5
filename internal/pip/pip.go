package pip

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/assay-dev/assay/internal/atomicfile"
	"github.com/assay-dev/assay/internal/child"
	"github.com/assay-dev/assay/internal/plainfile"
)

// Wheel is one that is wanted, and no other: it is written in Python alone, for
// any platform.
type Wheel struct {
	Project string
	Version string
	File    string // as the index names it
	SHA256  string
}

// maxWheel bounds a wheel, in bytes; the largest has 98 MB.
const maxWheel = 256 << 20

// ErrSum is wrapped by every error about a wheel that is another than was asked
// for.
var ErrSum = errors.New("another wheel")

// Check compares the checksum of a wheel's bytes.
func (w Wheel) Check(data []byte) error {
	if len(data) > maxWheel {
		return fmt.Errorf("%w than %s: it has more than %d bytes", ErrSum, w.File, maxWheel)
	}
	sum := sha256.Sum256(data)
	if got := hex.EncodeToString(sum[:]); got != w.SHA256 {
		return fmt.Errorf("%w than %s: its sha-256 is %s, which should be %s", ErrSum, w.File, got, w.SHA256)
	}
	return nil
}

// Options say how wheels are fetched. The zero value will do.
type Options struct {
	// Command runs pip (default: the first of python3 -m pip, python -m pip,
	// py -3 -m pip, pip3 and pip that is there and works).
	Command []string
	// Progress is told the bytes of the wheel that is under way, where pip is new
	// enough to say them.
	Progress func(done, total int64)
}

var commands = [][]string{
	{"python3", "-m", "pip"},
	{"python", "-m", "pip"},
	{"py", "-3", "-m", "pip"},
	{"pip3"},
	{"pip"},
}

// maxSaid bounds what is kept of pip's words, in bytes.
const maxSaid = 2000

// Fetch downloads wheels in one go, for whatever Python pip runs on: they are for
// a guest. Errors say what pip said and what that commonly means.
func Fetch(ctx context.Context, o Options, wheels ...Wheel) ([][]byte, error) {
	pip, raw, err := o.find(ctx)
	if err != nil {
		return nil, err
	}
	dir, remove, err := atomicfile.Scratch("wheel")
	if err != nil {
		return nil, err
	}
	defer remove()
	list := filepath.Join(dir, "requirements.txt")
	if err := os.WriteFile(list, requirements(wheels), 0o600); err != nil {
		return nil, err
	}
	args := append(pip[1:len(pip):len(pip)], "download", "--no-deps", "--only-binary=:all:",
		"--platform", "any", "--implementation", "py", "--abi", "none", "--python-version", "3.14",
		"--disable-pip-version-check", "--no-input", "--progress-bar", "off", "--dest", dir, "--require-hashes", "-r", list)
	if raw && o.Progress != nil {
		args = append(args, "--progress-bar", "raw")
	}
	cmd, said := child.Command(ctx, pip[0], args...), &child.Tail{Most: maxSaid}
	out := &child.Lines{Most: maxSaid, Each: func(line string) { o.heard(line, said) }}
	cmd.Stdout, cmd.Stderr = out, out
	err = child.Run(cmd)
	out.End()
	switch {
	case err != nil && ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case err != nil:
		return nil, &Error{pip, err, said.String()}
	}
	return read(dir, wheels)
}

// Error is a pip that did not end well, and the end of its words.
type Error struct {
	pip  []string
	err  error
	said string
}

func (e *Error) Error() string {
	text := strings.Join(e.pip, " ") + ": " + e.err.Error()
	for _, more := range []string{strings.TrimSpace(strings.ToValidUTF8(e.said, "")), hint(e.said)} {
		if more != "" {
			text += "\n" + more
		}
	}
	return text
}

func (e *Error) Unwrap() error { return e.err }

// requirements pin the wheels by their hashes.
func requirements(wheels []Wheel) []byte {
	var out []byte
	for _, w := range wheels {
		out = fmt.Appendf(out, "%s==%s --hash=sha256:%s\n", w.Project, w.Version, w.SHA256)
	}
	return out
}

// heard takes a line of pip's: progress or words.
func (o Options) heard(line string, said io.Writer) {
	var done, total int64
	switch n, _ := fmt.Sscanf(line, "Progress %d of %d", &done, &total); {
	case n < 2:
		fmt.Fprintln(said, line)
	case o.Progress != nil:
		o.Progress(done, total)
	}
}

func read(dir string, wheels []Wheel) ([][]byte, error) {
	var out [][]byte
	for _, w := range wheels {
		data, err := w.Read(filepath.Join(dir, w.File))
		if err != nil {
			return nil, err
		}
		out = append(out, data)
	}
	return out, nil
}

// Read reads the wheel from a file, and checks it.
func (w Wheel) Read(path string) ([]byte, error) {
	f, err := plainfile.Open(context.Background(), path)
	if err != nil {
		return nil, fmt.Errorf("wheel: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxWheel+1))
	if err == nil {
		err = w.Check(data)
	}
	if err != nil {
		return nil, fmt.Errorf("wheel %s: %w", path, err)
	}
	return data, nil
}

// find is how pip is started, and whether it has raw progress.
func (o Options) find(ctx context.Context) (pip []string, raw bool, err error) {
	if o.Command != nil {
		return o.Command, false, nil
	}
	for _, pip := range commands {
		if _, err := exec.LookPath(pip[0]); err != nil {
			continue
		}
		version, _, err := child.Output(child.Command(ctx, pip[0], append(pip[1:len(pip):len(pip)], "--version")...), maxSaid)
		if err == nil {
			return pip, saysProgress(version), nil
		}
		if ctx.Err() != nil {
			return nil, false, context.Cause(ctx)
		}
	}
	return nil, false, errors.New("no pip here (tried python3 -m pip, python -m pip, pip3, pip): install Python with pip")
}

// Version is what the pip says of itself that Fetch would use.
func Version(ctx context.Context) (string, error) {
	pip, _, err := Options{}.find(ctx)
	if err != nil {
		return "", err
	}
	version, _, err := child.Output(child.Command(ctx, pip[0], append(pip[1:len(pip):len(pip)], "--version")...), maxSaid)
	return strings.TrimSpace(version), err
}

// saysProgress says whether a version of pip knows --progress-bar raw.
func saysProgress(version string) bool {
	var major, minor int
	n, _ := fmt.Sscanf(version, "pip %d.%d", &major, &minor)
	return n == 2 && (major > 24 || major == 24 && minor >= 1)
}

// hint says what pip's words commonly mean.
func hint(said string) string {
	for _, h := range []struct {
		words []string
		means string
	}{
		{[]string{"ProxyError", "407 "}, "The proxy refused: set HTTPS_PROXY, or pip's own proxy option (pip config set global.proxy URL)."},
		{[]string{"CERTIFICATE_VERIFY_FAILED", "SSLError"}, "The connection is not trusted: where a proxy opens TLS, name its certificate (pip config set global.cert FILE)."},
		{[]string{"NewConnectionError", "Failed to establish", "resolution"}, "There seems to be no network: behind a proxy set HTTPS_PROXY; with a mirror set pip's index-url."},
		{[]string{"DO NOT MATCH THE HASHES"}, "The index that pip asks has another file under that name: check which mirror pip uses."},
		{[]string{"No matching distribution"}, "The index that pip asks doesn't have it, or pip is too old: python3 -m pip install --upgrade pip."},
	} {
		for _, words := range h.words {
			if strings.Contains(said, words) {
				return h.means
			}
		}
	}
	return ""
}

// Member unpacks one file of a zip archive in memory, of at most most bytes.
func Member(archive []byte, name string, most int64) ([]byte, error) {
	z, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		return nil, fmt.Errorf("archive: %w", err)
	}
	for _, f := range z.File {
		if f.Name == name {
			return Unpack(f, most)
		}
	}
	return nil, fmt.Errorf("archive: no member %s", name)
}

// Unpack unpacks a file of an archive, of at most most bytes.
func Unpack(f *zip.File, most int64) ([]byte, error) {
	failed := func(err error) ([]byte, error) { return nil, fmt.Errorf("archive member %s: %w", f.Name, err) }
	if f.UncompressedSize64 > uint64(most) {
		return failed(fmt.Errorf("%d bytes, at most %d", f.UncompressedSize64, most))
	}
	r, err := f.Open()
	if err != nil {
		return failed(err)
	}
	defer r.Close()
	data := make([]byte, f.UncompressedSize64)
	if _, err := io.ReadFull(r, data); err != nil {
		return failed(err)
	}
	if n, err := r.Read(make([]byte, 1)); n != 0 || err != io.EOF { // the end is where the checksum is compared
		return failed(fmt.Errorf("damaged: %w", err))
	}
	return data, nil
}
