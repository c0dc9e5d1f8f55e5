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
	{"1873_B", "every digit", "pass", "from math import prod\nfor _ in range(int(input())):\n    n = input()\n    a = list(map(int, input().split()))\n    print(max(prod(a[:i] + [a[i] + 1] + a[i + 1:]) for i in range(len(a))))\n"},
	{"1899_A", "a remainder", "pass", "import sys\nprint('\\n'.join('Second' if int(n) % 3 == 0 else 'First' for n in sys.stdin.read().split()[1:]))\n"},
	{"abc301_b", "a generator", "pass", "def fill(a):\n    for x, y in zip(a, a[1:]):\n        yield from range(x, y, 1 if x < y else -1)\n    yield a[-1]\ninput()\nprint(*fill(list(map(int, input().split()))))\n"},
	{"abc302_a", "big numbers rounded up", "pass", "a, b = map(int, input().split())\nprint(-(-a // b))\n"},
	{"abc302_a", "a float rounded up", "wrong_answer", "import math\na, b = map(int, input().split())\nprint(math.ceil(a / b))\n"},
	{"abc304_b", "three digits", "pass", "n = int(input())\nd = 10 ** max(len(str(n)) - 3, 0)\nprint(n // d * d)\n"},
	{"abc306_b", "a sum of powers", "pass", "print(sum(int(b) << i for i, b in enumerate(input().split())))\n"},
	{"abc308_b", "a dict with a default", "pass", "input()\nc, d, p = input().split(), input().split(), list(map(int, input().split()))\nprice = dict(zip(d, p[1:]))\nprint(sum(price.get(x, p[0]) for x in c))\n"},
	{"abc320_a", "powers", "pass", "a, b = map(int, input().split())\nprint(a**b + b**a)\n"},
	{"abc323_b", "sorted by a key", "pass", "n = int(input())\nwins = [(-input().count('o'), i) for i in range(1, n + 1)]\nprint(*[i for _, i in sorted(wins)])\n"},
	{"abc327_b", "a loop with an else", "pass", "b = int(input())\nfor a in range(1, 20):\n    if a ** a == b:\n        print(a)\n        break\nelse:\n    print(-1)\n"},
	{"abc330_b", "clamped", "pass", "n, l, r = map(int, input().split())\nprint(*(sorted((l, int(x), r))[1] for x in input().split()))\n"},
	{"abc335_b", "loops in loops", "pass", "n = int(input())\nfor x in range(n + 1):\n    for y in range(n + 1 - x):\n        for z in range(n + 1 - x - y):\n            print(x, y, z)\n"},
	{"abc338_b", "most of a Counter", "pass", "from collections import Counter\nc = Counter(input())\nprint(min(c, key=lambda k: (-c[k], k)))\n"},
	{"abc340_a", "a range", "pass", "a, b, d = map(int, input().split())\nprint(*range(a, b + 1, d))\n"},
	{"abc343_b", "rows", "pass", "for _ in range(int(input())):\n    print(*[i for i, x in enumerate(input().split(), 1) if x == '1'])\n"},
	{"2756", "sorted", "pass", "class Solution:\n    def buyChoco(self, prices: List[int], money: int) -> int:\n        a, b = sorted(prices)[:2]\n        return money if a + b > money else money - a - b\n"},
	{"2785", "by indices", "pass", "class Solution:\n    def semiOrderedPermutation(self, nums: List[int]) -> int:\n        i, j, n = nums.index(1), nums.index(len(nums)), len(nums)\n        return i + n - 1 - j - (i > j)\n"},
	{"2791", "a set", "pass", "class Solution:\n    def circularGameLosers(self, n: int, k: int) -> List[int]:\n        seen, at, step = set(), 0, 0\n        while at not in seen:\n            seen.add(at)\n            step += k\n            at = (at + step) % n\n        return [i + 1 for i in range(n) if i not in seen]\n"},
	{"2800", "a stack", "pass", "class Solution:\n    def minLength(self, s: str) -> int:\n        stack = []\n        for c in s:\n            if stack and stack[-1] + c in ('AB', 'CD'):\n                stack.pop()\n            else:\n                stack.append(c)\n        return len(stack)\n"},
	{"2819", "stripped", "pass", "class Solution:\n    removeTrailingZeros = lambda self, num: num.rstrip('0')\n"},
	{"2824", "permuted digits", "pass", "class Solution:\n    def isFascinating(self, n: int) -> bool:\n        return ''.join(sorted(f'{n}{2 * n}{3 * n}')) == '123456789'\n"},
	{"2831", "greatest divisors", "pass", "class Solution:\n    def countBeautifulPairs(self, nums: List[int]) -> int:\n        return sum(gcd(int(str(a)[0]), b % 10) == 1 for a, b in combinations(nums, 2))\n"},
	{"2847", "words turned around", "pass", "class Solution:\n    def maximumNumberOfStringPairs(self, words: List[str]) -> int:\n        return len(words) - len({min(w, w[::-1]) for w in words})\n"},
	{"2876", "a sum of bools", "pass", "class Solution:\n    def numberOfEmployeesWhoMetTarget(self, hours, target):\n        return sum(map(target.__le__, hours))\n"},
	{"2902", "digits as a key", "pass", "class Solution:\n    def maxSum(self, nums: List[int]) -> int:\n        by = defaultdict(list)\n        for x in nums:\n            insort(by[max(str(x))], x)\n        return max((sum(v[-2:]) for v in by.values() if len(v) > 1), default=-1)\n"},
	{"3188", "a maximum by a key", "pass", "class Solution:\n    def findChampion(self, grid: List[List[int]]) -> int:\n        return max(range(len(grid)), key=lambda i: sum(grid[i]))\n"},
	{"3227", "sums", "pass", "import itertools\nclass Solution:\n    def findMissingAndRepeatedValues(self, grid):\n        flat = list(itertools.chain.from_iterable(grid))\n        twice = next(x for x in flat if flat.count(x) == 2)\n        return [twice, *set(range(1, len(flat) + 1)).difference(flat)]\n"},
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
