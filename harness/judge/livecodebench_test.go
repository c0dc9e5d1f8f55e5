package judge

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/assay-dev/assay/benchmarks"
	"github.com/assay-dev/assay/harness"
	"github.com/assay-dev/assay/internal/testkit"
	"github.com/assay-dev/assay/internal/value"
)

// lcbPrograms are right and wrong programs for rows of LiveCodeBench, by id: of
// each type of test, and in the ways in which people read and print.
var lcbPrograms = []struct {
	id, what string
	verdict  harness.Verdict
	source   string
}{
	{"1873_A", "lines", "pass", "for _ in range(int(input())):\n    s = input()\n    print('YES' if sum(a != b for a, b in zip(s, 'abc')) in (0, 2) else 'NO')\n"},
	{"1873_A", "no word of one case", "wrong_answer", "for _ in range(int(input())):\n    s = input()\n    print('yes' if sum(a != b for a, b in zip(s, 'abc')) in (0, 2) else 'no')\n"},
	{"1873_A", "one line short", "wrong_answer", "n = int(input())\nprint('\\n'.join(['YES'] * (n - 1)))\n"},
	{"1873_A", "reads too much", "exception", "for _ in range(int(input()) + 1):\n    s = input()\n    print('YES' if sum(a != b for a, b in zip(s, 'abc')) in (0, 2) else 'NO')\n"},
	{"1873_A", "a main function", "pass", "def main():\n    for _ in range(int(input())):\n        print('YES' if input() in ('abc', 'acb', 'bac', 'cba') else 'NO')\n\nif __name__ == '__main__':\n    main()\n"},
	{"1873_A", "names that nobody imported", "pass", "def f(words: List[str]) -> Counter:\n    return Counter(words)\nwords = stdin.read().split()[1:]\nfor w in words:\n    print('YES' if f(words)[w] and w in ('abc', 'acb', 'bac', 'cba') else 'NO')\nexit()\n"},
	{"abc301_a", "a buffer", "pass", "import sys\nn, s = sys.stdin.buffer.read().split()\nt, a = s.count(b'T'), s.count(b'A')\nsys.stdout.write('T' if t > a or t == a and s[-1:] == b'A' else 'A')\n"},
	{"abc301_a", "descriptor 0, and an exit", "pass", "n, s = open(0).read().split()\nt, a = s.count('T'), s.count('A')\nprint('T' if t > a or t == a and s[-1] == 'A' else 'A', flush=True)\nraise SystemExit(1)\n"},
	{"abc301_a", "the first player", "wrong_answer", "input()\nprint(input()[0])\n"},
	{"abc301_a", "deep recursion", "pass", "def f(n):\n    return 0 if n == 0 else 1 + f(n - 1)\nassert f(20000) == 20000\ninput()\ns = input()\nt, a = s.count('T'), s.count('A')\nprint('T' if t > a or t == a and s[-1] == 'A' else 'A')\n"},
	{"abc314_a", "equal decimals", "pass", "pi = '1415926535897932384626433832795028841971693993751058209749445923078164062862089986280348253421170679'\nprint('3.' + pi[:int(input())] + '000')\n"},
	{"abc314_a", "a float", "wrong_answer", "import math\nprint(round(math.pi, int(input())))\n"},
	{"2727", "an int", "pass", "class Solution:\n    def countSeniors(self, details: List[str]) -> int:\n        return sum(int(d[11:13]) > 60 for d in details)\n"},
	{"2727", "an int of numpy", "pass", "import numpy as np\nclass Solution:\n    def countSeniors(self, details):\n        return np.int64(sum(int(d[11:13]) > 60 for d in details))\n"},
	{"2727", "off by one", "wrong_answer", "class Solution:\n    def countSeniors(self, details: List[str]) -> int:\n        return sum(int(d[11:13]) >= 90 for d in details)\n"},
	{"2727", "a function without a class", "pass", "def countSeniors(details):\n    return len([d for d in details if int(d[11:13]) > 60])\n"},
	{"2727", "another method", "exception", "class Solution:\n    def count(self, details):\n        return 0\n"},
	{"2727", "prints", "wrong_answer", "class Solution:\n    def countSeniors(self, details):\n        print(sum(int(d[11:13]) > 60 for d in details))\n"},
	{"2727", "no Python", "syntax_error", "class Solution:\n    def countSeniors(self, details)\n        return 0\n"},
	{"2777", "a list", "pass", "class Solution:\n    def distinctDifferenceArray(self, nums: List[int]) -> List[int]:\n        return [len(set(nums[:i + 1])) - len(set(nums[i + 1:])) for i in range(len(nums))]\n"},
	{"2777", "a tuple for a list", "pass", "class Solution:\n    def distinctDifferenceArray(self, nums):\n        return tuple(len(set(nums[:i + 1])) - len(set(nums[i + 1:])) for i in range(len(nums)))\n"},
	{"2777", "an iterator for a list", "bad_value", "class Solution:\n    def distinctDifferenceArray(self, nums):\n        return (len(set(nums[:i + 1])) - len(set(nums[i + 1:])) for i in range(len(nums)))\n"},
	{"2792", "a bool", "pass", "class Solution:\n    def doesValidArrayExist(self, derived):\n        return sum(derived) % 2 == 0\n"},
	{"2792", "an int for a bool", "pass", "class Solution:\n    def doesValidArrayExist(self, derived):\n        return 1 - sum(derived) % 2\n"},
	{"2792", "a word for a bool", "wrong_answer", "class Solution:\n    def doesValidArrayExist(self, derived):\n        return 'true'\n"},
	{"2816", "a str", "pass", "class Solution:\n    def makeSmallestPalindrome(self, s: str) -> str:\n        return ''.join(min(a, b) for a, b in zip(s, s[::-1]))\n"},
	{"2816", "its characters", "wrong_answer", "class Solution:\n    def makeSmallestPalindrome(self, s: str) -> str:\n        return [min(a, b) for a, b in zip(s, s[::-1])]\n"},
	{"2873", "lists in a list", "pass", "def prime(n):\n    return n > 1 and all(n % k for k in range(2, int(n ** .5) + 1))\nclass Solution:\n    def findPrimePairs(self, n):\n        return [[x, n - x] for x in range(2, n // 2 + 1) if prime(x) and prime(n - x)]\n"},
	{"2873", "tuples in a list", "wrong_answer", "def prime(n):\n    return n > 1 and all(n % k for k in range(2, int(n ** .5) + 1))\nclass Solution:\n    def findPrimePairs(self, n):\n        return [(x, n - x) for x in range(2, n // 2 + 1) if prime(x) and prime(n - x)]\n"},
	{"2881", "strs in a list", "pass", "class Solution:\n    def splitWordsBySeparator(self, words: List[str], separator: str) -> List[str]:\n        return [part for w in words for part in w.split(separator) if part]\n"},
	{"2881", "the empty ones too", "wrong_answer", "class Solution:\n    def splitWordsBySeparator(self, words, separator):\n        return [part for w in words for part in w.split(separator)]\n"},
	{"2727", "ends early", "no_result", "import os\nclass Solution:\n    def countSeniors(self, details):\n        os._exit(0)\n"},
	{"2727", "never ends", "out_of_fuel", "class Solution:\n    def countSeniors(self, details):\n        while True:\n            pass\n"},
}

