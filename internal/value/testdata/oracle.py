"""Says what Python itself makes of values, for the tests of this package.

Reads requests and writes answers, each as a length (uint32, little-endian) and
that many bytes. A request is an operation's letter and its argument:

v  two values, tagged, in one list; answers (a == b, bool(a), repr(a),
   the plain form of a or None, the tagged form of a)
j  JSON text; answers the tagged form of json.loads(text), or ("invalid",) if it raises
"""
import json
import marshal
import struct
import sys
from collections import Counter, OrderedDict, defaultdict, deque, namedtuple

sys.set_int_max_str_digits(0)

Row = namedtuple("Row", "a b")


def row(items):
    return Row(*items)


TYPES = {
    "collections.Counter": (Counter, dict),
    "collections.OrderedDict": (OrderedDict, dict),
    "collections.defaultdict": (lambda base: defaultdict(int, base), dict),
    "collections.deque": (deque, list),
    "namedtuple": (row, tuple),
    "range": (lambda base: range(*base), lambda r: (r.start, r.stop, r.step)),
    "bytearray": (bytearray, bytes),
    "dict_keys": (lambda base: dict.fromkeys(base).keys(), list),
    "dict_items": (lambda base: dict(base).items(), list),
}
NAMES = {
    Counter: "collections.Counter",
    OrderedDict: "collections.OrderedDict",
    defaultdict: "collections.defaultdict",
    deque: "collections.deque",
    Row: "namedtuple",
    range: "range",
    bytearray: "bytearray",
    type({}.keys()): "dict_keys",
    type({}.items()): "dict_items",
}


def decode(tree):
    if type(tree) is list:
        return [decode(item) for item in tree]
    if type(tree) is not tuple:
        return tree
    if tree[0] == "typed":
        return TYPES[tree[1]][0](decode(tree[2]))
    items = [decode(item) for item in tree[1]]
    if tree[0] == "dict":
        return dict(zip(items[::2], items[1::2]))
    return {"tuple": tuple, "set": set, "frozenset": frozenset}[tree[0]](items)


def encode(x):
    kind = type(x)
    if kind is list:
        return [encode(item) for item in x]
    if kind in (tuple, set, frozenset):
        return (kind.__name__, [encode(item) for item in x])
    if kind is dict:
        return ("dict", [encode(item) for pair in x.items() for item in pair])
    if kind in NAMES:
        name = NAMES[kind]
        return ("typed", name, encode(TYPES[name][1](x)))
    return x


def plain(x):
    """The plain form, if nothing in x has a buffer."""
    try:
        return marshal.dumps(x, 2)
    except ValueError:
        return None


def values(raw):
    a, b = marshal.loads(raw)
    a, b = decode(a), decode(b)
    return (a == b, bool(a), repr(a), plain(a), marshal.dumps(encode(a), 2))


def from_json(raw):
    try:
        return encode(json.loads(raw.decode()))
    except ValueError:
        return ("invalid",)


OPERATIONS = {"v": values, "j": from_json}


def main():
    stream, out = sys.stdin.buffer, sys.stdout.buffer
    while head := stream.read(4):
        raw = stream.read(struct.unpack("<I", head)[0])
        answer = marshal.dumps(OPERATIONS[chr(raw[0])](raw[1:]), 2)
        out.write(struct.pack("<I", len(answer)) + answer)
        out.flush()


main()
