"""Compares outputs by LiveCodeBench's rule, for the tests to be held against it.

stdout.py < lines of JSON [expected, actual]; prints a line of JSON with a bool for
each. With the path of the peer's own testing_util.py as an argument, the peer's
functions strip the lines and read the numbers.
"""

import importlib.util
import json
import sys
from decimal import Decimal


class Own:
    @staticmethod
    def get_stripped_lines(text):
        return [line.strip() for line in text.strip().split("\n")]

    @staticmethod
    def convert_line_to_decimals(line):
        try:
            return True, [Decimal(word) for word in line.split()]
        except Exception:
            return False, []


def load(path):
    spec = importlib.util.spec_from_file_location("testing_util", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def same(peer, expected, actual):
    want, got = peer.get_stripped_lines(expected), peer.get_stripped_lines(actual)
    if len(want) != len(got):
        return False
    for w, g in zip(want, got):
        if w == g:
            continue
        (ok, w), (ok2, g) = peer.convert_line_to_decimals(w), peer.convert_line_to_decimals(g)
        try:
            if not (ok and ok2 and g == w):
                return False
        except Exception:  # comparing a signalling NaN
            return False
    return True


peer = load(sys.argv[1]) if len(sys.argv) > 1 else Own
print(json.dumps([same(peer, *json.loads(line)) for line in sys.stdin]))
