# Extraction on the machine's own Python: rows as oracle.py takes and gives them.

import json
import runpy
import sys

module = runpy.run_path(sys.argv[1])


def sanitize(row):
    return {"program": module["sanitize"](row["text"], row["entry"])}


def best(row):
    program, wrong = module["best"](row["text"], row["entry"], row["prompt"])
    return {"program": program, "why": wrong}


def apart(row):
    program, tests = module["apart"](row["text"])
    return {"program": program, "tests": tests}


rule = {"sanitize.py": sanitize, "best.py": best}.get(sys.argv[-1], apart)
for line in sys.stdin:
    row = json.loads(line)
    print(json.dumps({**row, **rule(row)}))
