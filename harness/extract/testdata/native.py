# Extraction on the machine's own Python: rows as oracle.py takes and gives them.

import json
import runpy
import sys

sanitize = runpy.run_path(sys.argv[1])["sanitize"]
for line in sys.stdin:
    row = json.loads(line)
    print(json.dumps({**row, "program": sanitize(row["text"], row["entry"])}))
