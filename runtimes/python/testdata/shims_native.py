"""What shims compute, against what it is in place of, on the host's own Python.

Usage: shims_native.py FOLDER
"""

import hashlib
import random
import sys

sys.path.insert(0, sys.argv[1])
openssl = hashlib.pbkdf2_hmac

import assay_hashlib
import Levenshtein

random.seed(1)
for _ in range(200):
    name = random.choice(["sha1", "sha256", "sha512", "md5", "sha3_256"])
    args = (name, random.randbytes(random.randrange(200)), random.randbytes(random.randrange(40)), random.randrange(1, 20))
    length = random.choice([None, 1, 20, 64, 100])
    if length is None:
        assert assay_hashlib.pbkdf2_hmac(*args) == openssl(*args), args
    else:
        assert assay_hashlib.pbkdf2_hmac(*args, length) == openssl(*args, length), args
for bad in [("sha256", b"p", b"s", 0), ("sha256", b"p", b"s", 1, 0)]:
    for function in (assay_hashlib.pbkdf2_hmac, openssl):
        try:
            function(*bad)
        except ValueError:
            continue
        raise AssertionError(bad)


# The numbers are those of the library's own documentation and tests.
close = lambda a, b: abs(a - b) < 1e-9
assert Levenshtein.distance("kitten", "sitting") == 3
assert Levenshtein.distance("", "abc") == 3 and Levenshtein.distance("", "") == 0
assert close(Levenshtein.ratio("Hello world!", "Holly grail!"), 0.583333333333333)
assert close(Levenshtein.ratio("Brian", "Jesus"), 0.0) and Levenshtein.ratio("", "") == 1.0
assert Levenshtein.hamming("Hello world!", "Holly grail!") == 7
assert close(Levenshtein.jaro("Brian", "Jesus"), 0.0)
assert close(Levenshtein.jaro("Thorkel", "Thorgier"), 0.779761904761904)
assert close(Levenshtein.jaro("Dinsdale", "D"), 0.708333333333333)
assert close(Levenshtein.jaro_winkler("Thorkel", "Thorgier"), 0.867857142857142)
assert close(Levenshtein.jaro_winkler("Dinsdale", "D"), 0.7375)
