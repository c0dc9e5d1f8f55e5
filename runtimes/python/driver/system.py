# What os and its neighbours have on Linux and WASI lacks, as far as one process
# has use for it. Run once, after threads.py and in its namespace.

import errno
import mmap
import os
import signal
import types


def dup(fd, /):
    """Return a duplicate of a file descriptor."""
    return open_again(fd)


def open_again(fd):
    try:
        return os.open("/dev/dup/%d" % fd, os.O_RDONLY)
    except FileNotFoundError:
        raise OSError(errno.EBADF, os.strerror(errno.EBADF)) from None


def dup2(fd, fd2, inheritable=True):
    """Duplicate a file descriptor to the number fd2."""
    if fd2 < 0:
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))
    kept = open_again(fd)
    if fd == fd2:
        os.close(kept)
        return fd2
    passed = [kept]
    try:
        try:
            os.close(fd2)
        except OSError:
            pass
        while True:  # the lowest free number is given
            got = open_again(kept)
            if got == fd2:
                return fd2
            passed.append(got)
    finally:
        for other in passed:
            if other != fd2:
                os.close(other)


def pipe():
    """pipe() -> (read_end, write_end). What was written can be read; at its end
    there is no more, for nobody else could write while one waits."""
    global pipes
    pipes += 1
    path = "/tmp/.pipe-%d" % pipes
    write = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND)
    read = os.open(path, os.O_RDONLY)
    os.unlink(path)
    return read, write


pipes = 0


def fork():
    raise OSError(errno.ENOSYS, "the sandbox has one process: there is no fork")


os.dup, os.dup2, os.pipe, os.fork, os.WNOHANG = dup, dup2, pipe, fork, 1


class Map(bytearray):
    """A file's bytes as mmap.mmap gives them, read when the map is made."""

    def __init__(self, fileno, length, flags=0, prot=0, access=0, *, offset=0, **_):
        if fileno == -1:
            super().__init__(length)
        else:
            size = os.fstat(fileno).st_size
            if length < 0 or offset < 0:
                raise OverflowError("memory mapped length and offset must be positive")
            if size == 0 and length == 0:
                raise ValueError("cannot mmap an empty file")
            if offset + length > size:
                raise ValueError("mmap length is greater than file size")
            super().__init__(os.pread(fileno, length or size - offset, offset))
            if access not in (mmap.ACCESS_READ, mmap.ACCESS_COPY) and prot != mmap.PROT_READ:
                raise OSError(errno.ENOTSUP, "a file that is mapped for writing: the sandbox has none")
        self.at, self.closed = 0, False

    def read(self, n=None):
        end = len(self) if n is None or n < 0 else min(self.at + n, len(self))
        out, self.at = bytes(self[self.at : end]), max(end, self.at)
        return out

    def readline(self):
        return self.read(self.find(b"\n", self.at) + 1 - self.at if self.find(b"\n", self.at) >= 0 else None)

    def read_byte(self):
        if self.at >= len(self):
            raise ValueError("read byte out of range")
        self.at += 1
        return bytearray.__getitem__(self, self.at - 1)

    def __getitem__(self, key):
        got = bytearray.__getitem__(self, key)
        return bytes(got) if isinstance(key, slice) else got

    def find(self, sub, start=None, end=None):
        return bytearray.find(self, sub, self.at if start is None else start, len(self) if end is None else end)

    def rfind(self, sub, start=None, end=None):
        return bytearray.rfind(self, sub, self.at if start is None else start, len(self) if end is None else end)

    def seek(self, to, whence=0):
        to += (0, self.at, len(self))[whence]
        if not 0 <= to <= len(self):
            raise ValueError("seek out of range")
        self.at = to
        return to

    def write(self, data):
        if self.at + len(data) > len(self):
            raise ValueError("data out of range")
        self[self.at : self.at + len(data)] = data
        self.at += len(data)
        return len(data)

    def tell(self):
        return self.at

    def size(self):
        return len(self)

    def flush(self, *_):
        pass

    def close(self):
        self.closed = True

    def madvise(self, *_):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


