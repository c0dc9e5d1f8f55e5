# The tagged form of values that marshal has no words for. Package value defines
# it; `encode` writes it, `revive` reads it back inside an interpreter.
#
# What a candidate answered comes alive beside a test as plain values: none of it
# decides how it is compared.

import builtins
from collections import Counter, OrderedDict, defaultdict, deque
from marshal import dumps, loads

DEPTH = 200  # nesting of a value; the host's decoder has its own, final say

ATOMS = frozenset(map(type, (None, True, 0, 0.0, 0j, "", b"")))

NUMPY_FLOATS = frozenset(("float16", "float32", "float64", "longdouble"))
NUMPY_COMPLEX = frozenset(("complex64", "complex128", "clongdouble"))
NUMPY_LONG = frozenset(("longdouble", "clongdouble"))
NUMPY_OTHERS = frozenset(
    ("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
     "longlong", "ulonglong")
)


class Refused(Exception):
    """A value that the encoding has no word for."""


def encode(x, iterate=False, depth=0):
    """The tagged form of x. With iterate, an iterator is used up and sent as its items."""
    kind = type(x)
    if kind in ATOMS:
        return x
    if depth > DEPTH:
        raise Refused("nested more than %d deep" % DEPTH)
    depth += 1
    writer = WRITERS.get(kind)
    if writer is not None:
        return writer(x, depth)
    if is_namedtuple(kind):
        return ("typed", "namedtuple", tuple_form(tuple.__iter__(x), depth))
    if getattr(kind, "__module__", None) == "numpy":
        form = numpy_form(x, kind.__name__, depth)
        if form is not None:
            return form
    if iterate and hasattr(kind, "__next__"):
        return ("typed", "iterator", items(x, depth))
    return ("opaque", type_name(kind), truth(x, kind))


def items(x, depth):
    return [encode(i, False, depth) for i in x]


def tuple_form(x, depth):
    return ("tuple", items(x, depth))


def dict_form(pairs, depth):
    flat = []
    for key, item in pairs:
        flat.append(encode(key, False, depth))
        flat.append(encode(item, False, depth))
    return ("dict", flat)


def typed(name, form):
    """A writer for one exact type: its name, and how its base is written."""
    return lambda x, depth: ("typed", name, form(x, depth))


WRITERS = {
    list: items,
    tuple: tuple_form,
    set: lambda x, depth: ("set", items(x, depth)),
    frozenset: lambda x, depth: ("frozenset", items(x, depth)),
    dict: lambda x, depth: dict_form(x.items(), depth),
    Counter: typed("collections.Counter", lambda x, depth: dict_form(dict.items(x), depth)),
    defaultdict: typed("collections.defaultdict", lambda x, depth: dict_form(x.items(), depth)),
    OrderedDict: typed("collections.OrderedDict", lambda x, depth: dict_form(x.items(), depth)),
    deque: typed("collections.deque", items),
    range: typed("range", lambda x, depth: ("tuple", [x.start, x.stop, x.step])),
    type({}.keys()): typed("dict_keys", items),
    type({}.values()): typed("dict_values", items),
    type({}.items()): typed("dict_items", items),
    bytearray: typed("bytearray", lambda x, depth: bytes(x)),
}


def type_form(x, depth):
    """In the arguments of a call a built-in type goes by its name."""
    if vars(builtins).get(x.__name__) is x:
        return ("type", x.__name__)
    return ("opaque", "type", True)


def is_namedtuple(kind):
    """Whether collections.namedtuple made the class; a subclass of one is not."""
    return (
        type(kind) is type
        and kind.__bases__ == (tuple,)
        and "_fields" in vars(kind)
        and "_make" in vars(kind)
        and "__eq__" not in vars(kind)
    )


def numpy_form(x, name, depth):
    if name in NUMPY_OTHERS:
        base = x.item()
    elif name == "str_":
        base = str.__str__(x)  # item() would leave out NULs at its end
    elif name == "bytes_":
        base = bytes.__getitem__(x, slice(None))
    elif name in NUMPY_FLOATS:
        base = float(x)
    elif name in NUMPY_COMPLEX:
        base = complex(x)
    elif name == "ndarray":
        return ("typed", "numpy.ndarray:" + str(x.dtype)[:200], encode(x.tolist(), False, depth))
    else:
        return None
    if name in NUMPY_LONG and base == base and base != x:
        raise Refused("numpy." + name + " beyond the precision of a float")
    return ("typed", "numpy." + name, base)


def type_name(kind):
    name, module = kind.__qualname__, getattr(kind, "__module__", None)
    if type(module) is str and module != "builtins":
        name = module + "." + name
    return str(name)[:200]


def truth(x, kind):
    try:
        return bool(x)
    except Exception:
        raise Refused(type_name(kind) + " is neither true nor false") from None


def revive(form, numpys):
    """The value whose tagged form this is. numpys makes what is numpy's."""
    kind = type(form)
    if kind is list:
        return [revive(i, numpys) for i in form]
    if kind is not tuple:
        return form
    tag = form[0]
    if tag == "typed":
        make = REVIVERS.get(form[1])
        base = revive(form[2], numpys)
        return numpys(form[1].removeprefix("numpy."), base) if make is None else make(base)
    if tag == "opaque":
        return Opaque(form[1], form[2])
    if tag == "type":
        return vars(builtins)[form[1]]
    if tag == "dict":
        flat = revive(form[1], numpys)
        return dict(zip(flat[::2], flat[1::2]))
    return {"tuple": tuple, "set": set, "frozenset": frozenset}[tag](revive(form[1], numpys))


REVIVERS = {
    "collections.Counter": Counter,
    "collections.defaultdict": lambda base: defaultdict(None, base),
    "collections.OrderedDict": OrderedDict,
    "collections.deque": deque,
    "namedtuple": tuple,
    "range": lambda base: range(*base),
    "dict_keys": lambda base: dict.fromkeys(base).keys(),
    "dict_values": lambda base: dict(enumerate(base)).values(),
    "dict_items": lambda base: dict(base).items(),
    "bytearray": bytearray,
    "iterator": iter,
}


def numpy_alive(name, base):
    """numpy's own, for a candidate that a test hands it to."""
    import numpy

    if name.startswith("ndarray:"):
        return numpy.array(base, dtype=name.partition(":")[2])
    return getattr(numpy, name)(base)


def numpy_plain(name, base):
    """What a test gets in its place: numpy would round what a narrow number is
    compared with to the number's own precision, and ints to floats. The items of
    an array are plain ones; a truth value is no bool, nor is numpy's (x is True)."""
    if name == "bool":
        return int(base)
    if not name.startswith("ndarray:"):
        return base
    import numpy

    return numpy.array(base, dtype=object)


class Compared(BaseException):
    """The test asked an opaque value for more than its truth."""


class Opaque:
    """Stands in the test for a value that has no encoding: it can be told from
    None and tested for truth."""

    def __init__(self, name, true):
        self.__dict__["name"], self.__dict__["true"] = name, true

    def __bool__(self):
        return self.true

    def refuse(self, *_):
        raise Compared(self.name)

    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = refuse
    __hash__ = __iter__ = __next__ = __len__ = __contains__ = refuse
    __getattr__ = __getitem__ = __call__ = __int__ = __float__ = __str__ = __repr__ = refuse
