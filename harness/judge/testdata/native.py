# The candidate's side of the oracle cases on the Python that runs this, for
# tests that hold the sandbox against it. Frames on standard input and output:
# four bytes of length, then marshal. First (encoder, source, entry, iterate),
# then the arguments of each input; back comes (tagged, frame) or what was raised.

import io
import marshal
import os
import struct
import sys

source_in, results_out = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
os.dup2(2, 1)
sys.stdin = io.StringIO()
sys.set_int_max_str_digits(0)


def receive():
    head = source_in.read(4)
    return marshal.loads(source_in.read(struct.unpack("<I", head)[0])) if head else None


def send(answer):
    frame = marshal.dumps(answer, 2)
    results_out.write(struct.pack("<I", len(frame)) + frame)
    results_out.flush()


def form(encode, out, iterate):
    """The frame as the driver sends it: in the tagged form where marshal's own is ambiguous."""
    try:
        frame = marshal.dumps(out, 2)
        if b"s" not in frame:
            return False, frame
    except ValueError:
        pass
    return True, marshal.dumps(encode(out, iterate), 2)


def main():
    encoder, source, entry, iterate = receive()
    driver, scope = {}, {}
    exec(encoder, driver)
    exec(source, scope)
    while (args := receive()) is not None:
        try:
            send(form(driver["encode"], scope[entry](*args), iterate))
        except BaseException as error:
            send((False, "%s: %s" % (type(error).__name__, error)))


main()
