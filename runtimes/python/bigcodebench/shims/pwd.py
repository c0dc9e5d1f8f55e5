"""The sandbox has one user."""

from collections import namedtuple

struct_passwd = namedtuple("struct_passwd", "pw_name pw_passwd pw_uid pw_gid pw_gecos pw_dir pw_shell")

_USER = struct_passwd("user", "x", 1000, 1000, "", "/tmp", "/bin/sh")


def getpwuid(uid):
    if uid != _USER.pw_uid:
        raise KeyError("getpwuid(): uid not found: %d" % uid)
    return _USER


def getpwnam(name):
    if name != _USER.pw_name:
        raise KeyError("getpwnam(): name not found: %r" % name)
    return _USER


def getpwall():
    return [_USER]
