package main

import (
	"bufio"
	"bytes"
	"fmt"
	"github.com/assay-dev/assay/internal/humanize"
	"io"
	"os"
	"path/filepath"
)

// Bounds of what run reads, in bytes.
const (
	maxProgram = 16 << 20
	maxModule  = 256 << 20
	maxStdin   = 64 << 20
)

// isModule says whether a program is a WebAssembly module, or means to be one.
func isModule(name string, program []byte) bool {
	return filepath.Ext(name) == ".wasm" || bytes.HasPrefix(program, []byte("\x00asm"))
}

// readProgram reads the program, and its standard input where there is one.
func (a *app) readProgram(path string) (source, stdin []byte, err error) {
	if path == "-" {
		source, err = readSource(a.stdin, "standard input")
		return source, nil, err
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	defer file.Close()
	if source, err = readSource(file, path); err != nil || isTerminal(a.stdin) {
		return source, nil, err
	}
	stdin, err = readBounded(a.stdin, "standard input", maxStdin)
	return source, stdin, err
}

func readBounded(r io.Reader, name string, most int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, most+1))
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	if int64(len(data)) > most {
		return nil, fmt.Errorf("%s has more than %s", name, humanize.Bytes(most))
	}
	return data, nil
}

// readSource reads a program. A module may be larger than a text.
func readSource(r io.Reader, name string) ([]byte, error) {
	buffered := bufio.NewReader(r)
	most := int64(maxProgram)
	if magic, _ := buffered.Peek(4); isModule(name, magic) {
		most = maxModule
	}
	return readBounded(buffered, name, most)
}
