package main

import (
	"context"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/assay-dev/assay/plugins/host"
	"github.com/assay-dev/assay/plugins/sdk/wire"
	"github.com/assay-dev/assay/plugins/store"
	"github.com/assay-dev/assay/trainer"
	"github.com/assay-dev/assay/trainer/embedded"
	"github.com/assay-dev/assay/trainer/trlrun"
)

// trainers are those that are built in, by name.
var trainers = map[string]func(f *trainFlags) (trainer.Trainer, error){
	"trl": func(f *trainFlags) (trainer.Trainer, error) {
		return trlrun.Trainer{Python: trainerPython(f.python), Accelerate: f.accelerate, Processes: f.processes}, nil
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
func openTrainer(ctx context.Context, f *trainFlags) (t trainer.Trainer, end func(), err error) {
	if open, builtIn := trainers[f.trainer]; builtIn {
		t, err = open(f)
		return t, func() {}, err
	}
	name, isPlugin := strings.CutPrefix(f.trainer, pluginPrefix)
	if !isPlugin {
		return nil, nil, usagef("no trainer is called %q: there are %s, and plugin:NAME", f.trainer, trainerNames())
	}
	p, err := find(&f.plugins, name)
	if err != nil {
		return nil, nil, err
	}
	plugin, err := openTrainerPlugin(ctx, p, nil)
	if err != nil {
		return nil, nil, err
	}
	return plugin, func() { _ = plugin.Close() }, nil // one that won't end was killed
}

// openTrainerPlugin starts a trainer that is a plugin.
func openTrainerPlugin(ctx context.Context, p *store.Plugin, log io.Writer) (*host.Trainer, error) {
	c, err := pluginConfig(p, wire.Trainer, log)
	if err != nil {
		return nil, err
	}
	return host.OpenTrainer(ctx, c)
}
