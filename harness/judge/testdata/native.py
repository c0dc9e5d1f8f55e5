# The candidate's side of the oracle cases on the Python that runs this, for
# tests that hold the sandbox against it. In come frames: four bytes of length,
# then marshal; first (encoder, source, entry, iterate, part), then the arguments
# of each input. Back comes each result or part of one: four bytes of length, a
# byte of flags, then the value as the driver would send it.

import io
import marshal
import os
import struct
import sys

TAGGED, MORE, RAISED = 1, 2, 4

source_in, results_out = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
os.dup2(2, 1)
sys.stdin = io.StringIO()
sys.set_int_max_str_digits(0)


def receive():
    head = source_in.read(4)
    return marshal.loads(source_in.read(struct.unpack("<I", head)[0])) if head else None


def send(flags, raw):
    results_out.write(struct.pack("<IB", len(raw), flags) + raw)
    results_out.flush()


def form(encode, out, iterate):
    """The value as the driver sends it: tagged where marshal's own form is ambiguous."""
    try:
        raw = marshal.dumps(out, 2)
        if b"s" not in raw:
            return 0, raw
    except ValueError:
        pass
    return TAGGED, marshal.dumps(encode(out, iterate), 2)


def deliver(encode, out, iterate, part):
    if part and type(out) is list:
        while len(out) > part:
            flags, raw = form(encode, out[:part], iterate)
            send(flags | MORE, raw)
            out = out[part:]
    send(*form(encode, out, iterate))


def main():
    encoder, source, entry, iterate, part = receive()
    driver, scope = {}, {}
    exec(encoder, driver)
    exec(source, scope)
    while (args := receive()) is not None:
        try:
            deliver(driver["encode"], scope[entry](*args), iterate, part)
        except BaseException as error:
            send(RAISED, ("%s: %s" % (type(error).__name__, error)).encode())


main()
