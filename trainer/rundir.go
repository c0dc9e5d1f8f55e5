package trainer

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"assay/trainer/mask"
	"assay/trainer/objective"
)

// Files of a run directory that a trainer reads. What it writes beside them is
// its own: events, metrics.jsonl, checkpoints, result.json.
const (
	ManifestFile = "manifest.json"
	PairsFile    = "pairs.jsonl"
	ConfigFile   = "config.json"
)

// ManifestVersion is the version of the form of manifest.json.
const ManifestVersion = 1

// Manifest says what a run trains: all that decides the loss. How it trains
// (model, rate, batch) is in the trainer's own config.json.
type Manifest struct {
	Version    int            `json:"version"`
	Assay      string         `json:"assay"`
	Method     string         `json:"method"`
	Preference bool           `json:"preference"` // w is 1
	NLL        objective.Side `json:"nll"`        // the answer that s weighs
	Norm       objective.Norm `json:"norm"`
	Beta       float64        `json:"beta"`
	Alpha      float64        `json:"alpha"`
	Mask       mask.Kind      `json:"mask"`
	Symmetric  bool           `json:"symmetric"`
	Empty      Empty          `json:"empty"`
	Rule       mask.Rule      `json:"rule"`
	Seed       uint64         `json:"seed"`
	Counts     Counts         `json:"counts"`
	PairsHash  string         `json:"pairs_sha256"`
}

// Run is what a run directory is made of.
type Run struct {
	Assay     string // version of this program
	Objective objective.Objective
	Choice    Choice // its method is the objective's
	Rule      mask.Rule
	Config    json.RawMessage // the trainer's settings, an object
}

// Source gives pairs until io.EOF.
type Source interface{ Next() (Pair, error) }

// Write masks the pairs and writes the run directory. The manifest comes last:
// a directory that has one is whole. An existing run is not written over.
func (r Run) Write(dir string, pairs Source) (Manifest, error) {
	r.Choice.Method = r.Objective.Method
	p, err := NewPreparer(r.Choice)
	if err := errors.Join(err, r.Objective.Check(), r.Rule.Known()); err != nil {
		return Manifest{}, err
	}
	if _, err := os.Stat(filepath.Join(dir, ManifestFile)); !errors.Is(err, fs.ErrNotExist) {
		return Manifest{}, fmt.Errorf("%s holds a run already: name another directory, or resume it", dir)
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return Manifest{}, err
	}
	sum, err := writeRows(filepath.Join(dir, PairsFile), p, pairs)
	if err != nil {
		return Manifest{}, err
	}
	var config bytes.Buffer
	if err := json.Indent(&config, r.Config, "", "  "); err != nil {
		return Manifest{}, fmt.Errorf("the trainer's config: %w", err)
	}
	config.WriteByte('\n')
	if err := writeWhole(filepath.Join(dir, ConfigFile), config.Bytes()); err != nil {
		return Manifest{}, err
	}
	m := r.manifest(p, sum)
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return Manifest{}, err
	}
	return m, writeWhole(filepath.Join(dir, ManifestFile), append(text, '\n'))
}

func (r Run) manifest(p *Preparer, sum string) Manifest {
	o := r.Objective
	return Manifest{
		Version: ManifestVersion, Assay: r.Assay,
		Method: o.Method.Name, Preference: o.Method.Preference, NLL: o.Method.NLL, Norm: o.Norm,
		Beta: o.Beta, Alpha: o.Method.Scale(o.Beta, o.Alpha).Alpha,
		Mask: p.choice.Mask, Symmetric: p.choice.Symmetric, Empty: p.choice.Empty,
		Rule: r.Rule, Seed: p.choice.Seed, Counts: p.Counts, PairsHash: sum,
	}
}

// writeRows writes the masked pairs and returns the hash of what it wrote.
func writeRows(path string, p *Preparer, pairs Source) (string, error) {
	f, err := os.Create(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	hash := sha256.New()
	out := bufio.NewWriter(io.MultiWriter(f, hash))
	for {
		pair, err := pairs.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return "", err
		}
		row, ok, err := p.Row(pair)
		if err != nil {
			return "", err
		}
		if !ok {
			continue
		}
		if err := WritePair(out, row); err != nil {
			return "", err
		}
	}
	if p.Counts.Kept == 0 {
		return "", fmt.Errorf("no pair is left to train on: %d read, %d left out for an empty mask", p.Counts.Pairs, p.Counts.Dropped)
	}
	if err := errors.Join(out.Flush(), f.Close()); err != nil {
		return "", err
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}

// writeWhole writes a file so that it's there whole or not at all.
func writeWhole(path string, data []byte) error {
	if err := os.WriteFile(path+".part", data, 0o666); err != nil {
		return err
	}
	return os.Rename(path+".part", path)
}
