package contract

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/assay-dev/assay/plugins/sdk/language"
	"github.com/assay-dev/assay/runtimes"
)

// RuntimeSubject is a language and what its programs run on.
type RuntimeSubject struct {
	Language language.Language
	Runner   runtimes.Runner // of modules
	Limits   runtimes.Limits // of a program (default: 10⁹ fuel, 64 MiB)
	Patience time.Duration   // how long a check may take (default a minute)
}

// Memory is what an example may take, in bytes.
const Memory = 64 << 20

// RunRuntime holds a language to its contract: it compiles the language's own
// examples, and runs them in the sandbox.
func RunRuntime(ctx context.Context, s RuntimeSubject) []Result {
	if s.Limits == (runtimes.Limits{}) {
		s.Limits = runtimes.Limits{LoadFuel: 1e9, MemoryBytes: Memory}
	}
	list := runtimeChecks
	if _, ok := s.Language.(process); ok {
		list = append(list[:len(list):len(list)], check[RuntimeSubject]{"it compiles again after it was killed, the same", compilesAgain})
	}
	return runAll(ctx, s, s.Patience, list)
}

var runtimeChecks = []check[RuntimeSubject]{
	{"its toolchain is there", detects},
	{"it prepares it, and says which one it is", prepares},
	{"it shows each end that a program can have", shows},
	{"a program passes", example(language.ShowsPass)},
	{"a wrong answer does not", example(language.ShowsWrong)},
	{"an exception is one", example(language.ShowsThrow)},
	{"what is no program is rejected, with the line", example(language.ShowsSyntax)},
	{"an endless loop runs out of fuel", example(language.ShowsLoop)},
	{"an endless recursion ends", example(language.ShowsRecursion)},
	{"a program that takes all memory gets no more", example(language.ShowsMemory)},
	{"2⁴⁰ is a number", example(language.ShowsWide)},
	{"an unordered map has the same order each time", example(language.ShowsOrder)},
	{"random numbers are the same each time", example(language.ShowsRandom)},
	{"equal sources give equal modules", equalModules},
	{"several sources at once are as each by itself", severalAtOnce},
	{"a candidate and tests become a program", wraps},
	{"what is no text is rejected", noText},
}

func detects(ctx context.Context, s RuntimeSubject) error {
	d, err := s.Language.Detect(ctx)
	switch {
	case err != nil:
		return err
	case d.Missing != "":
		return fmt.Errorf("%s (%s)", d.Missing, d.Install)
	case d.Version == "":
		return errors.New("nothing is missing, and there is no version of what was found")
	}
	return nil
}

func prepares(ctx context.Context, s RuntimeSubject) error {
	first, err := s.Language.Prepare(ctx)
	if err != nil {
		return err
	}
	second, err := s.Language.Prepare(ctx)
	switch {
	case err != nil:
		return err
	case first.ID == "":
		return errors.New("its toolchain has no id")
	case first.ID != second.ID:
		return fmt.Errorf("its toolchain is %s, and then %s", first.ID, second.ID)
	}
	return nil
}

// optional are what means nothing in some languages.
var optional = map[language.Shows]bool{language.ShowsWide: true, language.ShowsOrder: true, language.ShowsRandom: true}

// wants is what an example has to come to, within little fuel and memory.
var wants = map[language.Shows]func(o runtimes.Outcome) bool{
	language.ShowsPass:   func(o runtimes.Outcome) bool { return passed(o) && string(o.Stdout) == "pass\n" },
	language.ShowsWrong:  func(o runtimes.Outcome) bool { return o.Kind == runtimes.Exception },
	language.ShowsThrow:  func(o runtimes.Outcome) bool { return o.Kind == runtimes.Exception },
	language.ShowsSyntax: func(o runtimes.Outcome) bool { return o.Kind == runtimes.SyntaxError && o.Exception.Line > 0 },
	language.ShowsLoop:   func(o runtimes.Outcome) bool { return o.Kind == runtimes.OutOfFuel },
	language.ShowsRecursion: func(o runtimes.Outcome) bool { // where stacks grow, memory or fuel may end first
		switch o.Kind {
		case runtimes.StackOverflow, runtimes.Exception, runtimes.OutOfMemory, runtimes.OutOfFuel:
			return true
		}
		return false
	},
	language.ShowsMemory: func(o runtimes.Outcome) bool { return o.Kind == runtimes.OutOfMemory || o.Kind == runtimes.Exception },
	language.ShowsWide: func(o runtimes.Outcome) bool {
		return passed(o) && strings.TrimSpace(string(o.Stdout)) == "1099511627776"
	},
	language.ShowsOrder:  passed,
	language.ShowsRandom: passed,
}

func passed(o runtimes.Outcome) bool { return o.Kind == runtimes.OK && o.Detail == "0" }

func shows(_ context.Context, s RuntimeSubject) error {
	there := make(map[language.Shows]bool)
	for _, e := range s.Language.Info().Examples {
		if wants[e.Shows] == nil {
			return fmt.Errorf("it has an example of %q, which nobody knows", e.Shows)
		}
		there[e.Shows] = true
	}
	for what := range wants {
		if !there[what] && !optional[what] {
			return fmt.Errorf("it has no example of %q", what)
		}
	}
	return nil
}

// sources are the examples of one end, as files.
func (s RuntimeSubject) sources(what language.Shows) []language.Source {
	var all []language.Source
	for _, e := range s.Language.Info().Examples {
		if e.Shows == what {
			all = append(all, s.source(e))
		}
	}
	return all
}

