"""Names of os that WASI lacks, and what a program alone in a sandbox finds there.

There is one user and one process. Nothing can be started or signalled.
"""

import collections
import errno
import os
import shutil


def _refuse(*_, **__):
    raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))


for _name in (
    "chown chroot execl execle execlp execv execve execvp execvpe fchown fork forkpty initgroups kill "
    "killpg lchown mkfifo mknod nice pipe posix_spawn setgid setpgid setsid setuid spawnl spawnv wait waitpid"
).split():
    if not hasattr(os, _name):
        setattr(os, _name, _refuse)

for _name, _value in {
    "getuid": 1000, "geteuid": 1000, "getgid": 1000, "getegid": 1000, "getppid": 1, "getpgid": 1, "getpgrp": 1,
}.items():
    if not hasattr(os, _name):
        setattr(os, _name, lambda *_, value=_value: value)

if not hasattr(os, "getgroups"):
    os.getgroups = lambda: [1000]

if not hasattr(os, "umask"):
    _mask = [0o022]

    def umask(mask):
        _mask.append(mask)
        return _mask.pop(0)

    os.umask = umask

if not hasattr(os, "getlogin"):
    os.getlogin = lambda: "user"

if not hasattr(os, "getloadavg"):
    os.getloadavg = lambda: (0.0, 0.0, 0.0)


def system(command):
    """There is no shell: what the C library says of a command that is not found."""
    return 127 << 8


if not hasattr(os, "system"):
    os.system = system


if not hasattr(shutil, "disk_usage"):
    _usage = collections.namedtuple("usage", "total used free")

    def disk_usage(path):
        """The quota of a guest's files, none of it used."""
        os.stat(path)
        return _usage(64 << 20, 0, 64 << 20)

    shutil.disk_usage = disk_usage
