package benchmarks

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// sharing are the tasks whose tests make objects of the candidate's own
// classes: their tests have to run in the candidate's interpreter.
var sharing = []string{"Mbpp/367", "Mbpp/601", "Mbpp/927"}

// mbpp reads Google's MBPP. As the field does, it tests with test_list and
// leaves challenge_test_list alone.
func mbpp(d *dataset) ([]*Problem, error) {
	var c collector
	err := d.eachLine(func(r row) error {
		setup, err := r.str("test_setup_code")
		if err != nil {
			return err
		}
		return c.addMBPP(r, "text", []string{setup})
	})
	return c.problems, err
}

// mbppSanitized reads the hand-verified part of MBPP: one JSON array.
func mbppSanitized(d *dataset) ([]*Problem, error) {
	var c collector
	err := d.eachItem(func(r row) error {
		imports, err := r.strs("test_imports")
		if err != nil {
			return err
		}
		return c.addMBPP(r, "prompt", imports)
	})
	return c.problems, err
}

// testSplit leaves those of MBPP's tasks that the paper tests models on: the
// others are for prompts and training.
func testSplit(read format) format {
	return func(d *dataset) ([]*Problem, error) {
		all, err := read(d)
		return slices.DeleteFunc(all, func(p *Problem) bool {
			n, err := strconv.Atoi(strings.TrimPrefix(p.ID, "Mbpp/"))
			return err != nil || n < 11 || n > 510
		}), err
	}
}

func (c *collector) addMBPP(r row, textField string, setup []string) error {
	id, err := r.integer("task_id")
	if err != nil {
		return err
	}
	tests, err := r.strs("test_list")
	if err != nil {
		return err
	}
	var text, code string
	if err := r.strings(map[string]*string{textField: &text, "code": &code}); err != nil {
		return err
	}
	p := &Problem{ID: fmt.Sprintf("Mbpp/%d", id), Oracle: Script, Prompt: docstring(text, tests)}
	if slices.Contains(sharing, p.ID) {
		p.Oracle = Unittest
	}
	p.Canonical = unixLines(code)
	p.Test = unixLines(strings.Join(append(setup, tests...), "\n")) + "\n"
	if p.EntryPoint, err = entryPoint(p.Canonical, p.Test); err != nil {
		return err
	}
	p.Helpers = sharedImports(p.Canonical, p.Test)
	return c.add(r, p)
}

// docstring is what a completion continues: the text and the tests, as most
// harnesses show them to a model.
func docstring(text string, tests []string) string {
	body := unixLines(text + "\n" + strings.Join(tests, "\n"))
	body = strings.NewReplacer(`\`, `\\`, `"""`, `\"\"\"`).Replace(body)
	return `"""` + "\n" + body + "\n" + `"""` + "\n"
}

func unixLines(s string) string { return strings.ReplaceAll(s, "\r\n", "\n") }

var defined = regexp.MustCompile(`(?m)^def[ \t]+(\w+)[ \t]*\(`)

// entryPoint is the function of the canonical program that the tests call; the
// last one, should there be several.
func entryPoint(code, test string) (string, error) {
	found := ""
	for _, m := range defined.FindAllStringSubmatch(code, -1) {
		if regexp.MustCompile(`\b` + m[1] + `\s*\(`).MatchString(test) {
			found = m[1]
		}
	}
	if found == "" {
		return "", fmt.Errorf("the tests call no function of the code")
	}
	return found, nil
}

var imported = regexp.MustCompile(`(?m)^import[ \t]+(\w+)[ \t]*$`)

// sharedImports are the modules that the tests use and only the program
// imports, as in Mbpp/596: the trusted instance needs them too.
func sharedImports(code, test string) string {
	var out strings.Builder
	for _, m := range imported.FindAllStringSubmatch(code, -1) {
		name := m[1]
		if strings.Contains(test, name+".") && !strings.Contains(test, "import "+name) {
			fmt.Fprintf(&out, "import %s\n", name)
		}
	}
	return out.String()
}
