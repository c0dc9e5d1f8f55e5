# evalplus 0.3.1's own sanitize, natively: JSON lines {"text", "entry"} in, the
# same with "program" out. Wants evalplus, tree-sitter and tree-sitter-python;
# evalplus's data and colours are not needed, and stay out.

import json
import sys
import types
import warnings

for name, wanted in {
    "evalplus.data": ["get_human_eval_plus", "get_mbpp_plus", "load_solutions", "write_directory", "write_jsonl"],
    "termcolor": ["colored"],
}.items():
    sys.modules[name] = types.ModuleType(name)
    for item in wanted:
        setattr(sys.modules[name], item, None)

from evalplus.sanitize import sanitize

warnings.simplefilter("ignore")
for line in sys.stdin:
    row = json.loads(line)
    print(json.dumps({**row, "program": sanitize(row["text"], row["entry"])}), flush=True)
