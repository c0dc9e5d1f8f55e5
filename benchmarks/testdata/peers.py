"""Says what evalplus 0.3.1 does, for the tests to be held against it.

peers.py inputs DATASET < lines of: task, set, index, repr (tab-separated)
    compares each repr with that of evalplus's deserialised input; the values
    where there are sets, whose items have no order. Prints what differs.
peers.py rules < lines of JSON {"dataset", "entry", "atol", "inputs", "expected", "actual"}
    the last three as Python source of lists. Prints, for each line, the list of
    booleans that evalplus's check records.
peers.py scripts < lines of JSON {"id", "entry", "canonical", "helpers", "test", "shared"}
    runs each test on the canonical program, in a namespace of its own unless
    shared. Prints the id and the error of each that fails.
"""

import contextlib
import io
import json
import sys
import types

# evalplus.data imports it for EvalPerf, which is not needed here.
sys.modules.setdefault("datasets", types.SimpleNamespace(load_dataset=None))

NAMES = {"inf": float("inf"), "nan": float("nan")}


def inputs(dataset):
    from evalplus.data.mbpp import mbpp_deserialize_inputs
    from evalplus.data.utils import stream_jsonl

    problems = {row["task_id"]: row for row in stream_jsonl(dataset)}
    peers = {
        (task, name): [list(i) for i in mbpp_deserialize_inputs(task, row[name + "_input"])]
        for task, row in problems.items()
        for name in ("base", "plus")
    }
    total = sum(map(len, peers.values()))
    seen = 0
    for line in sys.stdin:
        task, name, index, text = line.rstrip("\n").split("\t")
        seen += 1
        peer = peers[task, name][int(index)]
        if repr(peer) != text and not (task == "Mbpp/115" and eval(text) == peer):
            print("differs:", task, name, index)
    print(f"compared {seen} of {total}")


def rules():
    from evalplus.eval import untrusted_check

    for line in sys.stdin:
        case = json.loads(line)
        given, expected = (eval(case[k], dict(NAMES)) for k in ("inputs", "expected"))
        code = (
            "inf, nan = float('inf'), float('nan')\n"
            f"answers = iter({case['actual']})\n"
            f"def {case['entry']}(*args):\n    return next(answers)\n"
        )
        _, details = untrusted_check(
            case["dataset"], code, given, case["entry"], expected, case["atol"],
            [0.1] * len(given), fast_check=False,
        )
        print(json.dumps([bool(d) for d in details]), flush=True)


def scripts():
    for line in sys.stdin:
        case = json.loads(line)
        candidate, tester = {}, {}
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                exec(case["canonical"], candidate)
                if case["shared"]:
                    tester = candidate
                exec(case["helpers"], tester)
                tester[case["entry"]] = candidate[case["entry"]]
                exec(case["test"], tester)
        except BaseException as error:
            print(case["id"], type(error).__name__, error)
    print("ran")


if __name__ == "__main__":
    sys.setrecursionlimit(10000)
    {"inputs": inputs, "rules": rules, "scripts": scripts}[sys.argv[1]](*sys.argv[2:])
