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
	{"3", "right", "pass", `
from collections import Counter

n = int(input())
before, now = (Counter(input() for _ in range(n)) for _ in range(2))
print(sum((before - now).values()))
`},
	{"3", "right, sizes crossed out", "pass", `
import sys

def main():
    n, *sizes = sys.stdin.read().split()
    left = sizes[:int(n)]
    for size in sizes[int(n):]:
        if size in left:
            left.remove(size)
    sys.stdout.write(f"{len(left)}\n")

if __name__ == "__main__":
    main()
`},
	{"3", "place by place", "wrong_answer", `
n = int(input())
a = [input() for _ in range(n)]
print(sum(x != input() for x in a))
`},
	{"9", "right", "pass", `
import sys
input = sys.stdin.readline

def find(x):
    while parent[x] != x:
        parent[x] = parent[parent[x]]
        x = parent[x]
    return x

M = 10 ** 9 + 7
n, k = map(int, input().split())
parent, size = list(range(n + 1)), [1] * (n + 1)
for _ in range(n - 1):
    u, v, black = map(int, input().split())
    if not black:
        u, v = find(u), find(v)
        parent[u] = v
        size[v] += size[u]
print((pow(n, k, M) - sum(pow(size[x], k, M) for x in range(1, n + 1) if find(x) == x)) % M)
`},
	{"9", "right, a deep search in a thread", "pass", `
import sys
import threading
from collections import defaultdict

def main():
    data = list(map(int, sys.stdin.buffer.read().split()))
    n, k = data[:2]
    near = defaultdict(list)
    for u, v, black in zip(data[2::3], data[3::3], data[4::3]):
        if black == 0:
            near[u].append(v)
            near[v].append(u)
    seen = set()

    def reach(u):
        seen.add(u)
        return 1 + sum(reach(v) for v in near[u] if v not in seen)

    bad = sum(reach(u) ** k for u in range(1, n + 1) if u not in seen)
    print((n ** k - bad) % 1000000007)

sys.setrecursionlimit(1 << 20)
threading.stack_size(1 << 27)
main = threading.Thread(target=main)
main.start()
main.join()
`},
	{"9", "floats", "wrong_answer", `
import math
n, k = map(int, input().split())
print(int(math.pow(n, k) % (10 ** 9 + 7)))
`},
	{"12", "right", "pass", `
from itertools import accumulate, groupby

n, size = map(int, input().split())
counts = [len(list(g)) for _, g in groupby(sorted(map(int, input().split())))]
most = 1 << min(8 * size // n, 20)
sums = [0, *accumulate(counts)]
print(n - max(sums[min(i + most, len(counts))] - sums[i] for i in range(len(counts))))
`},
	{"12", "bits by a logarithm", "pass", `
import math
from collections import Counter
n, size = map(int, input().split())
c = Counter(map(int, input().split()))
keys = sorted(c)
keep = len(keys)
while keep > 1 and math.ceil(math.log2(keep)) * n > 8 * size:
    keep -= 1
window = sum(c[x] for x in keys[:keep])
best = window
for out, into in zip(keys, keys[keep:]):
    window += c[into] - c[out]
    best = max(best, window)
print(n - best)
`},
	{"12", "nothing fits", "wrong_answer", "n, size = map(int, input().split())\nprint(n - 1)\n"},
	{"14", "right", "pass", `
for _ in range(int(input())):
    n, r = map(int, input().split())
    xs = sorted(set(map(int, input().split())), reverse=True)
    print(sum(x > i * r for i, x in enumerate(xs)))
`},
	{"14", "right, written at the end", "pass", `
import sys, io, atexit
buffer = io.BytesIO()
atexit.register(lambda: sys.stdout.write(buffer.getvalue().decode()))
read = iter(sys.stdin.buffer.read().split()).__next__
for _ in range(int(read())):
    n, r = int(read()), int(read())
    shots = 0
    for x in sorted({int(read()) for _ in range(n)})[::-1]:
        if x <= shots * r:
            break
        shots += 1
    buffer.write(b"%d\n" % shots)
`},
	{"14", "each by itself", "wrong_answer", `
for _ in range(int(input())):
    n, r = map(int, input().split())
    print(len(set(input().split())))
`},
	{"18", "right, by pairs", "pass", `
from functools import reduce
from itertools import combinations
from operator import xor
input()
print(reduce(xor, map(sum, combinations(map(int, input().split()), 2))))
`},
	{"18", "right, bit by bit", "pass", `
from bisect import bisect_left
n = int(input())
a = list(map(int, input().split()))
answer = 0
for k in range(26):
    low = sorted(x & ((2 << k) - 1) for x in a)
    count = 0
    for i, x in enumerate(low):
        for bound, sign in ((1 << k, 1), (2 << k, -1), (3 << k, 1)):
            count += sign * (n - max(i + 1, bisect_left(low, bound - x, i + 1)))
    answer |= (count & 1) << k
print(answer)
`},
	{"18", "an expression of 5,050 terms", "exception", `
n, *a = map(int, open(0).read().split())
print(eval("^".join(f"({x}+{y})" for i, x in enumerate(a) for y in a[i:])))
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
