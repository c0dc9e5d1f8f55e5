"""The sandbox has one group."""

from collections import namedtuple

struct_group = namedtuple("struct_group", "gr_name gr_passwd gr_gid gr_mem")

_GROUP = struct_group("user", "x", 1000, [])


def getgrgid(gid):
    if gid != _GROUP.gr_gid:
        raise KeyError("getgrgid(): gid not found: %d" % gid)
    return _GROUP


def getgrnam(name):
    if name != _GROUP.gr_name:
        raise KeyError("getgrnam(): name not found: %r" % name)
    return _GROUP


def getgrall():
    return [_GROUP]
