"""C, by the clang and the libc that the package ziglang brings along."""

import hashlib
import importlib.metadata
import os
import re
import subprocess
import sys
import tempfile

from assay_plugin import Detection, Diagnostic, End, Finding, Program, Rejected, Source, read_examples, runtime

# -UNDEBUG: zig defines NDEBUG when it optimises, and assertions would be gone.
FLAGS = ["-target", "wasm32-wasi", "-std=c17", "-O1", "-UNDEBUG", "-g0", "-s", "-fno-sanitize=all", "-Wno-everything"]
# Bounds of each process: an ordinary program takes 0.1 s and 70 MiB.
SECONDS, MEBIBYTES = 10, 1024
HERE = os.path.dirname(os.path.abspath(__file__))


def compile_c(text):
    """The module of a source, or what the compiler says."""
    with tempfile.TemporaryDirectory() as folder:
        source, module = os.path.join(folder, "main.c"), os.path.join(folder, "main.wasm")
        with open(source, "wb") as f:
            f.write(text)
        bounds = [sys.executable, os.path.join(HERE, "limited.py"), str(SECONDS), str(MEBIBYTES)] if os.name == "posix" else []
        ended = subprocess.run(
            [*bounds, sys.executable, "-m", "ziglang", "cc", *FLAGS, "-o", module, "main.c", "-lm"],
            cwd=folder, capture_output=True, stdin=subprocess.DEVNULL,
            env={**os.environ, "ZIG_LOCAL_CACHE_DIR": folder, "TMPDIR": folder},
        )  # fmt: skip
        said = ended.stderr.decode("utf-8", "replace")
        if ended.returncode:
            return None, said
        with open(module, "rb") as f:
            return f.read(), said


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
        module, said = compile_c(b"int main(void) { return 0; }\n")  # the first time it builds a libc
        if module is None:
            raise RuntimeError(said)
        version = self.detect().version
        return hashlib.sha256(repr((version, FLAGS)).encode() + module).hexdigest(), version

    def compile(self, source: Source):
        module, said = compile_c(source.text)
        if module is not None:
            return Program(module)
        if compile_c(b"int main(void) { return 0; }\n")[0] is None:
            raise RuntimeError(said)  # a full disk, for instance: no fault of the source
        if re.search(r"(?m)^LLVM ERROR: out of memory$|: OutOfMemory$", said):
            raise Rejected(Diagnostic(f"to compile it takes more than {MEBIBYTES} MiB of memory"))
        errors = re.findall(r"(?m)^(?:main\.c:(\d+):(\d+): )?(?:fatal )?error: (.*)$", said)
        raise Rejected(*(Diagnostic(text, int(line or 0), int(column or 0)) for line, column, text in errors or [("", "", said.strip()[:1000] or "it is rejected")]))

    def classify(self, end: End):
        if not end.trapped:
            return None
        found = re.search(rb"(?m)^Assertion failed: (.*) \(main\.c: \w+: (\d+)\)$", end.stderr)
        if found:
            return Finding("exception", "assertion", found[1].decode("utf-8", "replace"), int(found[2]))
        return Finding("exception", "trap", end.trap)


if __name__ == "__main__":
    C.serve()
