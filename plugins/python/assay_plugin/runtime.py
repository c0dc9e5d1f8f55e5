"""A language runtime: a class that makes WebAssembly of programs. It runs none of
them: assay does."""

import re
from dataclasses import dataclass, field

import grpc

from .method import unary, valid
from .proto.runtime.v1 import runtime_pb2 as pb
from .serve import serve

SERVICE = "assay.plugin.runtime.v1.Runtime"


@dataclass(frozen=True)
class Detection:
    """What was found of a toolchain."""

    version: str = ""
    missing: str = ""  # why it can't be used
    install: str = ""  # how it is had, by which package manager


@dataclass(frozen=True)
class Source:
    name: str  # of the file, without a folder
    text: bytes


@dataclass(frozen=True)
class Problem:
    """What a candidate is a part of."""

    name: str
    prompt: str
    tests: str
    entry_point: str


@dataclass(frozen=True)
class Program:
    """What became of a source."""

    module: bytes  # a WASI preview 1 command
    args: tuple[str, ...] = field(default_factory=tuple)  # after its name, before the user's


@dataclass(frozen=True)
class Diagnostic:
    message: str
    line: int = 0  # from 1; 0 when it is not known
    column: int = 0


class Rejected(Exception):
    """The source is no program of the language."""

    def __init__(self, *diagnostics: Diagnostic):
        super().__init__("; ".join(d.message for d in diagnostics))
        self.diagnostics = diagnostics


class Exceeded(Rejected):
    """Compiling the source went over a bound, which the text names: "to compile it
    takes more than 1 GiB of memory"."""

    def __init__(self, bound: str):
        super().__init__(Diagnostic(bound))


@dataclass(frozen=True)
class End:
    """What the sandbox saw of a program that ended by itself or trapped."""

    trapped: bool
    exit_code: int
    trap: str
    stdout: bytes
    stderr: bytes


@dataclass(frozen=True)
class Finding:
    """What an end means: "exception", "syntax_error", "stack_overflow" or
    "out_of_memory"."""

    kind: str
    type: str = ""  # of an exception, as the language calls it
    message: str = ""
    line: int = 0


class Runtime:
    """A language, and what is said of it."""

    def __init__(self, language, name, extension, licence, deterministic, aliases, examples):
        self.language = language
        self.about = pb.DescribeResponse(
            name=name,
            aliases=aliases,
            extension=extension,
            licence=licence,
            deterministic=deterministic,
            examples=[pb.Example(shows=shows, text=text) for shows, text in examples],
        )

    def serve(self) -> None:
        """Serves the language until assay ends it."""
        handlers = {
            "Describe": unary(pb.DescribeRequest, lambda _: self.about),
            "Detect": unary(pb.DetectRequest, self._detect),
            "Prepare": unary(pb.PrepareRequest, self._prepare),
            "Wrap": unary(pb.WrapRequest, self._wrap),
            "Compile": unary(pb.CompileRequest, self._compile),
            "Classify": unary(pb.ClassifyRequest, self._classify),
        }
        serve(versions=(1,), handlers=(grpc.method_handlers_generic_handler(SERVICE, handlers),))

    def _detect(self, _):
        d = self.language.detect()
        return pb.DetectResponse(version=valid(d.version), missing=valid(d.missing), install=valid(d.install))

    def _prepare(self, _):
        id, about = self.language.prepare()
        return pb.PrepareResponse(id=valid(id), about=valid(about))

    def _wrap(self, m):
        problem = Problem(m.name, m.prompt, m.tests, m.entry_point)
        if hasattr(self.language, "wrap"):
            s = self.language.wrap(problem, m.completion)
        else:
            text = m.prompt + m.completion + "\n" + m.tests
            s = Source("main" + self.about.extension, text.encode())
        return pb.WrapResponse(source=pb.Source(name=valid(s.name), text=s.text))

    def _compile(self, m):
        out = pb.CompileResponse()
        sent = {}  # a module goes once that several programs share
        for s in m.sources:
            program = out.programs.add()
            try:
                made = self.language.compile(Source(s.name, s.text))
            except Rejected as e:
                program.rejection.diagnostics.extend(
                    pb.Diagnostic(line=d.line, column=d.column, message=valid(d.message)) for d in e.diagnostics
                )
                program.rejection.limit = isinstance(e, Exceeded)
                continue
            if made.module not in sent:
                sent[made.module] = len(out.modules)
                out.modules.append(made.module)
            program.module = sent[made.module]
            program.args.extend(map(valid, made.args))
        return out

    def _classify(self, m):
        f = None
        if hasattr(self.language, "classify"):
            f = self.language.classify(End(m.trapped, m.exit_code, m.trap, m.stdout, m.stderr))
        if f is None:
            return pb.ClassifyResponse()
        return pb.ClassifyResponse(
            end=pb.End.Value("END_" + f.kind.upper()), type=valid(f.type), message=valid(f.message), line=f.line
        )


def runtime(*, name, extension, licence, examples, deterministic=False, aliases=()):
    """Makes a class a language. It has the methods detect() -> Detection,
    prepare() -> (id, about) and compile(Source) -> Program, which raises Rejected
    or Exceeded;
    and, where they are of use, wrap(Problem, completion) -> Source and
    classify(End) -> Finding or None. Several calls come at once, each in a thread."""
    return lambda cls: Runtime(cls(), name, extension, licence, deterministic, aliases, examples)


def read_examples(path):
    """The conformance set from a file: each example after a line "-- pass --",
    "-- loop --" and so on."""
    with open(path, encoding="utf-8") as f:
        parts = re.split(r"(?m)^-- (\w+) --\n", f.read())
    return list(zip(parts[1::2], parts[2::2]))
