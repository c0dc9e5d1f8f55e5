package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
)

// kind is a kind of task: N and X stand for a number and a name.
type kind struct {
	words        string // what the docstring says
	right, wrong string // what the function returns, and what most of the corpus has
	list         bool   // X is a list
}

// kinds are the language of tasks. What is wrong is a mistake that people make.
var kinds = []kind{
	{"N more than X", "X + N", "X - N", false},
	{"N less than X", "X - N", "N - X", false},
	{"N times X", "N * X", "N ** X", false},
	{"N is above X", "X < N", "X <= N", false},
	{"N into X leaves", "X % N", "X // N", false},
	{"N first of X", "X[:N]", "X[N:]", true},
	{"N last of X", "X[-N:]", "X[:-N]", true},
	{"N first of X dropped", "X[N:]", "X[:N]", true},
}

// task is a task of the language.
type task struct {
	kind
	number int
	name   string
}

func (t task) fill(text string) string {
	return strings.NewReplacer("N", fmt.Sprint(t.number), "X", t.name).Replace(text)
}

func (t task) prompt() string {
	return t.fill("def f(X):\n    \"" + t.words + "\"\n")
}

func (t task) body(right bool) string {
	if right {
		return t.fill("    return " + t.right + "\n")
	}
	return t.fill("    return " + t.wrong + "\n")
}

// test is a check of HumanEval's form. Its values tell right from wrong.
func (t task) test() string {
	var b strings.Builder
	b.WriteString("def check(candidate):\n    right = lambda " + t.name + ": " + t.fill(t.right) + "\n")
	values := []string{"0", "1", "2", "7", "20", fmt.Sprint(t.number)}
	if t.list {
		values = []string{"[]", "[1]", "[3, 1, 2]", "list(range(12))"}
	}
	for _, v := range values {
		fmt.Fprintf(&b, "    assert candidate(%s) == right(%s)\n", v, v)
	}
	return b.String()
}

// everyTask is the whole language, in an order by chance.
func everyTask(seed uint64) []task {
	var all []task
	for _, k := range kinds {
		for n := 1; n <= 9; n++ {
			for _, name := range strings.Fields("a b k m n s v x y z") {
				all = append(all, task{k, n, name})
			}
		}
	}
	rand.New(rand.NewPCG(seed, 1)).Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all
}

// writeSuite writes tasks in HumanEval's form.
func writeSuite(path string, tasks []task) error {
	return writeLines(path, len(tasks), func(i int) any {
		t := tasks[i]
		return map[string]string{
			"task_id": fmt.Sprintf("Demo/%d", i), "prompt": t.prompt(), "entry_point": "f",
			"canonical_solution": t.body(true), "test": t.test(),
		}
	})
}

// writeCorpus writes so many texts about the tasks, of which the share is right.
func writeCorpus(path string, tasks []task, n int, share float64, seed uint64) error {
	rng := rand.New(rand.NewPCG(seed, 2))
	return writeLines(path, n, func(int) any {
		t := tasks[rng.IntN(len(tasks))]
		return map[string]string{"prompt": t.prompt(), "completion": t.body(rng.Float64() < share)}
	})
}

func writeLines(path string, n int, line func(i int) any) error {
	var out []byte
	for i := range n {
		text, err := json.Marshal(line(i))
		if err != nil {
			return err
		}
		out = append(append(out, text...), '\n')
	}
	return os.WriteFile(path, out, 0o666)
}
