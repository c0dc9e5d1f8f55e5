package rundir

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"text/template"

	"github.com/assay-dev/assay/internal/atomicfile"
	"github.com/assay-dev/assay/trainer"
)

// cardFile is the model card.
const cardFile = "README.md"

// cardMark is the line by which a README.md is known as ours.
const cardMark = "# Written by assay train\n"

// ownCard refuses a directory whose README.md somebody else wrote.
func (d *Directory) ownCard() error {
	text, err := d.read(cardFile)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case !bytes.Contains(text, []byte(cardMark)):
		return fmt.Errorf("%s is there and is no card of assay train: name another --out", d.path(cardFile))
	}
	return nil
}

//go:embed card.md
var cardText string

var cardTemplate = template.Must(template.New("card").Funcs(template.FuncMap{"row": figureRow}).Parse(cardText))

// Report is a finished run.
type Report struct {
	Dir      string           `json:"dir"`
	Model    string           `json:"model"` // the folder of the trained model
	Card     string           `json:"card"`
	Curves   string           `json:"curves"`
	Result   Result           `json:"result"`
	Metrics  Metrics          `json:"metrics"`
	Manifest trainer.Manifest `json:"manifest"`
	Config   trainer.Training `json:"config"`

	steps []trainer.Figures
}

// Drawn is loss and margins over the steps, for a terminal.
func (r *Report) Drawn() string { return terminal(r.steps) }

// Result is what the trainer says of a finished run.
type Result struct {
	Step            int               `json:"step"`
	Pairs           int               `json:"pairs"`
	HeldOut         int               `json:"held_out"`
	TooLong         int               `json:"too_long"`
	Tokens          int64             `json:"tokens"`
	RejectedTokens  int64             `json:"rejected_tokens"`
	RejectedInMask  float64           `json:"rejected_in_mask"`
	Versions        map[string]string `json:"versions"`
	ManifestHash    string            `json:"manifest"`
	TrainerSettings string            `json:"config"` // hash of config.json
}

// Report reads what a finished run left and writes its card.
func (d *Directory) Report() (*Report, error) {
	r := &Report{Dir: d.Dir, Model: d.path(Model), Card: d.path(cardFile), Manifest: d.Manifest}
	for name, into := range map[string]any{ResultFile: &r.Result, trainer.ConfigFile: &r.Config} {
		data, err := d.read(name)
		if err != nil {
			return nil, err
		}
		if err := json.Unmarshal(data, into); err != nil {
			return nil, fmt.Errorf("%s: %w", d.path(name), err)
		}
	}
	metrics, steps, held, err := d.readMetrics()
	if err != nil {
		return nil, err
	}
	r.Metrics, r.Curves, r.steps = metrics, d.path(curvesFile), steps
	if err := d.draw(steps, held); err != nil {
		return nil, err
	}
	var card bytes.Buffer
	if err := cardTemplate.Execute(&card, struct {
		*Report
		Mark string
	}{r, cardMark}); err != nil {
		return nil, err
	}
	return r, atomicfile.Write(r.Card, card.Bytes())
}

// Base is the base model's name without the path to it.
func (r *Report) Base() string { return filepath.Base(r.Config.Model) }

// Share is the part of the rejected answers' tokens that is in the mask.
func (r *Report) Share() string {
	return fmt.Sprintf("%.1f %%", 100*r.Result.RejectedInMask/float64(max(1, r.Result.RejectedTokens)))
}

// Settings are the settings of config.json by name.
func (r *Report) Settings() ([][2]string, error) {
	text, err := json.Marshal(r.Config)
	var members map[string]json.RawMessage
	if err := errors.Join(err, json.Unmarshal(text, &members)); err != nil {
		return nil, err
	}
	var rows [][2]string
	for _, name := range slices.Sorted(maps.Keys(members)) {
		if name != "model" {
			rows = append(rows, [2]string{name, string(members[name])})
		}
	}
	return rows, nil
}

// Versions are the packages of the trainer, with their versions.
func (r *Report) Versions() string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(r.Result.Versions)) {
		parts = append(parts, name+" "+r.Result.Versions[name])
	}
	return strings.Join(parts, ", ")
}

// figureRow is a row of the card's table; "" where a run has no such figure.
func figureRow(m Metrics, name string) string {
	held, ok := m.HeldOut["eval_"+name]
	first, has := m.First[name]
	if !has {
		return ""
	}
	last := "–"
	if ok {
		last = number(held)
	}
	return fmt.Sprintf("| `%s` | %s | %s | %s |\n", name, number(first), number(m.Last[name]), last)
}

func number(x float64) string { return strconv.FormatFloat(x, 'g', 4, 64) }

// curvesFile shows the figures of all steps.
const curvesFile = "curves.svg"

// Metrics are a run's figures at its start and at its end.
type Metrics struct {
	First   trainer.Figures `json:"first"`
	Last    trainer.Figures `json:"last"`
	HeldOut trainer.Figures `json:"held_out,omitempty"` // the last evaluation of the pairs that were held out
}

// readMetrics reads the figures of all steps.
func (d *Directory) readMetrics() (m Metrics, steps, held []trainer.Figures, err error) {
	if steps, held, err = trainer.ReadFigures(d.path(trainer.MetricsFile)); err != nil {
		return m, nil, nil, err
	}
	m = Metrics{First: steps[0], Last: steps[len(steps)-1]}
	if len(held) > 0 {
		m.HeldOut = held[len(held)-1]
	}
	return m, steps, held, nil
}

// draw writes the curves of the run.
func (d *Directory) draw(steps, held []trainer.Figures) error {
	drawing, err := svg(steps, held)
	if err != nil {
		return err
	}
	return atomicfile.Write(d.path(curvesFile), drawing)
}
