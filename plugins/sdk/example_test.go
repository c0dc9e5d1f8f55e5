package sdk_test

import (
	"context"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"

	"github.com/assay-dev/assay/plugins/sdk"
	"github.com/assay-dev/assay/plugins/sdk/language"
	"github.com/assay-dev/assay/plugins/sdk/model"
	"github.com/assay-dev/assay/plugins/sdk/trainer"
	"github.com/assay-dev/assay/plugins/sdk/wire"
)

// Each program here is a plugin: run starts this test again as one of them.
var programs = map[wire.Kind]func(){
	wire.Backend: func() { sdk.Serve(lazy{}) },
	wire.Trainer: func() { sdk.ServeTrainer(counter{}) },
	wire.Runtime: func() { sdk.ServeRuntime(hexadecimal{}) },
}

// lazy is a model whose functions do nothing.
type lazy struct{}

func (lazy) Identity() string { return "lazy" }

func (lazy) Complete(_ context.Context, r model.Request) (model.Answer, error) {
	if len(r.Messages) > 0 {
		return model.Answer{}, model.Errorf(model.Unusable, "it only goes on with a prompt")
	}
	var a model.Answer
	for range r.N {
		a.Texts = append(a.Texts, model.Text{Text: "    pass\n", Finish: model.Stop})
	}
	return a, nil
}

// The main of the plugin is sdk.Serve(lazy{}).
func ExampleServe() {
	assay := run(wire.Backend)
	defer assay.end()
	backend := assay.asks.(*wire.BackendClient)
	answer, err := backend.Complete(context.Background(), model.Request{Task: "T/1", N: 2, Prompt: "def f():\n"})
	fmt.Println(answer.Texts, err)
	_, err = backend.Complete(context.Background(), model.Request{Task: "T/1", N: 1, Messages: []model.Message{{Role: model.User, Content: "Hello!"}}})
	fmt.Println(err)
	// Output:
	// [{    pass
	//  stop} {    pass
	//  stop}] <nil>
	// it only goes on with a prompt
}

// counter trains nothing, in three steps.
type counter struct{}

func (counter) Check(context.Context) (map[string]string, error) {
	return map[string]string{"counter": "1.0"}, nil
}

func (counter) Train(_ context.Context, job trainer.Job) error {
	const steps = 3
	job.Event(trainer.Event{Event: trainer.EventStart, Device: "cpu"})
	for step := 1; step <= steps; step++ {
		select {
		case <-job.Stop: // a real trainer keeps a checkpoint first
			return trainer.ErrStopped
		default:
		}
		loss := 1 / float64(step)
		job.Event(trainer.Event{Event: trainer.EventStep, Step: step, Of: steps, Loss: &loss})
	}
	return os.WriteFile(filepath.Join(job.Dir, "result.json"), []byte(`{"step": 3}`), 0o644)
}

// The main of the plugin is sdk.ServeTrainer(counter{}).
func ExampleServeTrainer() {
	assay := run(wire.Trainer)
	defer assay.end()
	dir, err := os.MkdirTemp("", "run-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	err = assay.asks.(*wire.TrainerClient).Train(context.Background(), trainer.Job{Dir: dir, Event: func(e trainer.Event) {
		if e.Event == trainer.EventStep {
			fmt.Printf("step %d of %d: loss %.2f\n", e.Step, e.Of, *e.Loss)
		}
	}})
	result, _ := os.ReadFile(filepath.Join(dir, "result.json"))
	fmt.Println(string(result), err)
	// Output:
	// step 1 of 3: loss 1.00
	// step 2 of 3: loss 0.50
	// step 3 of 3: loss 0.33
	// {"step": 3} <nil>
}

// hexadecimal is a language whose programs are modules, written as digits.
type hexadecimal struct{}

func (hexadecimal) Info() language.Info {
	return language.Info{Name: "hexadecimal", Extension: ".hex", Licence: "MIT", Deterministic: true}
}

func (hexadecimal) Detect(context.Context) (language.Detection, error) {
	return language.Detection{Version: "1"}, nil
}

func (hexadecimal) Prepare(context.Context) (language.Toolchain, error) {
	return language.Toolchain{ID: "1", About: "two digits a byte"}, nil
}

func (hexadecimal) Wrap(_ context.Context, p language.Problem, completion string) (language.Source, error) {
	return language.Source{Name: "main.hex", Text: []byte(p.Prompt + completion + p.Tests)}, nil
}

func (hexadecimal) Compile(_ context.Context, sources []language.Source) ([]language.Program, error) {
	programs := make([]language.Program, len(sources))
	for i, s := range sources {
		module, err := hex.DecodeString(string(s.Text))
		if err != nil {
			programs[i].Diagnostics = []language.Diagnostic{{Line: 1, Column: len(module)*2 + 1, Message: err.Error()}}
			continue
		}
		programs[i].Module = module
	}
	return programs, nil
}

func (hexadecimal) Classify(_ context.Context, e language.End) (language.Finding, error) {
	if e.Trapped {
		return language.Finding{Kind: language.Exception, Exception: &language.Thrown{Type: "trap", Message: e.Trap}}, nil
	}
	return language.Finding{}, nil
}

// The main of the plugin is sdk.ServeRuntime(hexadecimal{}).
func ExampleServeRuntime() {
	assay := run(wire.Runtime)
	defer assay.end()
	programs, err := assay.asks.(*wire.RuntimeClient).Compile(context.Background(), []language.Source{
		{Name: "empty.hex", Text: []byte("0061736d01000000")},
		{Name: "typo.hex", Text: []byte("0061736x")},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%q\n", programs[0].Module)
	fmt.Printf("%+v\n", programs[1].Diagnostics)
	// Output:
	// "\x00asm\x01\x00\x00\x00"
	// [{Line:1 Column:7 Message:encoding/hex: invalid byte: U+0078 'x'}]
}
