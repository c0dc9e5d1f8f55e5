# Runs once, before the image is taken: what every program then finds done.

import builtins
import gc
import random
import sys
from _host import call

HEAD_ROOM = 48 << 20  # bytes: memory that most programs need not ask for


def boot():
    native = call(b"native")
    if native:
        exec(compile(native, "<assay>", "exec", 0, True), {"__builtins__": builtins, "__name__": "assay native"})
    driver = {"__builtins__": dict(vars(builtins)), "__name__": "assay"}
    exec(compile(call(b"driver"), "<assay>", "exec", 0, True), driver)
    wide = {"__builtins__": dict(vars(builtins)), "__name__": "wide"}
    exec(compile(call(b"wide"), "<wide>", "exec", 0, True), wide)
    driver["search"] = wide["search"]
    for name in call(b"imports").decode().split():
        __import__(name)
    vars(sys.modules["__main__"])["assay"] = driver["serve"]
    wake_nobody()
    if "remember" in driver:
        driver["remember"]()


def wake_nobody():
    """An event loop wants a pair of sockets, by which other threads wake it."""
    from asyncio.selector_events import BaseSelectorEventLoop as loop

    for name in ("_make_self_pipe", "_close_self_pipe", "_write_to_self"):
        getattr(loop, name)  # the same names as long as they are there
        setattr(loop, name, lambda self: None)


boot()
room = bytearray(HEAD_ROOM)
del room
random.seed(0)
gc.collect()
gc.freeze()
