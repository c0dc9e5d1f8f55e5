"""The switch "bigcodebench": names and defaults that the suite's tests expect.

They were written for Python 3.10, numpy 1.21, pandas 2.0, scipy 1.7, matplotlib
3.7 and scikit-learn 1.3 on a 64-bit machine. Each function below gives back
what a later version removed, renamed or defaults otherwise, under the old name
or default; none changes what is computed. Imported last, once, when the image
is made.
"""

import functools
import inspect
import unittest


def default(owner, name, **defaults):
    """Give a function other defaults for keyword arguments."""
    made = getattr(owner, name)

    @functools.wraps(made)
    def call(*args, **kwargs):
        return made(*args, **{**defaults, **kwargs})

    setattr(owner, name, call)


def renamed(owner, name, old, new):
    """Let a function take an argument by its old name too."""
    made = getattr(owner, name)

    @functools.wraps(made)
    def call(*args, **kwargs):
        if old in kwargs:
            kwargs[new] = kwargs.pop(old)
        return made(*args, **kwargs)

    call.__signature__ = inspect.signature(made)
    setattr(owner, name, call)


def unittest_names():
    """Removed in Python 3.12."""
    case = unittest.TestCase
    for old, new in {
        "failUnlessEqual": "assertEqual", "assertEquals": "assertEqual", "failIfEqual": "assertNotEqual",
        "assertNotEquals": "assertNotEqual", "failUnless": "assertTrue", "assert_": "assertTrue",
        "failIf": "assertFalse", "failUnlessRaises": "assertRaises", "assertAlmostEquals": "assertAlmostEqual",
        "assertNotAlmostEquals": "assertNotAlmostEqual", "assertRegexpMatches": "assertRegex",
        "assertNotRegexpMatches": "assertNotRegex", "assertRaisesRegexp": "assertRaisesRegex",
    }.items():
        setattr(case, old, vars(case)[new])

    def assertDictContainsSubset(self, subset, dictionary, msg=None):
        self.assertEqual({**dictionary, **subset}, dict(dictionary), msg)

    case.assertDictContainsSubset = assertDictContainsSubset


def pkgutil_names():
    """Removed in Python 3.14."""
    import importlib.util
    import pkgutil

    def find_loader(fullname):
        spec = importlib.util.find_spec(fullname)
        return spec and spec.loader

    def get_loader(module):
        if inspect.ismodule(module):
            return module.__spec__ and module.__spec__.loader
        return find_loader(module)

    pkgutil.find_loader, pkgutil.get_loader = find_loader, get_loader


def numpy_names():
    """Removed in numpy 1.24 and 2.0; and an index into what has no dimension."""
    import numpy

    names = {
        "int": int, "float": float, "complex": complex, "object": object, "str": str,
        "float_": numpy.float64, "complex_": numpy.complex128, "string_": numpy.bytes_, "unicode_": numpy.str_,
        "NaN": numpy.nan, "NAN": numpy.nan, "Inf": numpy.inf, "Infinity": numpy.inf, "infty": numpy.inf,
        "PINF": numpy.inf, "NINF": -numpy.inf, "product": numpy.prod, "cumproduct": numpy.cumprod,
        "alltrue": numpy.all, "sometrue": numpy.any, "row_stack": numpy.vstack, "round_": numpy.round,
        "trapz": numpy.trapezoid,
        "in1d": lambda *args, **kwargs: numpy.isin(*args, **kwargs).ravel(),
    }
    for name, value in names.items():
        if name not in vars(numpy):
            setattr(numpy, name, value)

    where, nonzero = numpy.where, numpy.nonzero

    @functools.wraps(where)
    def where_of_scalar(condition, *args):
        return where(condition, *args) if args else nonzero_of_scalar(condition)

    @functools.wraps(nonzero)
    def nonzero_of_scalar(a):
        return nonzero(a if numpy.ndim(a) else numpy.atleast_1d(a))

    numpy.where, numpy.nonzero = where_of_scalar, nonzero_of_scalar


