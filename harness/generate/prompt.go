package generate

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/harness/extract"
	"github.com/assay-dev/assay/harness/model"
)

// Style is how a problem is put to a model.
type Style string

const (
	Base     Style = "base"     // the prompt, to be gone on with
	Instruct Style = "instruct" // a chat that asks for the whole program
)

// ParseStyle reads a style.
func ParseStyle(s string) (Style, error) {
	switch style := Style(s); style {
	case Base, Instruct:
		return style, nil
	}
	return "", fmt.Errorf("there is no prompt style %q: base goes on with the prompt, instruct asks in a chat", s)
}

// Split is which of a problem's texts a model is given, where the suite has two.
type Split string

const (
	Complete    Split = "complete" // the function's head and docstring
	Instruction Split = "instruct" // what a person would ask for
)

// parseSplit reads a split.
func parseSplit(s string) (Split, error) {
	switch split := Split(s); split {
	case Complete, Instruction:
		return split, nil
	}
	return "", fmt.Errorf("there is no split %q: complete has the docstring, instruct what a person would ask for", s)
}

// Of gives the problem with the text of the split as its prompt.
func (s Split) Of(p *benchmarks.Problem) *benchmarks.Problem {
	if s != Instruction || p.Instruct == "" {
		return p
	}
	put := *p
	put.Prompt = p.Instruct
	return &put
}

// What evalplus 0.3.1 says to a chat model (provider/openai.py, codegen.py).
const (
	systemMessage = "You are a helpful assistant good at coding."
	instruction   = "Please provide a self-contained Python script that solves the following problem in a markdown code block:"
)

// Texts that end a completion, as evalplus has them (provider/utility.py): what
// no solution goes on with.
var (
	stopAlways    = []string{"<|endoftext|>", "<|endofmask|>", "</s>", "\nif __name__", "\ndef main(", "\nprint("}
	stopHumanEval = []string{"\ndef ", "\nclass ", "\nimport ", "\nfrom ", "\nassert "}
	stopMBPP      = []string{"\n\"\"\"", "\nassert"}
)

// Put makes a problem's part of a request.
func (s Style) Put(suite string, p *benchmarks.Problem, r *model.Request) {
	if p.Statement != "" {
		s.putTold(p, r)
		return
	}
	prompt := strings.TrimSpace(p.Prompt)
	if s == Instruct && p.Instruct != "" { // as BigCodeBench's provider/utility.py asks
		if prompt != strings.TrimSpace(p.Instruct) {
			prompt = "```\n" + prompt + "\n```"
		}
		r.Messages = []model.Message{{Role: model.User, Content: instruction + "\n" + prompt + "\n"}}
		return
	}
	if s == Instruct {
		r.Messages = []model.Message{
			{Role: model.System, Content: systemMessage},
			{Role: model.User, Content: instruction + "\n```python\n" + prompt + "\n```"},
		}
		return
	}
	r.Prompt = prompt + "\n"
	own := stopHumanEval
	if strings.HasPrefix(suite, "mbpp") {
		own = stopMBPP
	}
	r.Stop = append(append([]string{}, stopAlways...), own...)
}

// PublisherRule is how a suite's publisher takes the program out of an answer:
// evalplus, or for problems that are told lcb_runner.
func (s Style) PublisherRule(p *benchmarks.Problem) extract.Rule {
	switch {
	case p.Statement == "":
		return extract.Evalplus
	case s == Base:
		return extract.Whole
	}
	return extract.LCB
}

// Answer is the text of an answer with how the program is taken out of it; rule ""
// is the publisher's. A stop text ends a completion here too: not every server
// knows them, or as many.
func (s Style) Answer(rule extract.Rule, r model.Request, p *benchmarks.Problem, text string) extract.Answer {
	for _, stop := range r.Stop {
		text, _, _ = strings.Cut(text, stop)
	}
	if p.Statement == "" && s == Base {
		text = r.Prompt + strings.ReplaceAll(text, "\t", "    ")
	}
	a := extract.Answer{Text: text, Entry: p.EntryPoint, Rule: cmp.Or(rule, s.PublisherRule(p))}
	if p.Class != "" {
		a.Entry = p.Class
	}
	if s == Instruct {
		a.Prompt = p.Prompt
	}
	return a
}

// What lcb_runner says to a chat model (prompts/code_generation.py).
const (
	toldSystem   = "You are an expert Python programmer. You will be given a question (problem specification) and will generate a correct Python program that matches the specification and passes all tests. You will NOT return anything except for the program."
	toldStarter  = "You will use the following starter code to write the solution to the problem and enclose your code within delimiters."
	toldProgram  = "Read the inputs from stdin solve the problem and write the answer to stdout (do not directly test on the sample inputs). Enclose your code within delimiters as follows."
	toldNoCode   = "# YOUR CODE HERE"
	toldLastLine = "### Answer: (use the provided format with backticks)\n\n"
)

// stopTold ends what a base model writes, as lcb_runner has it.
var stopTold = []string{"###"}

// putTold puts a problem that is told, with nothing to go on with. A base model
// gets lcb_runner's form for those without the example that comes before it
// there.
func (s Style) putTold(p *benchmarks.Problem, r *model.Request) {
	var b strings.Builder
	starter := p.Contest.Starter
	if s == Base {
		b.WriteString("### Question\n" + p.Statement + "\n\n")
		if starter != "" {
			b.WriteString("### Starter Code\n" + starter + "\n\n")
		}
		b.WriteString("### Answer\n\n")
		r.Prompt, r.Stop = b.String(), stopTold
		return
	}
	format, code := toldProgram, toldNoCode
	if starter != "" {
		format, code = toldStarter, starter
	}
	b.WriteString("### Question:\n" + p.Statement + "\n\n### Format: " + format + "\n```python\n" + code + "\n```\n\n" + toldLastLine)
	r.Messages = []model.Message{{Role: model.System, Content: toldSystem}, {Role: model.User, Content: b.String()}}
}
