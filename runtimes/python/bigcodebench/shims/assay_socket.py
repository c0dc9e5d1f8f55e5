"""Socket functions that are not there, as on a machine without a network.

Names don't resolve, connections are refused. Nothing answers, so a program that
needs an answer fails as it does elsewhere without a network.
"""

import socket
import time

NO_NAME = (getattr(socket, "EAI_NONAME", -2), "Name or service not known")


def gethostname():
    return "sandbox"


def getfqdn(name=""):
    return name.strip() or gethostname()


def gethostbyname(hostname):
    return gethostbyname_ex(hostname)[2][0]


def gethostbyname_ex(hostname):
    if _is_address(hostname):
        return (hostname, [], [hostname])
    if hostname in ("localhost", gethostname()):
        return (hostname, [], ["127.0.0.1"])
    raise socket.gaierror(*NO_NAME)


def gethostbyaddr(address):
    raise socket.herror(1, "Unknown host")


def getaddrinfo(host, port, family=0, type=0, proto=0, flags=0):
    address = "127.0.0.1" if host is None else gethostbyname(host)
    return [(socket.AF_INET, type or socket.SOCK_STREAM, proto or 6, "", (address, int(port or 0)))]


def _is_address(text):
    parts = text.split(".")
    return len(parts) == 4 and all(p.isdigit() and len(p) < 4 and int(p) < 256 for p in parts)


for _name in ("gethostname", "getfqdn", "gethostbyname", "gethostbyname_ex", "gethostbyaddr", "getaddrinfo"):
    setattr(socket, _name, globals()[_name])


_PORTS = {"http": 80, "https": 443, "ftp": 21, "ssh": 22, "smtp": 25, "domain": 53}


def getservbyname(name, protocol="tcp"):
    try:
        return _PORTS[name]
    except KeyError:
        raise OSError("service/proto not found") from None


if not hasattr(socket, "getservbyname"):
    socket.getservbyname = getservbyname


def _unreachable(address):
    host = address[0] if isinstance(address, tuple) and address else ""
    if host and not _is_address(host):
        host = gethostbyname(host)  # raises for a name that doesn't resolve
    if host.startswith("127.") or host == "0.0.0.0":
        return ConnectionRefusedError(111, "Connection refused")
    return OSError(101, "Network is unreachable")


class _Socket:
    """A socket that can be made, bound and closed. Nobody is at the other end."""

    def __init__(self, family=-1, type=-1, proto=-1, fileno=None):
        self.family = socket.AF_INET if family == -1 else family
        self.type = socket.SOCK_STREAM if type == -1 else type
        self.proto = 0 if proto == -1 else proto
        self._timeout, self._name, self._closed, self._listens = _default_timeout[0], ("0.0.0.0", 0), False, False
        self._options = {}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def fileno(self):
        return -1

    def close(self):
        self._closed = True

    detach = close

    def shutdown(self, how):
        raise OSError(107, "Transport endpoint is not connected")

    def settimeout(self, value):
        self._timeout = value

    def gettimeout(self):
        return self._timeout

    timeout = property(gettimeout)

    def setblocking(self, flag):
        self._timeout = None if flag else 0.0

    def getblocking(self):
        return self._timeout != 0.0

    def setsockopt(self, level, name, value, *_):
        self._options[level, name] = value

    def getsockopt(self, level, name, *_):
        return self._options.get((level, name), 0)

    def bind(self, address):
        self._name = address

    def listen(self, backlog=128):
        self._listens = True

    def getsockname(self):
        return self._name

    def getpeername(self):
        raise OSError(107, "Transport endpoint is not connected")

    def connect(self, address):
        raise _unreachable(address)

    def connect_ex(self, address):
        return _unreachable(address).errno

    def accept(self):
        if not self._listens:
            raise OSError(22, "Invalid argument")
        if self._timeout is None:
            raise RuntimeError("deadlock: nothing else runs that could connect")
        if self._timeout == 0.0:
            raise BlockingIOError(11, "Resource temporarily unavailable")
        time.sleep(self._timeout)
        raise TimeoutError("timed out")

    def _no_peer(self, *_, **__):
        raise OSError(107, "Transport endpoint is not connected")

    send = sendall = sendfile = recv = recv_into = recvfrom = makefile = _no_peer

    def sendto(self, data, *args):
        raise _unreachable(args[-1])


_default_timeout = [None]
_Socket.__name__ = _Socket.__qualname__ = "socket"
_Socket.__module__ = "socket"
socket.socket = socket.SocketType = _Socket
socket.getdefaulttimeout = lambda: _default_timeout[0]


def setdefaulttimeout(value):
    _default_timeout[0] = value


def create_connection(address, timeout=None, source_address=None, *, all_errors=False):
    raise _unreachable(address)


socket.setdefaulttimeout, socket.create_connection = setdefaulttimeout, create_connection
