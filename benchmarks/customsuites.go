package benchmarks

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"

	"github.com/assay-dev/assay/internal/atomicfile"
	"github.com/assay-dev/assay/internal/jsonl"
	"github.com/assay-dev/assay/internal/plainfile"
)

// CustomSuites is the folder with the suites that a user added: for each a folder
// of its name, with the file as it was given and what is known of it.
type CustomSuites struct{ root string }

// CustomSuitesVariable names the folder, where it is set.
const CustomSuitesVariable = "ASSAY_SUITES"

// DefaultCustomSuites is the folder that the variable names, or assay/suites in
// the user's folder of settings. It need not exist.
func DefaultCustomSuites() (CustomSuites, error) {
	if root := os.Getenv(CustomSuitesVariable); root != "" {
		return CustomSuites{root}, nil
	}
	settings, err := os.UserConfigDir()
	if err != nil {
		return CustomSuites{}, fmt.Errorf("no folder for your suites: %w: set %s", err, CustomSuitesVariable)
	}
	return CustomSuites{filepath.Join(settings, "assay", "suites")}, nil
}

// The files of a custom suite.
const (
	customData = "suite.jsonl"
	customInfo = "info.json"
)

// customRecord is info.json.
type customRecord struct {
	Form int `json:"form"` // its version
	Info
	Tests int `json:"tests"`
}

const customForm = 1

var suiteName = regexp.MustCompile(`^[a-z0-9][a-z0-9+._-]{0,63}$`)

func checkSuiteName(name string) error {
	if !suiteName.MatchString(name) {
		return fmt.Errorf("%s can't be the name of a suite: small letters, digits and + . _ - do, from a letter or digit on", jsonl.Quote(name))
	}
	return nil
}

// Added is what Add found.
type Added struct {
	Info  Info
	Tests int
}

// Add reads a suite of the user's, every test of it, and keeps it under the name,
// or the one that its first line gives. A suite that is there already stays,
// unless it is to be replaced. Nothing is kept where check refuses the problems.
func (s CustomSuites) Add(ctx context.Context, path, name string, replace bool, check func([]*Problem) error) (Added, error) {
	d := &dataset{info: Info{Name: name, format: stdioSuite, Sets: baseOnly, asItLies: true}, name: path, parts: []part{{ctx: ctx, name: path}}}
	problems, err := stdioSuite(d)
	if err == nil && len(problems) == 0 {
		err = &jsonl.Error{File: path, Err: errNoProblem}
	}
	if err != nil {
		return Added{}, err
	}
	added := Added{Info: d.info}
	i := &added.Info
	if i.Name == "" {
		return Added{}, fmt.Errorf("%s: its first line names no suite: pass --name", path)
	}
	if i.Version == "" {
		i.Version = "1"
	}
	if i.Origin == "" {
		i.Origin = filepath.Base(path)
	}
	i.Default, i.Problems, i.Sums = true, len(problems), []string{d.sum()}
	if err := errors.Join(checkSuiteName(i.Name), s.free(i.Name, replace)); err != nil {
		return Added{}, err
	}
	for _, p := range problems {
		tests, err := p.check()
		if err != nil {
			return Added{}, fmt.Errorf("%s: %w", p.ID, err)
		}
		added.Tests += tests
		p.Hash = p.hash()
	}
	if err := check(problems); err != nil {
		return Added{}, err
	}
	return added, s.keep(ctx, path, added)
}

// check reads a problem's tests, and counts them.
func (p *Problem) check() (int, error) {
	if p.Oracle == Cases {
		set, _, err := p.Tests.Calls()
		return set.N, err
	}
	tests, err := p.Tests.Load()
	return len(tests), err
}

// free says whether a suite may be called so.
func (s CustomSuites) free(name string, replace bool) error {
	if slices.ContainsFunc(catalogue, func(c Info) bool { return c.Name == name }) {
		return fmt.Errorf("%s is a suite that everybody has: give yours another name with --name", name)
	}
	if _, err := os.Lstat(filepath.Join(s.root, name)); err == nil && !replace {
		return fmt.Errorf("there is a suite %s already: replace it with --force, or give this one another name with --name", name)
	}
	return nil
}

// keep copies the file, whole or not at all.
func (s CustomSuites) keep(ctx context.Context, path string, a Added) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("keep the suite: %w", err)
		}
	}()
	if err := os.MkdirAll(s.root, 0o755); err != nil {
		return err
	}
	return atomicfile.Folder(filepath.Join(s.root, a.Info.Name), func(dir string) error {
		return errors.Join(
			copyFile(ctx, filepath.Join(dir, customData), path),
			atomicfile.WriteDocument(filepath.Join(dir, customInfo), customRecord{customForm, a.Info, a.Tests}))
	})
}

func copyFile(ctx context.Context, to, from string) error {
	in, err := plainfile.Open(ctx, from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}

// Remove takes a suite away.
func (s CustomSuites) Remove(name string) error {
	dir := filepath.Join(s.root, name)
	if _, err := os.Lstat(filepath.Join(dir, customInfo)); checkSuiteName(name) != nil || err != nil {
		return fmt.Errorf("no suite of yours is called %s (assay suites list has them)", jsonl.Quote(name))
	}
	return os.RemoveAll(dir)
}

// Suites are all of them, by name.
func (s CustomSuites) Suites() ([]Info, error) {
	entries, err := os.ReadDir(s.root)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("your suites: %w", err)
	}
	var out []Info
	for _, e := range entries {
		if checkSuiteName(e.Name()) != nil || !e.IsDir() {
			continue
		}
		i, err := s.info(e.Name())
		if err != nil {
			return nil, err
		}
		out = append(out, i)
	}
	return out, nil
}

func (s CustomSuites) info(name string) (Info, error) {
	path := filepath.Join(s.root, name, customInfo)
	var i customRecord
	err := atomicfile.ReadDocument(path, &i)
	if err == nil && (i.Form != customForm || i.Name != name || len(i.Sums) != 1) {
		err = fmt.Errorf("%s: it is not what assay suites add wrote", path)
	}
	if err != nil {
		return Info{}, fmt.Errorf("%w: remove the folder, and add the suite again", err)
	}
	i.format, i.asItLies, i.path = stdioSuite, true, filepath.Join(s.root, name, customData)
	return i.Info, nil
}
