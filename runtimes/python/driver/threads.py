# Threads, where there is one stack. A thread that is started runs to its end on
# top of the stack of the one that let it: at start() itself where nothing in it
# can wait, else when another thread waits or sleeps. Those that are ready run in
# the order of their starts. What waits goes on when what it waits for is there and
# nothing lies above it.
#
# A thread that waits above one that could go on is taken off the stack when
# nothing is lost by it: a daemon's, or one that has come to its wait by loads
# alone ("while True: item = q.get()"), which starts again when there is something
# for it. Else it is a deadlock here, and a RuntimeError says so.
#
# Run once, when the image is made, before anything imports threading.

import _thread
import dis
import sys
import time
from collections import deque

import threading

monotonic, real_sleep = time.monotonic, time.sleep
DEPTH = 30  # threads on the stack from which on none is run by start()
SCANNED = 200  # functions that are looked at for waits
FIRST = 1 << 20  # ident of the first thread


class Handle:
    """What threading asks of a thread's handle, and what the scheduler knows of it."""

    def __init__(self, function=None, code=None):
        self.ident, self.function, self.code, self.thread = 0, function, code, None
        self.daemon = self.done = self.dropped = False
        self.notified = None  # the condition that a parked thread waits for, and by what lock

    def is_done(self):
        if not self.done:
            yield_()  # a loop may ask until it is
        return self.done

    def _set_done(self):
        self.done = True

    def join(self, timeout=None):
        wait(lambda: self.done, None if timeout is None or timeout < 0 else timeout)


class Dropped(BaseException):
    """Takes a thread off the stack."""


class Wait:
    """What a thread on the stack waits for."""

    __slots__ = ("ready", "end")

    def __init__(self, ready, end=None):
        self.ready, self.end = ready, end


def yes():
    return True


stack = [Handle()]
stack[0].ident = _thread.get_ident()
waits = []  # of the threads on the stack, lowest first
queued = deque()  # threads that were started and have not run
parked = []  # (thread, what it waits for): ready from then on
idents = FIRST
living = 0  # threads that the program's end waits for
held = 0  # locks that are held


def get_ident():
    return stack[-1].ident


def begin(handle, inline):
    """A new thread. It runs at once if nothing that it could wait for needs others."""
    global idents, living
    handle.ident = idents
    idents += 1
    living += not handle.daemon
    if handle.thread is not None:
        handle.thread._ident = handle.ident
    if inline and not handle.daemon and not held and len(stack) < DEPTH:
        waits.append(Wait(yes))
        try:
            run(handle)
        finally:
            waits.pop()
    else:
        queued.append(handle)


def run(handle):
    global living
    stack.append(handle)
    try:
        handle.function()
    except Dropped:
        if handle.notified is not None:  # it is parked: a notification is still for it
            condition, by = handle.notified
            condition._waiters.append(by)
            handle.notified = None
        return
    finally:
        stack.pop()
    handle.done, handle.function = True, None
    living -= not handle.daemon


def run_next():
    """Run a thread that can; false if there is none."""
    for i, (handle, until) in enumerate(parked):
        if until.ready() or until.end is not None and monotonic() >= until.end:
            del parked[i]
            run(handle)
            return True
    if queued:
        run(queued.popleft())
        return True
    return False


def yield_():
    """Let the others run that can."""
    if queued or parked:
        waits.append(Wait(yes))
        try:
            while run_next():
                pass
        finally:
            waits.pop()


def wait(ready, timeout=None):
    """Let others run until ready() says yes, or for so many seconds; then false."""
    me = stack[-1]
    own = Wait(ready, None if timeout is None else monotonic() + timeout)
    waits.append(own)
    try:
        while not ready():
            if me.dropped:
                raise Dropped
            if own.end is not None and monotonic() >= own.end:
                return False
            if not run_next():
                idle(me, own)
        return True
    finally:
        waits.pop()


