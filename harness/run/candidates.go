package run

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"

	"github.com/assay-dev/assay/internal/atomicfile"
)

// maxCandidate bounds one program that is read back, in bytes.
const maxCandidate = 64 << 20

// candidates is the folder of programs, each named for its sha-256: what show
// and verify read.
type candidates string

func (c candidates) path(sha string) string { return filepath.Join(string(c), sha+".py") }

func (c candidates) write(p *Plan) error {
	if err := os.MkdirAll(string(c), 0o755); err != nil {
		return fmt.Errorf("keeping the candidates: %w", err)
	}
	// A resumed run is given the samples again, and a torn file is known by its
	// sha-256.
	unsynced := atomicfile.Options{Unsynced: true}
	for _, t := range p.tasks {
		for _, g := range t.groups {
			it := g.items[0]
			if _, err := c.read(it.candidate); err == nil {
				continue
			}
			if err := unsynced.Write(c.path(it.candidate), []byte(it.sample.Solution)); err != nil {
				return fmt.Errorf("keeping the candidates: %w", err)
			}
		}
	}
	return nil
}

var shaPattern = regexp.MustCompile(`^[0-9a-f]{64}$`)

// read returns a program, if it is the one that its name says.
func (c candidates) read(sha string) (string, error) {
	if !shaPattern.MatchString(sha) {
		return "", fmt.Errorf("%q is not a sha-256", sha)
	}
	info, err := os.Stat(c.path(sha))
	if err != nil {
		return "", err
	}
	if info.Size() > maxCandidate {
		return "", fmt.Errorf("%s: %d bytes; at most %d are read", c.path(sha), info.Size(), maxCandidate)
	}
	data, err := os.ReadFile(c.path(sha))
	if err != nil {
		return "", err
	}
	if hashOf(string(data)) != sha {
		return "", fmt.Errorf("%s: its sha-256 is another: the file was changed", c.path(sha))
	}
	return string(data), nil
}