Map.__name__ = Map.__qualname__ = "mmap"
Map.__module__ = "mmap"
for name, value in {"ACCESS_DEFAULT": 0, "ACCESS_READ": 1, "ACCESS_WRITE": 2, "ACCESS_COPY": 3, "PROT_READ": 1,
                    "PROT_WRITE": 2, "PROT_EXEC": 4, "MAP_SHARED": 1, "MAP_PRIVATE": 2, "MAP_ANON": 32,
                    "MAP_ANONYMOUS": 32, "PAGESIZE": 4096, "ALLOCATIONGRANULARITY": 4096, "MADV_SEQUENTIAL": 2}.items():
    setattr(mmap, name, value)
mmap.mmap, mmap.error = Map, OSError

# resource: what is asked for is remembered, and holds nobody: the limits are those of the run.

resource = types.ModuleType("resource", "Limits and use of resources.")
resource.RLIM_INFINITY, resource.error = -1, OSError
resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN, resource.RUSAGE_THREAD = 0, -1, 1
for number, name in enumerate("CPU FSIZE DATA STACK CORE RSS NPROC NOFILE MEMLOCK AS".split()):
    setattr(resource, "RLIMIT_" + name, number)
rlimits = {}
Usage = __import__("collections").namedtuple(
    "struct_rusage",
    "ru_utime ru_stime ru_maxrss ru_ixrss ru_idrss ru_isrss ru_minflt ru_majflt "
    "ru_nswap ru_inblock ru_oublock ru_msgsnd ru_msgrcv ru_nsignals ru_nvcsw ru_nivcsw",
)


def getrlimit(which, /):
    if not 0 <= which < 16:
        raise ValueError("invalid resource specified")
    return rlimits.get(which, (-1, -1))


def setrlimit(which, limits, /):
    soft, hard = limits
    old = getrlimit(which)[1]
    if hard != -1 and (soft == -1 or soft > hard) or old != -1 and (hard == -1 or hard > old):
        raise ValueError("current limit exceeds maximum limit")
    rlimits[which] = (int(soft), int(hard))


def getrusage(who, /):
    return Usage(0.0 if who == -1 else time.process_time(), 0.0, *[0] * 14)


def getpagesize():
    return 4096


for function in (getrlimit, setrlimit, getrusage, getpagesize):
    setattr(resource, function.__name__, function)
sys.modules["resource"] = resource

# signal.alarm: an alarm that falls into a sleep or a wait is delivered there. One
# that falls into work is not: nothing looks at the clock meanwhile.

signal.ITIMER_REAL, signal.ITIMER_VIRTUAL, signal.ITIMER_PROF = 0, 1, 2
signal.ItimerError = OSError
alarm_at = None
alarm_every = 0.0


def setitimer(which, seconds, interval=0.0, /):
    global alarm_at, alarm_every
    old = getitimer(which)
    if which == signal.ITIMER_REAL:
        alarm_at, alarm_every = monotonic() + seconds if seconds else None, interval
    return old


def getitimer(which, /):
    if which not in (0, 1, 2):
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
    if which or alarm_at is None:
        return 0.0, 0.0
    return max(alarm_at - monotonic(), 1e-6), alarm_every


def alarm(seconds, /):
    """Arrange for SIGALRM to arrive after the given number of seconds."""
    left, _ = setitimer(signal.ITIMER_REAL, seconds)
    return -int(-left // 1)


def pause():
    """Wait until a signal arrives."""
    if alarm_at is None:
        raise RuntimeError("deadlock: no signal is on its way")
    pass_time(alarm_at - monotonic())


def pass_time(seconds, /):
    """Sleep; alarms that fall into it arrive."""
    global alarm_at
    end = monotonic() + max(seconds, 0)
    while alarm_at is not None and alarm_at <= end:
        sleep_really(max(alarm_at - monotonic(), 0))
        alarm_at = monotonic() + alarm_every if alarm_every else None
        signal.raise_signal(signal.SIGALRM)
    return sleep_really(max(end - monotonic(), 0) if seconds >= 0 else seconds)


sleep_really, real_sleep = real_sleep, pass_time
for function in (setitimer, getitimer, alarm, pause):
    setattr(signal, function.__name__, function)
