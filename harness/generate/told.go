package generate

import (
	"strings"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/harness/model"
)

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
