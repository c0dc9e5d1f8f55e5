"""Judges the starter suite by the host's Python, as a check on the suite.

Prints a line for everything that is not as it should be. Candidates run in
forks of their own and under a count of the lines that they execute: no clock.
"""
import ast
import json
import os
import sys

sys.set_int_max_str_digits(0)

MAX_LINES = 400_000
MAX_OUTPUT = 4 << 20
PLAIN = (type(None), bool, int, float, str, list, tuple, set, frozenset, dict)


class OutOfFuel(BaseException):
    pass


class OutOfOutput(BaseException):
    pass


class Output:
    written = 0

    def write(self, text):
        self.written += len(text)
        if self.written > MAX_OUTPUT:
            raise OutOfOutput

    def flush(self):
        pass


def metered():
    """A trace function that ends what executes too many lines."""
    left = MAX_LINES

    def trace(frame, event, arg):
        nonlocal left
        left -= 1
        if left < 0:
            raise OutOfFuel
        return trace

    return trace


def is_plain(x):
    if type(x) in (list, tuple, set, frozenset):
        return all(map(is_plain, x))
    if type(x) is dict or type(x).__name__ == "Counter":
        return all(is_plain(k) and is_plain(v) for k, v in x.items())
    return type(x) in PLAIN


def close(a, b, atol):
    if type(a) is not type(b):
        return False
    if type(a) is list:
        return len(a) == len(b) and all(abs(x - y) <= atol for x, y in zip(a, b))
    return type(a) is float and abs(a - b) <= atol


def run_set(program, problem, inputs, expected):
    try:
        space = {}
        exec(compile(program, "solution.py", "exec"), space)
        for args, want in zip(inputs, expected):
            got = space[problem["entry_point"]](*args)
            if not is_plain(got):
                return "bad_value"
            if not (got == want or problem["atol"] and close(got, want, problem["atol"])):
                return "wrong_answer"
        return "pass"
    except SyntaxError:
        return "syntax_error"
    except SystemExit:
        return "no_result"
    except OutOfFuel:
        return "out_of_fuel"
    except OutOfOutput:
        return "output_limit"
    except Exception:
        return "exception"


def in_fork(*args):
    """run_set in a process of its own, which may end as it likes."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        sys.stdout = Output()
        sys.settrace(metered())
        verdict = run_set(*args)
        sys.settrace(None)
        os.write(write, verdict.encode())
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as pipe:
        verdict = pipe.read()
    os.waitpid(child, 0)
    return verdict or "no_result"


def rows(name):
    with open(name, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def canonical(problem):
    """What the canonical solution gives for each set; the contract must hold."""
    program = problem["prompt"] + problem["canonical_solution"]
    tree = ast.parse(program)
    entry = problem["entry_point"]
    function = next(node for node in tree.body if getattr(node, "name", "") == entry)
    guarded = ast.parse("if True:\n" + problem["contract"]).body[0].body
    function.body[1:1] = guarded
    space = {}
    exec(compile(tree, entry, "exec"), space)
    expected = {s: [space[entry](*args) for args in problem[s]] for s in ("base_input", "plus_input")}
    exec(problem["prompt"] + problem["test"], space)
    space["check"](expected_stand_in(problem, expected))
    return program, expected


def expected_stand_in(problem, expected):
    def candidate(*args):
        return expected["base_input"][problem["base_input"].index(list(args))]

    return candidate


def main():
    problems = {p["task_id"]: p for p in rows("starter/problems.jsonl")}
    samples, verdicts = rows("starter/samples.jsonl"), rows("starter/verdicts.jsonl")
    known = {}
    for task, problem in problems.items():
        program, known[task] = canonical(problem)
        samples.append({"task_id": task, "solution": program})
        verdicts.append({"task_id": task, "about": "canonical", "base": "pass", "plus": "pass"})
    for sample, want in zip(samples, verdicts):
        problem = problems[sample["task_id"]]
        program = sample.get("solution") or problem["prompt"] + sample["completion"]
        for name in ("base", "plus"):
            key = name + "_input"
            got = in_fork(program, problem, problem[key], known[sample["task_id"]][key])
            if got != want[name]:
                print(f"{want['task_id']} ({want['about']}): {name} gets {got}, not {want[name]}")


main()
