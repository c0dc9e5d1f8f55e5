"""Key derivation that OpenSSL has and CPython without it lacks, in Python."""

import hashlib
import hmac


def pbkdf2_hmac(hash_name, password, salt, iterations, dklen=None):
    """PBKDF2 of RFC 8018 over HMAC."""
    if not isinstance(hash_name, str):
        raise TypeError("hash_name must be a string")
    if iterations < 1:
        raise ValueError("iteration value must be greater than 0.")
    digest = hashlib.new(hash_name)
    size, block = digest.digest_size, digest.block_size
    if dklen is None:
        dklen = size
    if dklen < 1:
        raise ValueError("key length must be greater than 0.")
    password, salt = bytes(password), bytes(salt)
    if len(password) > block:
        password = hashlib.new(hash_name, password).digest()
    password = password.ljust(block, b"\0")
    inner = hashlib.new(hash_name, password.translate(hmac.trans_36))
    outer = hashlib.new(hash_name, password.translate(hmac.trans_5C))

    def prf(message):
        first, second = inner.copy(), outer.copy()
        first.update(message)
        second.update(first.digest())
        return second.digest()

    key = b""
    number = 0
    while len(key) < dklen:
        number += 1
        last = prf(salt + number.to_bytes(4, "big"))
        total = int.from_bytes(last, "big")
        for _ in range(iterations - 1):
            last = prf(last)
            total ^= int.from_bytes(last, "big")
        key += total.to_bytes(size, "big")
    return key[:dklen]


hashlib.pbkdf2_hmac = pbkdf2_hmac