def idle(me, own):
    """Nobody can run above this wait: time passes, or the thread leaves the stack."""
    ends = [w.end for _, w in parked if w.end is not None]
    if own.end is not None:
        ends.append(own.end)
    first = min(ends, default=None)
    below = waits[:-1]
    if any(w.ready() or w.end is not None and (first is None or w.end < first) for w in below):
        if own.end is None and resumes(me):
            parked.append((me, own))
            if me.thread is not None:
                threading._limbo[me.thread] = me.thread
            raise Dropped
        if me.daemon:
            me.dropped, me.notified = True, None
            raise Dropped
        if own.end is None:
            deadlock("this thread waits for one that waits below it on the only stack there is")
    if first is None:
        deadlock("no thread is left that could end this wait")
    real_sleep(max(first - monotonic(), 0))


def deadlock(what):
    """End a wait that natively would not end, and the program with the same."""
    stuck.append(RuntimeError("deadlock: " + what))
    raise stuck[-1]


stuck = []

# Instructions that leave no trace.
PURE = ("LOAD_", "RESUME", "NOP", "PUSH_NULL", "COPY_FREE_VARS", "CACHE", "TO_BOOL", "POP_JUMP_", "NOT_TAKEN")


def resumes(me):
    """Whether to start the thread again is to go on at its wait."""
    frame, me.notified = sys._getframe(2), None
    while frame is not None and frame.f_globals.get("__name__") in INNER:
        if frame.f_code is condition_wait:
            me.notified = frame.f_locals["self"], frame.f_locals["waiter"]
        frame = frame.f_back
    if frame is None or frame.f_code is not me.code or frame.f_back.f_globals.get("__name__") not in INNER:
        return False
    at = frame.f_lasti
    if any(start <= at < end for start, end, *_ in dis._parse_exception_table(me.code)):
        return False
    return all(i.opname.startswith(PURE) for i in dis.get_instructions(me.code) if i.offset < at)


condition_wait = threading.Condition.wait.__code__
INNER = ("threading", "queue", "assay native")

# Names by which a function waits for what another thread does.
WAITING = frozenset("acquire as_completed get put result select sleep wait wait_for".split())


def may_wait(function):
    """Whether a function, or one of the program's that it can call by name, waits."""
    seen, todo = set(), [function]
    while todo:
        function = todo.pop()
        function = getattr(function, "func", function)  # of a partial
        owner = getattr(function, "__self__", None)
        function = getattr(function, "__func__", function)
        code = getattr(function, "__code__", None)
        if code is None or code in seen:
            continue
        if len(seen) == SCANNED:
            return True
        seen.add(code)
        names = names_of(code)
        if not names.isdisjoint(WAITING):
            return True
        known = [function.__globals__.get(name) for name in names]
        known += [vars(kind).get(name) for kind in type(owner).__mro__ for name in names if name in vars(kind)]
        for cell in function.__closure__ or ():
            try:
                known.append(cell.cell_contents)
            except ValueError:
                pass
        todo += [f for f in known if hasattr(f, "__code__") and f.__globals__ is function.__globals__]
    return False


def names_of(code):
    names = set(code.co_names)
    for const in code.co_consts:
        if type(const) is type(code):
            names |= names_of(const)
    return names


def start_joinable_thread(function, handle=None, daemon=True):
    handle = handle or Handle()
    thread = getattr(function, "__self__", None)
    handle.function, handle.daemon = function, daemon
    target = function
    if isinstance(thread, threading.Thread):
        thread._started.set()
        target = thread.run
        if type(thread).run is threading.Thread.run:
            target = thread._target
        if type(thread) is threading.Timer:
            wake_later(handle, thread)
            return handle
        handle.thread, called = thread, (thread._target, thread._args, thread._kwargs)

        def call():
            thread._target, thread._args, thread._kwargs = called  # run() deletes them
            function()

        handle.function = call
    handle.code = getattr(target, "__code__", None)
    begin(handle, not may_wait(target))
    return handle


