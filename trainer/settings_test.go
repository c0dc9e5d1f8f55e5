package trainer

import (
	"encoding/json"
	"io"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestDefaults holds the defaults to those of the trainer that reads them.
func TestDefaults(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("no python3 here")
	}
	ask := exec.Command(python, "-c", "import dataclasses, json\nfrom assay_trl import config\nprint(json.dumps([dataclasses.asdict(config.Config()), dataclasses.asdict(config.Lora())]))")
	ask.Dir = "trl"
	out, err := ask.Output()
	if err != nil {
		t.Fatal(err)
	}
	s := Paper()
	theirs, ours := []any{}, []any{}
	lora := &Lora{}
	if err := lora.UnmarshalJSON([]byte("{}")); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal([]any{s.Training, lora})
	if err != nil {
		t.Fatal(err)
	}
	if json.Unmarshal(out, &theirs) != nil || json.Unmarshal(text, &ours) != nil {
		t.Fatalf("no JSON: %s", out)
	}
	if diff := cmp.Diff(theirs, ours); diff != "" {
		t.Errorf("Python's (-) and ours (+): %s", diff)
	}
}

func TestSet(t *testing.T) {
	s := Paper()
	for _, setting := range []string{"beta=0.2", "method=dpo", "lora.r=8", "lora.targets=[\"q\"]", "trl.adam_beta1=0.8", "trl.optim=adamw", "seed=7", "template=chat"} {
		if err := s.Set(setting); err != nil {
			t.Error(err)
		}
	}
	if err := s.Merge([]byte(`{"epochs": 1, "trl": {"adam_beta2": 0.9}}`)); err != nil {
		t.Error(err)
	}
	want := Paper()
	want.Beta, want.Method, want.Seed, want.Template, want.Epochs = 0.2, "dpo", 7, "chat", 1
	want.Lora = &Lora{R: 8, Alpha: 32, Targets: []any{"q"}}
	want.TRL = map[string]any{"adam_beta1": 0.8, "adam_beta2": 0.9, "optim": "adamw"}
	if diff := cmp.Diff(want, s); diff != "" {
		t.Error(diff)
	}
	if len(Paper().TRL) != 0 {
		t.Error("the defaults were changed")
	}
	for setting, says := range map[string]string{
		"beta":           "write key=value",
		"=1":             "write key=value",
		"betta=1":        `no setting "betta"; there are method, mask`,
		"beta=high":      "beta is a text, not a number",
		"batch_size=1.5": "batch_size is a number that does not fit, not a whole number",
		"symmetric=1":    "symmetric is a number that does not fit, not true or false",
		"lora.rank=8":    "lora has r, alpha and targets",
		"lora=8":         "lora has r, alpha and targets",
		"beta.x=1":       "beta is an object, not a number",
	} {
		if err := s.Set(setting); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want %s", setting, err, says)
		}
	}
	for object, says := range map[string]string{"[]": "an object of JSON", "": "an object of JSON", "{} {}": "after the object", "null": "an object of JSON"} {
		if err := s.Merge([]byte(object)); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want %s", object, err, says)
		}
	}
}

func TestSettingsRun(t *testing.T) {
	for setting, says := range map[string]string{
		"method=ppo": "no method is called", "mask=word": "no mask is called", "norm=token": "no norm", "rule=near": "no rule",
		"beta=0": "β is 0", "empty=keep": "is done about an empty mask", "held_out=1": "held_out is 1", "epochs=0": "epochs is 0",
		"micro_batch_size=3": "not a multiple", "seed=4294967296": "at most 4294967295",
	} {
		s := Paper()
		if err := s.Set(setting); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Run("test"); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want %s", setting, err, says)
		}
	}
}

// TestNull: a setting that is null is none, for Python too.
func TestNull(t *testing.T) {
	s := Paper()
	for _, set := range []string{"trl=null", "lora.r=4", "lora=null"} {
		if err := s.Set(set); err != nil {
			t.Fatal(err)
		}
	}
	r, err := s.Run("test")
	if err != nil || !strings.Contains(string(r.Config), `"lora":null`) || !strings.Contains(string(r.Config), `"trl":{}`) {
		t.Errorf("%s, %v", r.Config, err)
	}
}

// TestPlan: what a plan says is what is written.
func TestPlan(t *testing.T) {
	run := exampleRun(t)
	planned, _, err := run.Plan(examplePairs(t))
	if err != nil {
		t.Fatal(err)
	}
	written, err := run.Write(t.TempDir()+"/run", examplePairs(t))
	if err != nil || planned != written {
		t.Errorf("planned %+v, wrote %+v, %v", planned, written, err)
	}
	p, err := NewPair("a", "12345", "x\ny\n", "x\nlonger\n")
	if err != nil {
		t.Fatal(err)
	}
	if _, sizes, err := run.Plan(&list{p}); err != nil || sizes != (Sizes{Prompt: 5, Chosen: 4, Rejected: 9, InMask: 7, Longest: 14}) {
		t.Errorf("%+v, %v", sizes, err)
	}
	if _, _, err := run.Plan(&list{}); err == nil || err == io.EOF {
		t.Errorf("nothing planned: %v", err)
	}
}

func TestSteps(t *testing.T) {
	for _, c := range []struct {
		pairs, held, steps int
		set                []string
	}{
		{pairs: 6, held: 0, steps: 2},
		{pairs: 30, held: 2, steps: 2}, // 1.5 goes to the even one, as in Python
		{pairs: 10, held: 0, steps: 2}, // and so does 0.5
		{pairs: 2000, held: 100, steps: 30},
		{pairs: 100, held: 5, steps: 36, set: []string{"batch_size=8", "epochs=3"}},
		{pairs: 100, held: 5, steps: 7, set: []string{"max_steps=7"}},
	} {
		s := Paper()
		for _, set := range c.set {
			if err := s.Set(set); err != nil {
				t.Fatal(err)
			}
		}
		if learned, held, steps := s.Steps(c.pairs); learned != c.pairs-c.held || held != c.held || steps != c.steps {
			t.Errorf("%d %v: learned %d, held %d, %d steps", c.pairs, c.set, learned, held, steps)
		}
	}
}
