"""File locks in a world with one process: they are always free."""

import os

F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_SETFL = 0, 1, 2, 3, 4
FD_CLOEXEC = 1
LOCK_SH, LOCK_EX, LOCK_NB, LOCK_UN = 1, 2, 4, 8


def _check(fd):
    os.fstat(fd if isinstance(fd, int) else fd.fileno())


def flock(fd, operation):
    _check(fd)


def lockf(fd, cmd, len=0, start=0, whence=0):
    _check(fd)


def fcntl(fd, cmd, arg=0):
    _check(fd)
    return 0


def ioctl(fd, request, arg=0, mutate_flag=True):
    raise OSError(25, "Inappropriate ioctl for device")
