package benchmarks

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/assay-dev/assay/internal/jsonl"
	"github.com/assay-dev/assay/runtimes/value"
)

// readFolder reads a folder per task, HumanEval_0, with a program per sample,
// 0.py. Other files are passed over, as evalplus does.
func (c *sampleCollector) readFolder(root string) error {
	tasks, err := os.ReadDir(root)
	if err != nil {
		return fmt.Errorf("read samples: %w", err)
	}
	for _, e := range tasks {
		if !e.IsDir() {
			continue
		}
		dir := filepath.Join(root, e.Name())
		p, err := c.problem(value.Str(strings.ReplaceAll(e.Name(), "_", "/")))
		if err != nil {
			return &jsonl.Error{File: dir, Err: err}
		}
		if err := c.readTask(dir, p); err != nil {
			return err
		}
	}
	return nil
}

func (c *sampleCollector) readTask(dir string, p *Problem) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("read samples: %w", err)
	}
	files, err := numbered(dir, entries)
	if err != nil {
		return err
	}
	for _, f := range files {
		path := filepath.Join(dir, f.name)
		code, err := readProgram(path)
		if err == nil {
			err = c.add(p, code, path, f.index)
		}
		if err != nil {
			return &jsonl.Error{File: path, Err: err}
		}
	}
	return nil
}

// numberedFile is a sample's file.
type numberedFile struct {
	name  string
	index int
}

// numbered picks the programs of a folder and sorts them by their numbers.
func numbered(dir string, entries []fs.DirEntry) ([]numberedFile, error) {
	var out []numberedFile
	for _, e := range entries {
		stem, ok := strings.CutSuffix(e.Name(), ".py")
		if !ok || e.IsDir() {
			continue
		}
		n, err := strconv.Atoi(stem)
		if err != nil || n < 0 || n > maxIndex {
			return nil, &jsonl.Error{File: filepath.Join(dir, e.Name()), Err: fmt.Errorf("the file of a sample is named for its index, like 0.py")}
		}
		out = append(out, numberedFile{e.Name(), n})
	}
	slices.SortFunc(out, func(a, b numberedFile) int { return a.index - b.index })
	return out, nil
}

func readProgram(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	code, err := readAll(f, maxSolution)
	if err != nil {
		return "", err
	}
	if !utf8.Valid(code) {
		return "", fmt.Errorf("the file is not valid UTF-8")
	}
	return string(code), nil
}
