package trainer

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/assay-dev/assay/internal/atomicfile"
	"github.com/assay-dev/assay/internal/jsonl"
	"github.com/assay-dev/assay/internal/plainfile"
	"github.com/assay-dev/assay/trainer/mask"
	"github.com/assay-dev/assay/trainer/objective"
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

// Manifest says what a run trains: all that decides the loss, and who trains it.
// How it trains (model, rate, batch) is in config.json.
type Manifest struct {
	Version    int            `json:"version"`
	Assay      string         `json:"assay"`
	Trainer    string         `json:"trainer"` // whose checkpoints it has
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
	Trainer   string // as assay train --trainer names it
	Objective objective.Objective
	Choice    Choice // its method is the objective's
	Rule      mask.Rule
	Config    json.RawMessage // the trainer's settings, an object
}

// Source gives pairs until io.EOF. One that is read from a file has Errorf, too,
// which says where the last pair stands.
type Source interface{ Next() (Pair, error) }

// at says of an error about a source's last pair where that stands, if it's known.
func at(pairs Source, err error) error {
	if file, ok := pairs.(interface {
		Errorf(format string, args ...any) error
	}); ok {
		return file.Errorf("%w", err)
	}
	return err
}

// Write masks the pairs and writes the run directory. The manifest comes last:
// a directory that has one is whole. An existing run is not written over.
func (r Run) Write(dir string, pairs Source) (Manifest, error) {
	if _, err := os.Stat(filepath.Join(dir, ManifestFile)); !errors.Is(err, fs.ErrNotExist) {
		return Manifest{}, fmt.Errorf("%s holds a run already: name another directory, or resume it", dir)
	}
	config, err := r.ConfigText()
	if err := errors.Join(err, r.Check()); err != nil {
		return Manifest{}, err
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return Manifest{}, err
	}
	f, err := atomicfile.Create(filepath.Join(dir, PairsFile))
	if err != nil {
		return Manifest{}, err
	}
	defer f.Discard()
	m, _, err := r.mask(f, pairs, func(Pair) error { return nil })
	if err != nil {
		return Manifest{}, err
	}
	if err := errors.Join(f.Commit(), atomicfile.Write(filepath.Join(dir, ConfigFile), config)); err != nil {
		return Manifest{}, err
	}
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return Manifest{}, err
	}
	return m, atomicfile.Write(filepath.Join(dir, ManifestFile), append(text, '\n'))
}

// Plan masks the pairs as Write does and says what would be written.
func (r Run) Plan(pairs Source) (Manifest, Sizes, error) {
	return r.PlanRows(pairs, func(Pair) error { return nil })
}

// PlanRows is Plan, and shows each row that would be written.
func (r Run) PlanRows(pairs Source, each func(Pair) error) (Manifest, Sizes, error) {
	if err := r.Check(); err != nil {
		return Manifest{}, Sizes{}, err
	}
	return r.mask(io.Discard, pairs, each)
}

// Check says what is wrong with the choices, before a pair is read.
func (r Run) Check() error {
	r.Choice.Method = r.Objective.Method
	_, err := NewPreparer(r.Choice)
	return errors.Join(err, r.Objective.Check(), r.Rule.Known())
}

// ConfigText is the text of config.json.
func (r Run) ConfigText() ([]byte, error) {
	var config bytes.Buffer
	if err := json.Indent(&config, r.Config, "", "  "); err != nil {
		return nil, fmt.Errorf("the trainer's config: %w", err)
	}
	config.WriteByte('\n')
	return config.Bytes(), nil
}

func (r Run) manifest(p *Preparer, sum string) Manifest {
	o := r.Objective
	return Manifest{
		Version: ManifestVersion, Assay: r.Assay, Trainer: r.Trainer,
		Method: o.Method.Name, Preference: o.Method.Preference, NLL: o.Method.NLL, Norm: o.Norm,
		Beta: o.Beta, Alpha: o.Method.Scale(o.Beta, o.Alpha).Alpha,
		Mask: p.choice.Mask, Symmetric: p.choice.Symmetric, Empty: p.choice.Empty,
		Rule: r.Rule, Seed: p.choice.Seed, Counts: p.Counts, PairsHash: sum,
	}
}