def wake_later(handle, timer):
    """A timer is ready when it is due or cancelled: it waits off the stack."""
    global idents, living
    handle.ident = timer._ident = idents
    idents += 1
    living += not handle.daemon
    parked.append((handle, Wait(timer.finished.is_set, monotonic() + timer.interval)))


def timer_run(self):
    if not self.finished.is_set():
        self.function(*self.args, **self.kwargs)
    self.finished.set()


def start_new_thread(function, args, kwargs={}, /):
    if not callable(function):
        raise TypeError("first arg must be callable")
    if not isinstance(args, tuple):
        raise TypeError("2nd arg must be a tuple")

    def call():
        try:
            function(*args, **kwargs)
        except SystemExit:
            pass
        except Exception as error:
            sys.unraisablehook(Unraisable(error, function))

    # Nobody waits for such a thread at the end, but many that it may do its work.
    handle = Handle(call, code=getattr(function, "__code__", None))
    begin(handle, not may_wait(function))
    return handle.ident


class Unraisable:
    """What sys.unraisablehook is given."""

    err_msg = "Exception ignored in thread started by"

    def __init__(self, error, function):
        self.exc_type, self.exc_value, self.exc_traceback, self.object = type(error), error, error.__traceback__, function


def shutdown():
    """The end of the main thread: those that are no daemons run to theirs."""
    wait(lambda: living == 0)
    for call in reversed(threading._threading_atexits):
        call()
    threading._threading_atexits.clear()
    threading._SHUTTING_DOWN = True
    if stuck:
        raise stuck[0]


class lock:
    """A lock that lets others run while it is waited for."""

    __slots__ = ("_held", "__weakref__")

    def __init__(self):
        self._held = False

    def acquire(self, blocking=True, timeout=-1):
        global held
        if self._held:
            if not blocking and timeout != -1:
                raise ValueError("can't specify a timeout for a non-blocking call")
            if timeout < 0 and timeout != -1:
                raise ValueError("timeout value must be a non-negative number")
            if not blocking or not wait(self._free, None if timeout == -1 else timeout):
                return False
        self._held = True
        held += 1
        return True

    __enter__ = acquire

    def _free(self):
        return not self._held

    def release(self):
        global held
        if not self._held:
            raise RuntimeError("release unlocked lock")
        self._held = False
        held -= 1

    def __exit__(self, *_):
        self.release()

    def locked(self):
        return self._held

    def _at_fork_reinit(self):
        self._held = False

    def __repr__(self):
        return "<%s _thread.lock object at %#x>" % ("locked" if self._held else "unlocked", id(self))

    acquire_lock, release_lock, locked_lock = acquire, release, locked


class waiter(lock):
    """What a condition waits by: the one who holds it keeps nobody from anything."""

    __slots__ = ()

    def acquire(self, blocking=True, timeout=-1):
        if self._held and not (blocking and wait(self._free, None if timeout == -1 else timeout)):
            return False
        self._held = True
        return True

    def release(self):
        self._held = False


def rlock_init(self):
    self._block, self._owner, self._count = lock(), None, 0


lock.__module__, lock.__qualname__ = "_thread", "lock"


def sleep(seconds, /):
    """sleep(seconds)

    Delay execution for a given number of seconds.  The argument may be
    a floating-point number for subsecond precision."""
    if not queued and not parked and len(stack) == 1:
        return real_sleep(seconds)
    real_sleep(min(seconds, 0))  # refuses what it refuses
    wait(lambda: False, seconds)


size = 0


def stack_size(new=0, /):
    """stack_size([size]): of threads that are to come. All have the stack that there is."""
    global size
    if new < 0 or 0 < new < 32768:
        raise ValueError("size not valid: %d bytes" % new)
    old, size = size, new
    return old


make_hook = threading._make_invoke_excepthook


def make_invoke_excepthook():
    hook = make_hook()

    def invoke_excepthook(thread):
        if isinstance(sys.exception(), Dropped):
            raise
        hook(thread)

    return invoke_excepthook


