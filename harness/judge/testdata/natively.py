"""The driver on the host's own Python: applies programs to inputs, and writes what
they gave, as the driver encodes it.

Usage: natively.py SECONDS DRIVER… < folders > statuses

Each line of stdin is a folder. Its file "job" is marshal's of (source, entry, iterate,
part, [arguments as marshal wrote them]). A process of its own runs that, held to the
seconds of processor time, and writes to "out" (word, body) for each frame as it comes:
marshal's, after its length. A line of stdout is how the process ended, as waitpid has it.
"""

import builtins
import marshal
import os
import resource
import signal
import sys
import types

DUMPS, LOADS, EXIT = marshal.dumps, marshal.loads, os._exit
TOKEN = b"natively"
ANSWER = b"(\x02\0\0\0s\x08\0\0\0" + TOKEN  # marshal's (TOKEN, what follows)
LAST = ("done", "raised", "memory", "syntax", "ended", "refused")

seconds = int(sys.argv[1])
code = compile("\n".join(open(name).read() for name in sys.argv[2:]), "<assay>", "exec", 0, True)
del sys.argv[1:]


def job(folder):
    os.chdir(folder)
    source, entry, iterate, part, inputs = LOADS(open("job", "rb").read())
    out, todo = open("out", "wb"), iter(inputs)

    def write(frame):
        raw = DUMPS(frame, 2)
        out.write(len(raw).to_bytes(8, "little") + raw)
        out.flush()

    def call(request):
        if not request:
            return DUMPS(("cases", TOKEN, None, source, "solution.py", entry, iterate, part), 2)
        _, *more = LOADS(request)
        word, body = more if len(more) == 2 else ("", more[0])
        if word in ("", "part"):
            return ANSWER + b"N"  # the tagged form, always
        write((word, body))
        if word in LAST:
            EXIT(0)
        args = b"T" if word == "tagged part" else next(todo, None)
        if args is None:
            write(("done", None))
            EXIT(0)
        return ANSWER + args

    return served(call)


def served(call):
    sys.modules["_host"] = types.SimpleNamespace(call=call)
    driver = {"__builtins__": dict(vars(builtins)), "__name__": "assay", "search": lambda source: None}
    exec(code, driver)
    return driver["serve"]


served(None)  # the patterns that it compiles are compiled for all
for line in sys.stdin:
    pid = os.fork()
    if not pid:
        null = os.open(os.devnull, os.O_RDWR)
        for fd in range(3):
            os.dup2(null, fd)
        resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        assay = job(line.rstrip("\n"))
        break
    signal.signal(signal.SIGALRM, lambda *_: os.kill(pid, signal.SIGKILL))  # for one that waits
    signal.alarm(20 * seconds)
    status = os.waitpid(pid, 0)[1]
    signal.alarm(0)
    print(status, flush=True)
else:
    EXIT(0)
exec("exec(assay())")
EXIT(0)