func (s RuntimeSubject) source(e language.Example) language.Source {
	return language.Source{Name: "main" + s.Language.Info().Extension, Text: []byte(e.Text)}
}

// outcomes runs sources that were compiled together, twice each.
func (s RuntimeSubject) outcomes(ctx context.Context, sources []language.Source) ([]runtimes.Outcome, error) {
	programs, err := s.Language.Compile(ctx, sources)
	if err != nil {
		return nil, err
	}
	if len(programs) != len(sources) {
		return nil, fmt.Errorf("%d programs were made of %d sources", len(programs), len(sources))
	}
	var all []runtimes.Outcome
	for i, p := range programs {
		job, rejected, err := runtimes.Compiled(&runtimes.Job{Mode: runtimes.ModeMain, Limits: s.Limits}, sources[i], p)
		if err != nil {
			return nil, err
		}
		if rejected != nil {
			all = append(all, *rejected)
			continue
		}
		var runs [2]runtimes.Outcome
		for j := range runs {
			if runs[j], err = s.Runner.Run(ctx, job, nil); err == nil {
				runs[j], err = runtimes.ReadEnd(ctx, s.Language, runs[j])
			}
			if err != nil {
				return nil, err
			}
		}
		if !reflect.DeepEqual(runs[0], runs[1]) {
			return nil, fmt.Errorf("two runs differ: %s, and then %s", told(runs[0]), told(runs[1]))
		}
		all = append(all, runs[0])
	}
	return all, nil
}

func told(o runtimes.Outcome) string {
	return fmt.Sprintf("%s %s, fuel %d, stdout %.100q, stderr %.300q", o.Kind, o.Detail, o.Fuel, o.Stdout, o.Stderr)
}

// example is the check of one end.
func example(what language.Shows) func(context.Context, RuntimeSubject) error {
	return func(ctx context.Context, s RuntimeSubject) error {
		all, err := s.outcomes(ctx, s.sources(what))
		if err != nil {
			return err
		}
		for _, o := range all {
			if !wants[what](o) {
				return fmt.Errorf("its example of %q ends as %s", what, told(o))
			}
		}
		return nil
	}
}

func equalModules(ctx context.Context, s RuntimeSubject) error {
	if !s.Language.Info().Deterministic {
		return nil // it says so
	}
	var first []language.Program
	for range 2 {
		programs, err := s.Language.Compile(ctx, s.sources(language.ShowsPass))
		if err != nil {
			return err
		}
		if first == nil {
			first = programs
		}
		for i := range programs {
			if !bytes.Equal(programs[i].Module, first[i].Module) {
				return errors.New("a source gives two modules, and it says that it is deterministic")
			}
		}
	}
	return nil
}

func severalAtOnce(ctx context.Context, s RuntimeSubject) error {
	var sources []language.Source
	var single []runtimes.Outcome
	for _, e := range s.Language.Info().Examples {
		switch e.Shows {
		case language.ShowsPass, language.ShowsThrow, language.ShowsSyntax, language.ShowsWide:
			sources = append(sources, s.source(e))
			one, err := s.outcomes(ctx, sources[len(sources)-1:])
			if err != nil {
				return err
			}
			single = append(single, one...)
		}
	}
	together, err := s.outcomes(ctx, sources)
	if err != nil {
		return err
	}
	for i := range together {
		if a, b := single[i], together[i]; a.Kind != b.Kind || !bytes.Equal(a.Stdout, b.Stdout) {
			return fmt.Errorf("by itself a source ends as %s, among others as %s", told(a), told(b))
		}
	}
	return nil
}

// wraps cuts an example in two, as a prompt and what goes on from it.
func wraps(ctx context.Context, s RuntimeSubject) error {
	for _, e := range s.Language.Info().Examples {
		if e.Shows != language.ShowsPass {
			continue
		}
		at := strings.Index(e.Text, "\n") + 1
		source, err := s.Language.Wrap(ctx, language.Problem{Name: "assay/contract", Prompt: e.Text[:at]}, e.Text[at:])
		if err != nil {
			return err
		}
		all, err := s.outcomes(ctx, []language.Source{source})
		if err != nil {
			return err
		}
		if !wants[e.Shows](all[0]) {
			return fmt.Errorf("the program ends as %s", told(all[0]))
		}
	}
	return nil
}

// noText compiles what no editor writes. Rejections and programs are both fine,
// a failure is not.
func noText(ctx context.Context, s RuntimeSubject) error {
	var sources []language.Source
	for _, text := range []string{"", "\x00\xff\xfe", strings.Repeat("(", 1<<16), strings.Repeat("é😀\n", 1<<14)} {
		sources = append(sources, language.Source{Name: "main" + s.Language.Info().Extension, Text: []byte(text)})
	}
	_, err := s.outcomes(ctx, sources)
	return err
}

func compilesAgain(ctx context.Context, s RuntimeSubject) error {
	if err := s.Language.(process).Kill(ctx); err != nil {
		return err
	}
	const attempts = 10
	var err error
	for range attempts {
		var wait time.Duration
		var broken bool
		err = example(language.ShowsPass)(ctx, s)
		if wait, broken = retry(err); !broken {
			break
		}
		if err := sleep(ctx, wait); err != nil {
			return err
		}
	}
	return err
}
