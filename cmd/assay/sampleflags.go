package main

import (
	"github.com/spf13/pflag"

	"github.com/assay-dev/assay/harness/generate"
)

// sampleFlags say which samples a model is asked for.
type sampleFlags struct {
	ask         askFlags
	style       string
	split       string
	n, batch    int
	temperature float64
}

func (f *sampleFlags) register(flags *pflag.FlagSet) {
	flags.StringVar(&f.style, "prompt", string(generate.Instruct), "base goes on with the prompt, instruct asks in a chat")
	flags.StringVar(&f.split, "split", string(generate.Complete), "which text of BigCodeBench's problems: complete or instruct")
	flags.IntVarP(&f.n, "n", "n", 1, "samples of each task")
	flags.Float64Var(&f.temperature, "temperature", 0, "of sampling; 0 is greedy")
	f.ask.registerSampling(flags, 768)
	flags.IntVar(&f.batch, "batch", 1, "samples asked for in one request, by servers that know n")
}

func (f *sampleFlags) check() error {
	if err := f.ask.check(); err != nil {
		return err
	}
	switch {
	case f.n < 1 || f.batch < 1:
		return usagef("-n and --batch are 1 or more")
	case !isTemperature(f.temperature):
		return usagef("--temperature %v: a temperature is 0, for greedy, or more", f.temperature)
	case f.n > 1 && f.temperature == 0:
		return usagef("-n %d at temperature 0 is one answer %d times: pass --temperature 0.8, or -n 1", f.n, f.n)
	}
	if _, err := generate.ParseStyle(f.style); err != nil {
		return usageError{err}
	}
	if _, err := generate.ParseSplit(f.split); err != nil {
		return usageError{err}
	}
	return nil
}

func (f *sampleFlags) options() generate.Options {
	return generate.Options{
		Style: generate.Style(f.style), Split: generate.Split(f.split), Model: f.ask.model, N: f.n,
		Temperature: f.temperature, TopP: f.ask.topP, MaxTokens: f.ask.maxTokens, Seed: f.ask.seedOrNone(),
	}
}