def numpy_integers():
    """int is numpy's 64-bit integer, as on a 64-bit machine, where it is asked for
    by that name: in numpy.random.randint, and in pandas's astype."""
    import numpy
    import pandas

    randint = numpy.random.randint

    @functools.wraps(randint)
    def wide_randint(low, high=None, size=None, dtype=int):
        drawn = randint(low, high, size, numpy.int64 if dtype is int else dtype)
        return drawn if type(drawn) is not numpy.int64 else int(drawn)

    numpy.random.randint = wide_randint

    def wide(dtype):
        if isinstance(dtype, dict):
            return {key: wide(kind) for key, kind in dtype.items()}
        return "int64" if dtype is int or isinstance(dtype, str) and dtype == "int" else dtype

    for kind in (pandas.core.generic.NDFrame, pandas.Index):
        astype = kind.astype

        def wide_astype(self, dtype, *args, astype=astype, **kwargs):
            return astype(self, wide(dtype), *args, **kwargs)

        kind.astype = functools.wraps(astype)(wide_astype)


def pandas_names():
    """Before pandas 3.0 strings were objects, times had nanoseconds, offsets other
    names, and texts could be read as files."""
    import io

    import pandas

    pandas.options.future.infer_string = False
    pandas.DataFrame.applymap = pandas.DataFrame.map

    def text_as_file(owner, name, starts):
        read = getattr(owner, name)

        @functools.wraps(read)
        def call(source, *args, **kwargs):
            if isinstance(source, str) and source.lstrip()[:1] in starts:
                source = io.StringIO(source)
            return read(source, *args, **kwargs)

        setattr(owner, name, call)

    text_as_file(pandas, "read_json", ("[", "{"))
    text_as_file(pandas, "read_html", ("<",))

    offsets = {
        "M": "ME", "BM": "BME", "SM": "SME", "CBM": "CBME", "Q": "QE", "BQ": "BQE", "A": "YE", "Y": "YE",
        "BA": "BYE", "BY": "BYE", "AS": "YS", "H": "h", "BH": "bh", "T": "min", "S": "s", "L": "ms", "U": "us", "N": "ns",
    }

    def offset(freq):
        if not isinstance(freq, str):
            return freq
        head = freq.rstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ-")
        name, dash, anchor = freq[len(head):].partition("-")
        return head + offsets.get(name, name) + dash + anchor

    def frequency(owner, name, place, keyword):
        made = getattr(owner, name)

        @functools.wraps(made)
        def call(*args, **kwargs):
            if len(args) > place:
                args = (*args[:place], offset(args[place]), *args[place + 1:])
            if keyword in kwargs:
                kwargs[keyword] = offset(kwargs[keyword])
            return made(*args, **kwargs)

        setattr(owner, name, call)

    frequency(pandas, "date_range", 3, "freq")
    frequency(pandas.Series, "resample", 1, "rule")
    frequency(pandas.DataFrame, "resample", 1, "rule")
    frequency(pandas.Series, "asfreq", 1, "freq")
    frequency(pandas.DataFrame, "asfreq", 1, "freq")
    default(pandas, "date_range", unit="ns")

    to_datetime = pandas.to_datetime

    @functools.wraps(to_datetime)
    def nanoseconds(*args, **kwargs):
        out = to_datetime(*args, **kwargs)
        try:
            kind = getattr(out, "dtype", None)
            if isinstance(out, pandas.Series) and kind.kind == "M":
                return out.dt.as_unit("ns")
            if isinstance(out, pandas.DatetimeIndex):
                return out.as_unit("ns")
        except pandas.errors.OutOfBoundsDatetime:
            pass
        return out

    pandas.to_datetime = nanoseconds


def scipy_names():
    """Before scipy 1.11 mode kept the axis that it went along."""
    import scipy.stats

    default(scipy.stats, "mode", keepdims=True)


def sklearn_names():
    """Renamed in scikit-learn 1.2."""
    from sklearn.preprocessing import OneHotEncoder

    renamed(OneHotEncoder, "__init__", "sparse", "sparse_output")


def matplotlib_names():
    """Renamed in matplotlib 3.9; and before 3.8 a mesh's values stood in a row."""
    from matplotlib.axes import Axes
    from matplotlib.collections import QuadMesh

    renamed(Axes, "boxplot", "labels", "tick_labels")
    get_array = QuadMesh.get_array

    @functools.wraps(get_array)
    def in_a_row(self):
        values = get_array(self)
        return values if values is None else values.ravel()

    QuadMesh.get_array = in_a_row


def settle():
    """An image holds no open file: matplotlib's fonts are open until forgotten."""
    import matplotlib
    import matplotlib.font_manager
    import matplotlib.pyplot

    matplotlib.use("agg")
    matplotlib.font_manager._get_font.cache_clear()
    matplotlib.pyplot.close("all")


for _change in (
    unittest_names, pkgutil_names, numpy_names, numpy_integers, pandas_names,
    scipy_names, sklearn_names, matplotlib_names, settle,
):
    _change()
