"""Threads run inline: start() runs the target to its end.

That is one of the orders in which threads may run. A program in which one waits
for what another does later waits for ever here, and fails. Time is each
thread's own: what one sleeps is over for the others only when they have waited
for it, by join(), by result() or by their own sleep, so that sleeping beside
each other takes as long as the longest and one after the other as long as all.
"""

import _thread
import concurrent.futures
import concurrent.futures.thread
import threading
import time

_ahead = [0.0]  # how far the clock of each running thread is ahead, in seconds
_real_sleep, _real_monotonic = time.sleep, time.monotonic


def sleep(seconds, /):
    """Delay execution for a given number of seconds."""
    if len(_ahead) == 1:
        return _real_sleep(seconds)
    _real_sleep(min(seconds, 0))  # refuses what it refuses
    _ahead[-1] += seconds


def _clock(name):
    read = getattr(time, name)

    def seconds():
        return read() + _ahead[-1]

    def nanoseconds():
        return read() + round(_ahead[-1] * 1e9)

    seconds.__name__ = nanoseconds.__name__ = name
    setattr(time, name, nanoseconds if name.endswith("_ns") else seconds)


for _name in ("time", "monotonic", "perf_counter", "time_ns", "monotonic_ns", "perf_counter_ns"):
    _clock(_name)
time.sleep = sleep


def _now():
    return _real_monotonic() + _ahead[-1]


def _wait_until(end, timeout=None):
    """Sleep until then, or for as long as timeout allows; false if it was too short."""
    left = end - _now()
    if timeout is not None and timeout < left:
        sleep(max(timeout, 0))
        return False
    if left > 0:
        sleep(left)
    return True


def _run(function, ahead=0.0):
    """Run as a thread does that starts so much later; gives when it ends."""
    _ahead.append(_ahead[-1] + ahead)
    try:
        function()
    finally:
        end = _real_monotonic() + _ahead.pop()
    return end


class _Handle:
    """What threading asks of a thread's handle."""

    ident, ends = 0, float("inf")

    def is_done(self):
        return _now() >= self.ends

    def _set_done(self):
        self.ends = 0.0

    def join(self, timeout=None):
        if self.ends != float("inf"):
            _wait_until(self.ends, timeout)


_idents = iter(range(1 << 20, 1 << 30))
_current = [threading.main_thread().ident]


def _get_ident():
    return _current[-1]


def _start_joinable_thread(function, handle=None, daemon=True):
    handle = handle or _Handle()
    handle.ident = next(_idents)
    _current.append(handle.ident)
    try:
        handle.ends = _run(function)
    finally:
        _current.pop()
    return handle


def _start_new_thread(function, args, kwargs={}):
    return _start_joinable_thread(lambda: function(*args, **kwargs)).ident


threading._ThreadHandle = _Handle
threading._start_joinable_thread = _start_joinable_thread
threading.get_ident = threading._get_ident = _get_ident
threading.get_native_id = _get_ident
_thread.get_ident = _get_ident
_thread.start_new_thread = _thread.start_new = _start_new_thread


class _Future(concurrent.futures.Future):
    """A call that was made already, and ends when its worker's clock says so."""

    _ends = 0.0

    def done(self):
        return super().done() and _now() >= self._ends

    def result(self, timeout=None):
        if not _wait_until(self._ends, timeout):
            raise TimeoutError()
        return super().result(timeout)

    def exception(self, timeout=None):
        if not _wait_until(self._ends, timeout):
            raise TimeoutError()
        return super().exception(timeout)


_Pool = concurrent.futures.thread.ThreadPoolExecutor
_shutdown = _Pool.shutdown


def _submit(self, fn, /, *args, **kwargs):
    """ThreadPoolExecutor.submit whose worker does the call at once."""
    with self._shutdown_lock:
        if self._shutdown:
            raise RuntimeError("cannot schedule new futures after shutdown")
    free = self.__dict__.setdefault("_free", [0.0] * self._max_workers)
    future = _Future()

    def call():
        try:
            result = fn(*args, **kwargs)
        except BaseException as error:
            future.set_exception(error)
        else:
            future.set_result(result)

    if future.set_running_or_notify_cancel():
        worker = free.index(min(free))
        free[worker] = future._ends = _run(call, max(free[worker] - _now(), 0.0))
    return future


def _shut(self, wait=True, *, cancel_futures=False):
    _shutdown(self, wait, cancel_futures=cancel_futures)
    if wait:
        _wait_until(max(self.__dict__.get("_free", [0.0])))


_Pool.submit, _Pool.shutdown = _submit, _shut


def _wait(self, timeout=None):
    """Condition.wait where nobody else runs who could notify."""
    if not self._is_owned():
        raise RuntimeError("cannot wait on un-acquired lock")
    if timeout is None:
        raise RuntimeError("deadlock: nothing else runs that could end this wait")
    if timeout > 0:
        sleep(timeout)
    return False


threading.Condition.wait = _wait


def _timer_start(self):
    """A timer is due when it is joined, unless it was cancelled before."""
    if self._started.is_set():
        raise RuntimeError("threads can only be started once")
    self._started.set()


def _timer_join(self, timeout=None):
    if not self._started.is_set():
        raise RuntimeError("cannot join thread before it is started")
    if self._os_thread_handle.ends == float("inf"):
        self._os_thread_handle._set_done()
        self.run()


threading.Timer.start = _timer_start
threading.Timer.join = _timer_join