def install():
    _thread.LockType = _thread.lock = _thread.allocate_lock = _thread.allocate = lock
    _thread.start_new_thread = _thread.start_new = start_new_thread
    _thread.start_joinable_thread = start_joinable_thread
    _thread.stack_size, _thread.get_ident = stack_size, get_ident
    t = threading
    t.Lock = t._LockType = lock
    t._allocate_lock, t._RLock.__init__ = waiter, rlock_init
    t._CRLock, _thread.RLock = None, t._PyRLock
    t._ThreadHandle, t._start_joinable_thread = Handle, start_joinable_thread
    t.get_ident, t.stack_size, t._shutdown = get_ident, stack_size, shutdown
    t._make_invoke_excepthook, t.Timer.run = make_invoke_excepthook, timer_run
    t._active_limbo_lock = t._RLock()
    count, everyone = t.active_count, t.enumerate

    def active_count():
        yield_()
        return count()

    def enumerate():
        yield_()
        return everyone()

    active_count.__doc__, enumerate.__doc__ = count.__doc__, everyone.__doc__
    t.active_count, t.enumerate, time.sleep = active_count, enumerate, sleep
    import _threading_local

    t.local = _thread._local = _threading_local.local
    import queue

    queue.SimpleQueue = queue._PySimpleQueue
    pools()


def pools():
    """A call that an executor takes is a thread of its own, under a worker's name."""
    from concurrent.futures import _base, thread

    Pool = thread.ThreadPoolExecutor
    shut = Pool.shutdown

    def submit(self, fn, /, *args, **kwargs):
        if self._broken:
            raise thread.BrokenThreadPool(self._broken)
        if self._shutdown:
            raise RuntimeError("cannot schedule new futures after shutdown")
        future = _base.Future()
        item = thread._WorkItem(future, self._resolve_work_item_task(fn, args, kwargs))
        pending = self.__dict__.setdefault("_pending", [])
        workers = self.__dict__.setdefault("_workers", [])
        at = len(pending) % self._max_workers
        if at >= len(workers):
            at = len(workers)
            workers.append(Worker(self, at))
        worker = workers[at]
        pending.append(future)

        def call():
            try:
                worker.run(item)
            finally:
                pending.remove(future)

        begin(Handle(call), not may_wait(fn))
        return future

    class Worker:
        def __init__(self, pool, number):
            self.thread = threading.Thread(name="%s_%d" % (pool._thread_name_prefix or pool, number))
            self.thread._started.set()
            self.pool, self.context = pool, None

        def run(self, item):
            ident = get_ident()
            self.thread._ident = ident
            threading._active[ident] = self.thread
            try:
                if self.context is None:
                    context = self.pool._create_worker_context()
                    try:
                        context.initialize()
                    except BaseException:
                        _base.LOGGER.critical("Exception in initializer:", exc_info=True)
                        self.pool._broken = "A thread initializer failed, the thread pool is not usable anymore"
                    self.context = context
                if self.pool._broken:
                    item.future.set_exception(thread.BrokenThreadPool(self.pool._broken))
                else:
                    item.run(self.context)
            finally:
                threading._active.pop(ident, None)

    def shutdown(self, wait=True, *, cancel_futures=False):
        pending = self.__dict__.get("_pending", [])
        if cancel_futures:
            for future in pending:
                future.cancel()
        shut(self, wait, cancel_futures=cancel_futures)
        if wait:
            wait_for(lambda: not pending)

    wait_for = globals()["wait"]
    Pool.submit, Pool.shutdown = submit, shutdown

    # An event loop has nobody who wakes it: what it gives to a pool is done at once.
    from asyncio.base_events import BaseEventLoop

    in_executor = BaseEventLoop.run_in_executor

    def run_in_executor(self, executor, func, *args):
        future = in_executor(self, executor, func, *args)
        yield_()
        return future

    BaseEventLoop.run_in_executor = run_in_executor


install()
