"""C, by the clang and the libc that the package ziglang brings along."""

import hashlib
import importlib.metadata
import os
import re
import subprocess
import sys
import tempfile

from assay_plugin import Detection, Diagnostic, End, Exceeded, Finding, Program, Rejected, Source, read_examples, runtime

# -UNDEBUG: zig defines NDEBUG when it optimises, and assertions would be gone.
FLAGS = ["-target", "wasm32-wasi", "-std=c17", "-O1", "-UNDEBUG", "-g0", "-s", "-fno-sanitize=all", "-Wno-everything"]
# Bounds of each process, and of a file: an ordinary program takes 0.1 s and 70 MiB.
SECONDS, MEBIBYTES, FILE = 6, 896, 128
# Which of them comes first is the machine's affair: a source has the same outcome
# everywhere.
LIMIT = f"to compile it takes more than {SECONDS} s of processor time, {MEBIBYTES} MiB of memory, or {FILE} MiB in a file"
# What limited.py ends with, and what the compiler says, where a bound was met.
OVER, OVER_SAID = 99, r"(?m)^LLVM ERROR: out of memory|std::bad_alloc|: OutOfMemory$|File too large"
CRASHED = "PLEASE submit a bug report"
# Bytes of a module that a message to assay can hold, and of what is kept of the compiler's words.
MODULE, SAID = 31 << 20, 1 << 20
EMPTY = b"int main(void) { return 0; }\n"
HERE = os.path.dirname(os.path.abspath(__file__))


def compile_c(text, bounded=True):
    """The module of a source, or None; what the compiler says; whether it went over a
    bound."""
    with tempfile.TemporaryDirectory() as folder:
        source, module, words = (os.path.join(folder, name) for name in ("main.c", "main.wasm", "words"))
        with open(source, "wb") as f:
            f.write(text)
        bounds = []
        if bounded and os.name == "posix":
            bounds = [sys.executable, os.path.join(HERE, "limited.py"), str(SECONDS), str(MEBIBYTES), str(FILE)]
        with open(words, "wb") as stderr:
            ended = subprocess.run(
                [*bounds, sys.executable, "-m", "ziglang", "cc", *FLAGS, "-o", module, "main.c", "-lm"],
                cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=stderr,
                env={**os.environ, "ZIG_LOCAL_CACHE_DIR": folder, "TMPDIR": folder},
            )  # fmt: skip
        with open(words, encoding="utf-8", errors="replace") as f:
            said = re.sub(r"\S*/o/[0-9a-f]{32}/", "", f.read(SAID))  # this machine's cache
        if ended.returncode:
            return None, said, ended.returncode == OVER or re.search(OVER_SAID, said) is not None
        if os.path.getsize(module) > MODULE:
            return None, said, True
        with open(module, "rb") as f:
            return f.read(), said, False


@runtime(
    name="c",
    extension=".c",
    licence="MIT AND Apache-2.0 WITH LLVM-exception",
    deterministic=True,
    examples=read_examples(os.path.join(HERE, "examples.txt")),
)
class C:
    def detect(self):
        try:
            return Detection(version="zig " + importlib.metadata.version("ziglang"))
        except importlib.metadata.PackageNotFoundError:
            return Detection(missing=f"{sys.executable} has no package ziglang", install="pip install ziglang")

    def prepare(self):
        module, said, _ = compile_c(EMPTY, bounded=False)  # the first time it builds a libc
        if module is None:
            raise RuntimeError(said)
        version = self.detect().version
        return hashlib.sha256(repr((version, FLAGS, LIMIT)).encode() + module).hexdigest(), version

    def compile(self, source: Source):
        module, said, over = compile_c(source.text)
        if module is not None:
            return Program(module)
        if compile_c(EMPTY)[0] is None:
            raise RuntimeError(said)  # a full disk, for instance: no fault of the source
        if over:
            raise Exceeded(LIMIT)
        errors = re.findall(r"(?m)^(?:main\.c:(\d+):(\d+): )?(?:fatal )?error: (.*)$", said)
        if not errors:
            errors = [("", "", "the compiler crashes" if CRASHED in said or not said.strip() else said.strip()[:1000])]
        raise Rejected(*(Diagnostic(text, int(line or 0), int(column or 0)) for line, column, text in errors))

    def classify(self, end: End):
        if not end.trapped:
            return None
        found = re.search(rb"(?m)^Assertion failed: (.*) \(main\.c: \w+: (\d+)\)$", end.stderr)
        if found:
            return Finding("exception", "assertion", found[1].decode("utf-8", "replace"), int(found[2]))
        return Finding("exception", "trap", end.trap)


if __name__ == "__main__":
    C.serve()
