"""psutil for a sandbox: one process, one processor, memory as the guest has it."""

import os
import time
from collections import namedtuple

_MEMORY = namedtuple("svmem", "total available percent used free")
_CPU = namedtuple("scputimes", "user system idle")
_DISK = namedtuple("sdiskusage", "total used free percent")
_NET = namedtuple("snetio", "bytes_sent bytes_recv packets_sent packets_recv errin errout dropin dropout")
_PROCESS_MEMORY = namedtuple("pmem", "rss vms")

TOTAL = 1 << 30  # bytes: what a guest may have


class Error(Exception):
    pass


class NoSuchProcess(Error):
    def __init__(self, pid=None, name=None, msg=None):
        super().__init__(msg or "process no longer exists")
        self.pid, self.name, self.msg = pid, name, msg


class ZombieProcess(NoSuchProcess):
    pass


class AccessDenied(Error):
    def __init__(self, pid=None, name=None, msg=None):
        super().__init__(msg or "access denied")
        self.pid, self.name, self.msg = pid, name, msg


class TimeoutExpired(Error):
    pass


class Process:
    """The one process that there is."""

    def __init__(self, pid=None):
        if pid is not None and pid != os.getpid():
            raise NoSuchProcess(pid)
        self.pid = os.getpid()
        self.info = {"pid": self.pid, "name": self.name()}

    def name(self):
        return "python"

    def memory_info(self):
        return _PROCESS_MEMORY(TOTAL // 4, TOTAL // 4)

    def memory_percent(self, memtype="rss"):
        return 25.0

    def cpu_percent(self, interval=None):
        return 100.0

    def is_running(self):
        return True

    def status(self):
        return "running"

    def create_time(self):
        return 1767225600.0

    def cmdline(self):
        return ["python"]

    def children(self, recursive=False):
        return []

    def _refuse(self, *_):
        raise AccessDenied(self.pid)

    kill = terminate = suspend = resume = send_signal = _refuse


def process_iter(attrs=None, ad_value=None):
    yield Process()


def pids():
    return [os.getpid()]


def pid_exists(pid):
    return pid == os.getpid()


def cpu_count(logical=True):
    return 1


def cpu_percent(interval=None, percpu=False):
    if interval:
        time.sleep(interval)
    return [100.0] if percpu else 100.0


def cpu_times(percpu=False):
    times = _CPU(time.process_time(), 0.0, 0.0)
    return [times] if percpu else times


def virtual_memory():
    return _MEMORY(TOTAL, TOTAL * 3 // 4, 25.0, TOTAL // 4, TOTAL * 3 // 4)


def swap_memory():
    return _DISK(0, 0, 0, 0.0)


def disk_usage(path):
    os.stat(path)
    return _DISK(64 << 20, 0, 64 << 20, 0.0)


def disk_partitions(all=False):
    return []


def net_io_counters(pernic=False, nowrap=True):
    return {} if pernic else _NET(0, 0, 0, 0, 0, 0, 0, 0)


def net_if_addrs():
    return {}


def boot_time():
    return 1767225600.0
