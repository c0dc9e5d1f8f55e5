package main

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/assay-dev/assay/plugins"
	"github.com/assay-dev/assay/plugins/sdk/wire"
	"github.com/assay-dev/assay/trainer"
	"github.com/assay-dev/assay/trainer/embedded"
	"github.com/assay-dev/assay/trainer/trlrun"
)

const (
	embeddedTrainer = "embedded"
	defaultTrainer  = "trl" // the one for real models
)

// trainers are those that are built in, by name, as the flags want them.
func trainers(f *trainFlags) map[string]func(string) (trainer.Trainer, error) {
	return map[string]func(string) (trainer.Trainer, error){
		defaultTrainer: plugins.Plain(func() trainer.Trainer {
			return trlrun.Trainer{Python: trainerPython(f.python), Accelerate: f.accelerate, Processes: f.processes}
		}),
		embeddedTrainer: plugins.Plain(func() trainer.Trainer { return embedded.Trainer{} }),
	}
}

func trainerNames() string { return strings.Join(slices.Sorted(maps.Keys(trainers(nil))), ", ") }

// openTrainer opens the trainer that the flags name. The caller calls end when
// it is not needed any more.
func openTrainer(ctx context.Context, f *trainFlags) (t trainer.Trainer, end func(), err error) {
	k := plugins.Kind[trainer.Trainer]{Name: wire.Trainer, BuiltIn: trainers(f), Unknown: "no trainer is called %q: there are " + trainerNames() + ", and plugin:NAME"}
	return plugins.Open(ctx, k, f.trainer, f.plugins.open, nil)
}
