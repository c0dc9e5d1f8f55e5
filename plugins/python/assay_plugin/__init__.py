"""Plugins of assay in Python. A model backend is one function:

    from assay_plugin import backend

    @backend
    def complete(request):
        return "an answer"

    if __name__ == "__main__":
        complete.serve()

A trainer is a function that trains a Run; a language runtime is a class that
compiles. Several requests come at once, each in a thread of its own.
"""

from .backend import Answer, Backend, Failure, Message, Request, Text, backend
from .runtime import (
    Detection, Diagnostic, End, Exceeded, Finding, Problem, Program, Rejected, Runtime, Source, read_examples, runtime,
)  # fmt: skip
from .trainer import Run, Stopped, Trainer, trainer

__all__ = [
    "Answer", "Backend", "Failure", "Message", "Request", "Text", "backend",
    "Detection", "Diagnostic", "End", "Exceeded", "Finding", "Problem", "Program", "Rejected", "Runtime", "Source",
    "read_examples", "runtime",
    "Run", "Stopped", "Trainer", "trainer",
]  # fmt: skip