// lcbSuite opens one of the files that are there.
func lcbSuite(t *testing.T, file string) *benchmarks.Suite {
	t.Helper()
	s, err := benchmarks.Open(context.Background(), "livecodebench", benchmarks.Options{DataFile: filepath.Join(testkit.Data(t), "livecodebench", file)})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestLiveCodeBench judges them, on the rows with public tests and on those that
// have the private ones too.
func TestLiveCodeBench(t *testing.T) {
	rt, _ := realRuntime(t)
	j := newJudge(t, Config{Runner: rt, Floor: 500_000_000})
	for file, want := range map[string]int{"lcb-v1-public-tests.jsonl.gz": len(lcbPrograms), "lcb-v1-3-full-rows.jsonl.gz": 19} {
		t.Run(file, func(t *testing.T) {
			s := lcbSuite(t, file)
			problems := map[string]*benchmarks.Problem{}
			for _, p := range s.Problems {
				problems[p.ID] = p
			}
			judged := 0
			for _, c := range lcbPrograms {
				p := problems[c.id]
				if p == nil {
					continue
				}
				judged++
				rec := judgeOne(t, j, p, c.source)
				if rec.Verdict != c.verdict {
					t.Errorf("%s, %s: %s, want %s: %+v", c.id, c.what, rec.Verdict, c.verdict, rec.Failure)
				}
			}
			if judged != want {
				t.Errorf("judged %d programs, want %d", judged, want)
			}
		})
	}
}

// TestLiveCodeBenchEveryRow judges, for each row, a program that knows every
// answer and one that knows none.
func TestLiveCodeBenchEveryRow(t *testing.T) {
	rt, _ := realRuntime(t)
	j := newJudge(t, Config{Runner: rt})
	for _, p := range thinned(t, lcbSuite(t, "lcb-v1-public-tests.jsonl.gz"), 10).Problems {
		tests, err := p.Tests.Load()
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			program string
			want    harness.Verdict
		}{{knowsAll(p, tests), harness.Pass}, {knowsAll(p, nil), harness.Exception}} {
			if rec := judgeOne(t, j, p, c.program); rec.Verdict != c.want || rec.TestCount != len(tests) {
				t.Errorf("%s: %s of %d tests, want %s of %d: %+v", p.ID, rec.Verdict, rec.TestCount, c.want, len(tests), rec.Failure)
			}
		}
	}
}

// knowsAll is a program with a table of answers.
func knowsAll(p *benchmarks.Problem, tests []benchmarks.Test) string {
	table := value.Dict{}
	for _, t := range tests {
		table = append(table, value.Pair{Key: value.Str(t.Input), Val: value.Str(t.Output)})
	}
	known := value.Repr(table, 1<<20)
	if p.Oracle == benchmarks.Stdio {
		return "print(" + known + "[stdin.read()])\n"
	}
	return "known = {tuple(map(json.dumps, map(json.loads, k.split('\\n')))): json.loads(v) for k, v in " + known + ".items()}\n" +
		"class Solution:\n    def " + p.EntryPoint + "(self, *args):\n        return known[tuple(map(json.dumps, args))]\n"
}
