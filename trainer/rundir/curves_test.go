package rundir

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/assay-dev/assay/trainer"
)

func run() (steps, held []trainer.Figures) {
	for i := range 30 {
		x := float64(i)
		steps = append(steps, trainer.Figures{"step": x + 1, "loss": 1 / (1 + x), "rewards/margins": x / 10, "rewards/chosen": x, "rewards/rejected": -x, "more": 1})
	}
	steps[7]["loss"] = math.NaN()
	return steps, []trainer.Figures{{"step": 10, "eval_loss": 0.2}, {"step": 30, "eval_loss": 0.1}}
}

func TestSVG(t *testing.T) {
	steps, held := run()
	first, err := svg(steps, held)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := svg(steps, held); err != nil || !bytes.Equal(first, again) {
		t.Errorf("another drawing, %v", err)
	}
	for d := xml.NewDecoder(bytes.NewReader(first)); ; {
		if _, err := d.Token(); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	for _, text := range []string{">loss<", ">rewards/margins<", ">rewards<", ">rewards/rejected<", ">held out<", ">step<"} {
		if !bytes.Contains(first, []byte(text)) {
			t.Errorf("there is no %s", text)
		}
	}
	if bytes.Contains(first, []byte("NaN")) || bytes.Contains(first, []byte("nll_loss")) {
		t.Error("it draws what is not there")
	}
	if _, err := svg([]trainer.Figures{{"step": 1}}, nil); !errors.Is(err, errNothing) {
		t.Error(err)
	}
}

func TestTerminal(t *testing.T) {
	steps, _ := run()
	text := terminal(steps)
	for _, want := range []string{"loss, steps 1 to 30\n", "rewards/margins, steps 1 to 30\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("there is no %q in\n%s", want, text)
		}
	}
	if terminal(steps[:1]) != "" {
		t.Error("one step is no curve")
	}
}