// Sizes are the bytes of a run's rows.
type Sizes struct {
	Prompt   int64 `json:"prompt"`
	Chosen   int64 `json:"chosen"`
	Rejected int64 `json:"rejected"`
	InMask   int64 `json:"rejected_in_mask"`
	Longest  int   `json:"longest"` // a prompt and the longer of its answers
}

func (s *Sizes) add(row Pair) {
	s.Prompt += int64(len(row.Prompt))
	s.Chosen += int64(len(row.Chosen))
	s.Rejected += int64(len(row.Rejected))
	s.Longest = max(s.Longest, len(row.Prompt)+max(len(row.Chosen), len(row.Rejected)))
	if row.RejectedSpans.All {
		s.InMask += int64(len(row.Rejected))
	}
	for _, span := range row.RejectedSpans.Spans {
		s.InMask += int64(span.End - span.Start)
	}
}

// mask writes the masked pairs, shows each, and says what they are.
func (r Run) mask(w io.Writer, pairs Source, each func(Pair) error) (Manifest, Sizes, error) {
	r.Choice.Method = r.Objective.Method
	var sizes Sizes
	p, err := NewPreparer(r.Choice)
	if err != nil {
		return Manifest{}, sizes, err
	}
	hash := sha256.New()
	out := io.MultiWriter(w, hash)
	for {
		pair, err := pairs.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return Manifest{}, sizes, err
		}
		row, ok, err := p.Row(pair)
		if err != nil {
			return Manifest{}, sizes, at(pairs, err)
		}
		if !ok {
			continue
		}
		sizes.add(row)
		if err := errors.Join(WritePair(out, row), each(row)); err != nil {
			return Manifest{}, sizes, err
		}
	}
	if p.Counts.Kept == 0 {
		return Manifest{}, sizes, fmt.Errorf("no pair is left to train on: %d read, %d left out for an empty mask", p.Counts.Pairs, p.Counts.Dropped)
	}
	return r.manifest(p, hex.EncodeToString(hash.Sum(nil))), sizes, nil
}

// CheckpointsDir is the folder of a run directory with the checkpoints to go on
// from, each called checkpoint-STEP.
const CheckpointsDir = "checkpoints"

// CheckpointSteps are the steps of the whole checkpoints of a run, in order.
func CheckpointSteps(dir string) ([]int, error) {
	entries, err := os.ReadDir(filepath.Join(dir, CheckpointsDir))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var steps []int
	for _, e := range entries {
		number, ours := strings.CutPrefix(e.Name(), "checkpoint-")
		if n, err := strconv.Atoi(number); ours && err == nil && e.IsDir() {
			steps = append(steps, n)
		}
	}
	slices.Sort(steps)
	return steps, err
}

// MetricsFile is the file of a run directory that a trainer logs to.
const MetricsFile = "metrics.jsonl"

// mostFigures bounds a line of metrics.jsonl, in bytes.
const mostFigures = 1 << 16

// Figures are a line of metrics.jsonl: what TRL logs, under its names.
type Figures map[string]float64

// ReadFigures reads a metrics.jsonl: all steps, those before a resumption too,
// and the evaluations of the pairs that were held out.
func ReadFigures(path string) (steps, heldOut []Figures, err error) {
	f, err := plainfile.Open(context.Background(), path)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	rows, err := jsonl.NewReader(path, f, jsonl.Bounds{Line: mostFigures})
	if err != nil {
		return nil, nil, err
	}
	for line, err := range rows.All() {
		if err != nil {
			return nil, nil, err
		}
		var figures Figures
		if err := json.Unmarshal(line, &figures); err != nil {
			return nil, nil, rows.Errorf("figures are numbers by name: %w", err)
		}
		if _, ok := figures["eval_loss"]; ok {
			heldOut = append(heldOut, figures)
		} else {
			steps = append(steps, figures)
		}
	}
	if steps == nil {
		return nil, nil, errors.New(path + " has no step")
	}
	return steps, heldOut, nil
}
