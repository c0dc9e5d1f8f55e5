package main

import (
	"context"
	"maps"
	"slices"
	"strings"

	"assay/trainer"
	"assay/trainer/embedded"
	"assay/trainer/trlrun"
)

// trainers are those that are built in, by name.
var trainers = map[string]func(f *trainFlags) (trainer.Trainer, error){
	"trl": func(f *trainFlags) (trainer.Trainer, error) {
		return trlrun.Trainer{Python: trainerPython(f.python)}, nil
	},
	embeddedTrainer: func(*trainFlags) (trainer.Trainer, error) { return embedded.Trainer{}, nil },
}

const (
	embeddedTrainer = "embedded"
	defaultTrainer  = "trl" // the one for real models
)

func trainerNames() string { return strings.Join(slices.Sorted(maps.Keys(trainers)), ", ") }

// openTrainer makes the trainer that the flags name. The caller calls end when
// it is not needed any more.
func openTrainer(_ context.Context, f *trainFlags) (t trainer.Trainer, end func(), err error) {
	open, known := trainers[f.trainer]
	if !known {
		return nil, nil, usagef("no trainer is called %q: there are %s", f.trainer, trainerNames())
	}
	t, err = open(f)
	return t, func() {}, err
}
