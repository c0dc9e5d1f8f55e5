"""Threads run inline: start() runs the target to its end.

That is one of the orders in which threads may run. A program in which one
waits for what another does later waits for ever here, and fails.
"""

import _thread
import concurrent.futures
import concurrent.futures.thread
import threading
import time


class _Handle:
    """What threading asks of a thread's handle: it is over when it is there."""

    ident = 0

    def __init__(self):
        self.done = False

    def is_done(self):
        return self.done

    def _set_done(self):
        self.done = True

    def join(self, timeout=None):
        pass


_idents = iter(range(1 << 20, 1 << 30))
_main = threading.main_thread()
_current = [_main.ident]


def _get_ident():
    return _current[-1]


def _start_joinable_thread(function, handle=None, daemon=True):
    handle = handle or _Handle()
    handle.ident = next(_idents)
    _current.append(handle.ident)
    try:
        function()
    finally:
        _current.pop()
        handle.done = True
    return handle


def _start_new_thread(function, args, kwargs={}):
    return _start_joinable_thread(lambda: function(*args, **kwargs)).ident


threading._ThreadHandle = _Handle
threading._start_joinable_thread = _start_joinable_thread
threading.get_ident = threading._get_ident = _get_ident
threading.get_native_id = _get_ident
_thread.get_ident = _get_ident
_thread.start_new_thread = _thread.start_new = _start_new_thread


def _submit(self, fn, /, *args, **kwargs):
    """ThreadPoolExecutor.submit whose worker does the call at once."""
    with self._shutdown_lock:
        if self._shutdown:
            raise RuntimeError("cannot schedule new futures after shutdown")
    future = concurrent.futures.Future()
    if future.set_running_or_notify_cancel():
        try:
            result = fn(*args, **kwargs)
        except BaseException as error:
            future.set_exception(error)
        else:
            future.set_result(result)
    return future


concurrent.futures.thread.ThreadPoolExecutor.submit = _submit


def _wait(self, timeout=None):
    """Condition.wait where nobody else runs who could notify."""
    if not self._is_owned():
        raise RuntimeError("cannot wait on un-acquired lock")
    if timeout is None:
        raise RuntimeError("deadlock: nothing else runs that could end this wait")
    if timeout > 0:
        time.sleep(timeout)
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
    if not self._os_thread_handle.done:
        self._os_thread_handle._set_done()
        self.run()


threading.Timer.start = _timer_start
threading.Timer.join = _timer_join
