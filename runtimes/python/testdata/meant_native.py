"""What this Python says to programs: JSON of sources in, of [stdout, error type] out."""

import contextlib
import io
import json
import sys
import types
import warnings

warnings.simplefilter("ignore")


def ending(source):
    module = sys.modules["__main__"] = types.ModuleType("__main__")
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        try:
            exec(compile(source, "solution.py", "exec", 0, True), vars(module))
        except Exception as error:
            return [out.getvalue(), type(error).__name__]
    return [out.getvalue(), ""]


json.dump([ending(source) for source in json.load(sys.stdin)], sys.stdout)
