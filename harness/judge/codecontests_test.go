package judge

import (
	"path/filepath"
	"testing"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/internal/testkit"
)

// contestPrograms are right and wrong programs for rows of CodeContests, by id.
var contestPrograms = []struct {
	id, what string
	verdict  harness.Verdict
	source   string
}{
	{"17", "right", "pass", `
n, m = input().strip(), input().strip()
digits = sorted(n)
first = next((i for i, d in enumerate(digits) if d != "0"), 0)
digits[0], digits[first] = digits[first], digits[0]
print("OK" if "".join(digits) == m else "WRONG_ANSWER")
`},
	{"17", "leading zeros don't matter", "wrong_answer", `
n, m = input().strip(), input().strip()
print("OK" if sorted(n) == sorted(m) and int(m) == min(int(m), int(n)) else "WRONG_ANSWER")
`},
	{"2", "right", "pass", `
from collections import defaultdict, deque

s = input().strip()
where = defaultdict(list)
for i, d in enumerate(s):
    where[d].append(i)
steps = {0: 0}
todo = deque([0])
while todo:
    i = todo.popleft()
    for k in [i - 1, i + 1, *where.pop(s[i], ())]:
        if 0 <= k < len(s) and k not in steps:
            steps[k] = steps[i] + 1
            todo.append(k)
print(steps[len(s) - 1])
`},
	{"2", "walks", "wrong_answer", "print(len(input().strip()) - 1)\n"},
	{"19", "right", "pass", `
for _ in range(int(input())):
    a, b, q = map(int, input().split())
    n = a * b
    sums = [0]
    for x in range(n):
        sums.append(sums[-1] + (x % a % b != x % b % a))
    f = lambda x: x // n * sums[n] + sums[x % n]
    print(*(f(r + 1) - f(l) for l, r in (map(int, input().split()) for _ in range(q))))
`},
	{"19", "a line for each answer", "wrong_answer", `
for _ in range(int(input())):
    a, b, q = map(int, input().split())
    for _ in range(q):
        l, r = map(int, input().split())
        print(0 if a == b else r - l + 1)
`},
}

// contestSuite adds the rows that are there as a suite of one's own, and opens it.
func contestSuite(t *testing.T) *benchmarks.Suite {
	t.Helper()
	t.Setenv(benchmarks.CustomSuitesVariable, t.TempDir())
	custom, err := benchmarks.DefaultCustomSuites()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := custom.Add(t.Context(), filepath.Join(testkit.Data(t), "codecontests", "code-contests-20.jsonl.gz"), "contests", false, func([]*benchmarks.Problem) error { return nil }); err != nil {
		t.Fatal(err)
	}
	own, err := custom.Suites()
	if err != nil {
		t.Fatal(err)
	}
	s, err := benchmarks.Open(t.Context(), "contests", benchmarks.Options{Added: own})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestCodeContests judges them on those rows.
func TestCodeContests(t *testing.T) {
	rt, _ := realRuntime(t)
	s := contestSuite(t)
	problems := map[string]*benchmarks.Problem{}
	for _, p := range s.Problems {
		problems[p.ID] = p
	}
	j := newJudge(t, Config{Runner: rt})
	for _, c := range contestPrograms {
		rec := judgeOne(t, j, problems[c.id], c.source)
		if rec.Verdict != c.verdict {
			t.Errorf("%s, %s: %s, want %s: %+v", c.id, c.what, rec.Verdict, c.verdict, rec.Failure)
		}
	}
}
