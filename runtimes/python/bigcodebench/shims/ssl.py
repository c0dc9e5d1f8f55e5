"""An ssl that says no: there is no TLS here, and no network to use it on.

Contexts can be made and configured; a connection can't be wrapped.
"""

import enum
import socket as _socket

OPENSSL_VERSION = "OpenSSL 3.0.0 (none: there is no TLS in the sandbox)"
OPENSSL_VERSION_INFO = (3, 0, 0, 0, 0)
OPENSSL_VERSION_NUMBER = 0x30000000
HAS_SNI = HAS_ALPN = HAS_TLSv1_2 = HAS_TLSv1_3 = True
HAS_NPN = HAS_SSLv2 = HAS_SSLv3 = HAS_TLSv1 = HAS_TLSv1_1 = False
HAS_NEVER_CHECK_COMMON_NAME = True
CHANNEL_BINDING_TYPES = ["tls-unique"]


class VerifyMode(enum.IntEnum):
    CERT_NONE, CERT_OPTIONAL, CERT_REQUIRED = range(3)


class _SSLMethod(enum.IntEnum):
    PROTOCOL_SSLv23 = PROTOCOL_TLS = 2
    PROTOCOL_TLSv1, PROTOCOL_TLSv1_1, PROTOCOL_TLSv1_2 = 3, 4, 5
    PROTOCOL_TLS_CLIENT, PROTOCOL_TLS_SERVER = 16, 17


class TLSVersion(enum.IntEnum):
    MINIMUM_SUPPORTED, SSLv3, TLSv1, TLSv1_1, TLSv1_2, TLSv1_3, MAXIMUM_SUPPORTED = -2, 768, 769, 770, 771, 772, -1


class Options(enum.IntFlag):
    OP_ALL = 0x80000050
    OP_NO_COMPRESSION = 0x20000
    OP_NO_TICKET = 0x4000
    OP_NO_SSLv2 = 0
    OP_NO_SSLv3 = 0x2000000
    OP_NO_TLSv1 = 0x4000000
    OP_NO_TLSv1_1 = 0x10000000
    OP_NO_TLSv1_2 = 0x8000000
    OP_NO_TLSv1_3 = 0x20000000


class VerifyFlags(enum.IntFlag):
    VERIFY_DEFAULT, VERIFY_X509_STRICT, VERIFY_X509_TRUSTED_FIRST, VERIFY_X509_PARTIAL_CHAIN = 0, 0x20, 0x8000, 0x80000


for _kind in (VerifyMode, _SSLMethod, Options, VerifyFlags):
    globals().update(_kind.__members__)


class SSLError(OSError):
    @property
    def library(self):
        return "SSL"

    @property
    def reason(self):
        return self.args[-1] if self.args else ""


class SSLZeroReturnError(SSLError):
    pass


class SSLWantReadError(SSLError):
    pass


class SSLWantWriteError(SSLError):
    pass


class SSLSyscallError(SSLError):
    pass


class SSLEOFError(SSLError):
    pass


class SSLCertVerificationError(SSLError, ValueError):
    pass


CertificateError = SSLCertVerificationError
socket_error = OSError


class Purpose(enum.Enum):
    SERVER_AUTH = "1.3.6.1.5.5.7.3.1"
    CLIENT_AUTH = "1.3.6.1.5.5.7.3.2"


def _no(*_, **__):
    raise SSLError(1, "there is no TLS in the sandbox")


class SSLSocket(_socket.socket):
    def __init__(self, *args, **kwargs):
        _no()


class SSLObject:
    def __init__(self, *args, **kwargs):
        _no()


class MemoryBIO:
    pass


class SSLContext:
    def __init__(self, protocol=PROTOCOL_TLS):
        self.protocol = protocol
        client = protocol == PROTOCOL_TLS_CLIENT
        self.check_hostname = client
        self.verify_mode = CERT_REQUIRED if client else CERT_NONE
        self.options = OP_ALL
        self.verify_flags = VERIFY_DEFAULT
        self.minimum_version, self.maximum_version = TLSVersion.MINIMUM_SUPPORTED, TLSVersion.MAXIMUM_SUPPORTED
        self.post_handshake_auth = False
        self.hostname_checks_common_name = False

    def _set(self, *_, **__):
        pass

    load_default_certs = load_verify_locations = set_ciphers = set_alpn_protocols = _set
    set_default_verify_paths = set_ecdh_curve = _set

    def load_cert_chain(self, certfile, keyfile=None, password=None):
        for name in (certfile, keyfile):
            if name is not None:
                open(name, "rb").close()  # absent, as it is elsewhere
        _no()

    def get_ciphers(self):
        return []

    def cert_store_stats(self):
        return {"x509": 0, "crl": 0, "x509_ca": 0}

    def get_ca_certs(self, binary_form=False):
        return []

    def wrap_socket(self, sock, *args, **kwargs):
        _no()

    wrap_bio = wrap_socket


def create_default_context(purpose=Purpose.SERVER_AUTH, *, cafile=None, capath=None, cadata=None):
    return SSLContext(PROTOCOL_TLS_CLIENT if purpose == Purpose.SERVER_AUTH else PROTOCOL_TLS_SERVER)


def _create_unverified_context(protocol=PROTOCOL_TLS_CLIENT, **_):
    context = SSLContext(protocol)
    context.check_hostname, context.verify_mode = False, CERT_NONE
    return context


_create_default_https_context = create_default_context
_create_stdlib_context = _create_unverified_context
get_server_certificate = wrap_socket = match_hostname = _no


def RAND_bytes(n):
    import os

    return os.urandom(n)


def RAND_status():
    return True


def cert_time_to_seconds(text):
    import calendar
    import time

    return calendar.timegm(time.strptime(text, "%b %d %H:%M:%S %Y GMT"))


def DER_cert_to_PEM_cert(der):
    import base64
    import textwrap

    body = "\n".join(textwrap.wrap(base64.standard_b64encode(der).decode("ascii"), 64))
    return "-----BEGIN CERTIFICATE-----\n" + body + "\n-----END CERTIFICATE-----\n"
