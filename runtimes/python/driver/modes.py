# The driver: what runs in the guest between the host and a candidate.
#
# It pulls: every frame it sends over the private channel is answered by the
# next thing to do. A frame is marshal's of (token, value) for a result and of
# (token, word, more) for everything else; the token came with the answer before,
# so a frame that somebody else wrote is known by it. After a word that ends the
# run ("done", "raised", "ended", …) the host does not return.
#
# All of this runs in a namespace with its own copy of the built-ins, and holds
# by name what it uses: a candidate that replaces len or marshal.dumps changes
# nothing here. There is nothing to find here either: no answers, no tests.

import atexit
import gc
import threading
import weakref

collect_garbage, join_threads, run_exit_functions = gc.collect, threading._shutdown, atexit._run_exitfuncs


def serve():
    """What a turn's line calls: take a job over the channel and do it. A mode that
    is a generator yields what is to be called, and gets its loop."""
    global token
    vars(sys.modules["__main__"]).pop("assay", None)
    mode, token, version, *job = loads(call(b""))
    if version is not None:
        hold_to(version)
    search(job[0])  # of wide.py
    steps = MODES[mode](*job)
    if steps is None:
        return NOTHING
    vars(sys.modules["__main__"])["assay"] = steps  # until the loop has it
    return LOOP


# The turn's line executes these, so no frame below what is called knows the driver.
NOTHING = compile("", "<assay>", "exec", 0, True)
LOOP = compile(
    """
for assay in assay:
    try:
        assay()
    except BaseException as error:
        assay = error
""",
    "<assay>", "exec", 0, True,
)


def parse(source, filename):
    """The program's code, or the end here when it is not Python."""
    try:
        return code_of(str(source, "utf-8", "surrogatepass"), filename)
    except BaseException as error:
        call(unparsed(error))


def load(code, filename, scope):
    """Run the program in scope, or end here with the reason why not."""
    try:
        exec(code, scope)
    except SystemExit as error:
        call(ended(error))
    except Compared as error:
        call(refused(error))
    except BaseException as error:
        flush()
        call(raised(error, filename))


def new_scope():
    """The globals that exec(program, {}) would have: __name__ is that of builtins."""
    return {"__builtins__": vars(builtins)}


def finish():
    flush()
    call(frame("done"))


def cases(source, filename, entry, iterate, part):
    """The candidate's side: apply the entry point to each input that comes."""
    scope = new_scope()
    load(parse(source, filename), filename, scope)
    try:
        function = scope[entry]
    except KeyError:
        call(raised(NameError("name %r is not defined" % entry), filename))
    answer(filename, function, iterate, part)


def calls(source, filename, entry):
    """The candidate's side of a script: inputs are whole calls."""
    scope = new_scope()
    load(parse(source, filename), filename, scope)

    def function(form, body):
        args, kwargs = body if form == "plain" else revive(body, numpy_alive)
        try:
            candidate = scope[entry]  # looked up at each call, as the test would
        except KeyError:
            raise NameError("name %r is not defined" % entry) from None
        return candidate(*args, **kwargs)

    answer(filename, function, False, 0)


def answer(filename, function, iterate, part):
    """Apply the function to each input that comes. A list of more than part items
    goes out in parts of so many, so that its frame takes no more room than it does."""
    args = exchange(frame("loaded"))
    while True:
        out = None  # what the last input took is free for this one
        try:
            out = function(*args)
        except SystemExit as error:
            call(ended(error))
        except BaseException as error:
            call(raised(error, filename))
        if part and type(out) is list and len(out) > part:
            rest = (len(out) - 1) // part * part
            for at in range(0, rest, part):
                deliver(out[at : at + part], filename, iterate, True)
            out = out[rest:]
        args = deliver(out, filename, iterate, False)


def exchange(result):
    """Send a frame; give back the host's answer."""
    global token
    token, answer = loads(call(result))
    return answer


def deliver(out, filename, iterate, partial):
    """Send a value, or a part of one; give back the host's answer."""
    try:
        result = frame("part", out) if partial else dumps((token, out), 2)
    except BaseException:
        return exchange(tagged(out, filename, iterate, partial))
    answer = exchange(result)
    if answer is None:  # again: the host met what marshal writes ambiguously
        answer = exchange(tagged(out, filename, iterate, partial))
    return answer


