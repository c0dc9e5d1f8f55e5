# Runs before the image is taken: what Python code can do so that programs see a
# 64-bit machine. The rest is done by the patches of wide.go.

import bisect
import sys

import numpy
from numpy._core import _type_aliases, arrayprint
from numpy.lib import _iotools


def widen():
    sys.maxsize = 2**63 - 1
    widen_numpy({numpy.int_: numpy.int64, numpy.uint: numpy.uint64})


def widen_numpy(wide):
    """The names of the default integer, which the patches have made 64 bits wide."""
    for scope in [vars(m) for name, m in sys.modules.items() if name.partition(".")[0] == "numpy"] + [
        _type_aliases.allTypes,
        _type_aliases.sctypeDict,
    ]:
        for name in ("int_", "int", "uint"):
            if scope.get(name) in wide:
                scope[name] = wide[scope[name]]
    _type_aliases.sctypeDict.update(long=numpy.int64, ulong=numpy.uint64)  # randint's own default
    # Indices are still of numpy's narrow intp. They are written as natively.
    arrayprint._typelessdata.append(numpy.int64)
    mapper = _iotools.StringConverter._mapper
    mapper[:] = [entry for entry in mapper if entry[0] not in wide]


def search(source):
    """What a range longer than a size is bisected by has a key. A program that has
    none of both words pays nothing for it."""
    if b"bisect" in source and b"key" in source:
        for name, function in SEARCHES.items():
            setattr(bisect, name, function)


def searches():
    """The functions of bisect, which go on in Python where those in C can't."""
    compiled, sys.modules["_bisect"] = sys.modules.pop("_bisect", None), None
    kept = sys.modules.pop("bisect")
    pure = __import__("bisect")
    sys.modules["bisect"], sys.modules["_bisect"] = kept, compiled
    return {name: going_on(getattr(kept, name), getattr(pure, name)) for name in ("bisect", "bisect_left", "bisect_right")}


def going_on(narrow, wide):
    def search(a, x, lo=0, hi=None, *, key=None):
        if type(a) is not range:
            return narrow(a, x, lo, hi, key=key)
        return wide(a, x, lo, hi, key=key)

    search.__name__ = search.__qualname__ = narrow.__name__
    search.__module__, search.__doc__ = narrow.__module__, narrow.__doc__
    return search


SEARCHES = searches()
widen()
