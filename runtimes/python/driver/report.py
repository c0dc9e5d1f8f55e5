# What the host is told about a candidate that failed. All that is read here may
# be the candidate's own invention, so each step is guarded and each text capped.

import _host
import builtins
import sys

call = _host.call

token = b""  # of the host's last answer; the next frame carries it

MESSAGE = 4000  # characters of an exception's message
NAME = 200  # characters of a type, function or file name
HEAD, TAIL = 10, 20  # traceback entries kept from either end

traceback_of = BaseException.__dict__["__traceback__"].__get__
type_label = type.__dict__["__name__"].__get__


def frame(word, body=None):
    """A frame that is no result."""
    return dumps((token, word, body), 2)


def raised(error, filename, message=None):
    """The frame that reports an exception, with the line in the candidate's own file."""
    entries, line, omitted = [], 0, 0
    tb = traceback_of(error)
    while tb is not None:
        code, at = tb.tb_frame.f_code, tb.tb_lineno or 0
        if code.co_filename == filename:
            line = at
        scope = tb.tb_frame.f_globals
        if minor is not None and entries and code.co_name == "__annotate__" and code.co_filename == filename:
            entries[-1] = (entries[-1][0], at, entries[-1][2])  # they were evaluated there, once
        elif scope is not OWN and scope is not BARE and scope is not SUMMING:
            entries.append((code.co_filename[:NAME], at, code.co_name[:NAME]))
            if len(entries) > HEAD + TAIL:  # of all there may be no memory
                del entries[HEAD]
                omitted += 1
        tb = tb.tb_next
    kind = type(error)
    report = (type_label(kind)[:NAME], message_of(error) if message is None else message, line, entries, omitted)
    return frame("memory" if kind is MemoryError else "raised", report)


def message_of(error):
    try:
        text = str(error)
    except BaseException:
        return ""
    return text[:MESSAGE] if type(text) is str else ""


def unparsed(error):
    """The frame that reports a program that is not Python."""
    line = getattr(error, "lineno", None)
    message = error.msg if isinstance(error, SyntaxError) else str(error)
    report = (type(error).__name__, str(message)[:MESSAGE], line if type(line) is int else 0, [], 0)
    return frame("syntax", report)


def ended(error):
    """The frame that reports SystemExit, with the exit code that it asks for."""
    code = error.code
    if code is None:
        code = 0
    elif type(code) is not int:
        sys.stderr.write(str(code)[:MESSAGE] + "\n")
        code = 1
    flush()
    return frame("ended", code)


def refused(error):
    return frame("refused", str(error)[:MESSAGE])


def flush():
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except Exception:
            pass