def tagged(out, filename, iterate, partial):
    """The frame for a value that marshal has no words for."""
    try:
        return frame("tagged part" if partial else "tagged", encode(out, iterate))
    except (Refused, RecursionError, ValueError) as error:
        return refused(error)
    except SystemExit as error:
        return ended(error)
    except BaseException as error:
        return raised(error, filename)


def compile_script(helpers, test):
    """The programs of a script's trusted side, for all of its runs to come."""
    call(frame("compiled", dumps((parse(helpers, "prompt.py"), parse(test, "test.py")))))


def script(compiled, entry):
    """The trusted side of a script: the test, with a stand-in for the candidate."""
    helpers, test = loads(compiled)
    scope = new_scope()
    load(helpers, "prompt.py", scope)

    def candidate(*args, **kwargs):
        global token
        token, form, body = loads(call(call_frame(args, kwargs)))
        return body if form == "plain" else revive(body, numpy_plain)

    WRITERS[type] = type_form
    scope[entry] = candidate
    load(test, "test.py", scope)
    finish()


def call_frame(args, kwargs):
    """A call's frame. Buffers have no plain form: marshal would write them all as bytes."""
    try:
        plain = dumps(("plain", (args, kwargs)), 2)
    except ValueError:
        plain = b"s"
    if b"s" in plain:
        return frame("call", ("tagged", encode((args, kwargs))))
    return frame("call", ("plain", (args, kwargs)))


def shared(source, filename, helpers, test):
    """Candidate and test in one interpreter, for tests that construct the candidate's classes."""
    global token
    scope = new_scope()
    load(parse(helpers, "prompt.py"), "prompt.py", scope)
    load(parse(source, filename), filename, scope)
    token, _ = loads(call(frame("loaded")))
    code, turning = parse(test, "test.py"), WRITTEN in test and Turning(int)
    load(turning.put(code, 0) if turning else code, "test.py", scope)
    if turning and turning.failed():
        call(raised(AssertionError("turned around"), "test.py"))
    finish()


def program(source, filename, args):
    """A program as __main__, with arguments and standard input. At its end happens
    what happens when Python ends: it is alone here, and its verdict is its output."""
    sys.argv[:] = [filename, *args]
    module = type(sys)("__main__")
    scope = vars(module)
    scope.update(__builtins__=builtins, __file__=filename)
    sys.modules["__main__"] = module
    end = last_word(parse(source, filename), filename, scope)
    del scope
    try:
        join_threads()
    except BaseException as error:
        end = raised(error, filename)
    for step in (flush, run_exit_functions, flush, restore_streams):
        quietly(step)
    known = weakref.ref(module)
    del module
    quietly(forget, known)
    flush()
    call(end)


def quietly(step, *args):
    """What goes wrong at the end is no failure."""
    try:
        step(*args)
    except BaseException:
        pass


def restore_streams():
    sys.excepthook, sys.stdout, sys.stderr, sys.stdin = sys.__excepthook__, sys.__stdout__, sys.__stderr__, sys.__stdin__


def forget(module):
    """What the program made goes: with its module, with the cycles that go through
    that, or, where something else still knows the module, name by name."""
    sys.modules.pop("__main__", None)
    collect_garbage()
    if module() is not None:
        scope = vars(module())
        for name in sorted(scope, key=lambda name: not name.startswith("_")):
            if name != "__builtins__":
                scope[name] = None


def last_word(code, filename, scope):
    """Run the program; gives the frame that says how it ended."""
    try:
        exec(code, scope)
    except SystemExit as error:
        return ended(error)
    except BaseException as error:
        end = raised(error, filename)
        if sys.excepthook is not sys.__excepthook__:
            quietly(sys.excepthook, type(error), error, traceback_of(error).tb_next)
        return end
    return frame("done")


MODES = {
    "cases": cases,
    "calls": calls,
    "compile": compile_script,
    "script": script,
    "shared": shared,
    "program": program,
}

OWN = globals()
