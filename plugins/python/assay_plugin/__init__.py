"""Plugins of assay in Python. A model backend is one function:

    from assay_plugin import backend

    @backend
    def complete(request):
        return "an answer"

    if __name__ == "__main__":
        complete.serve()

Several requests come at once, each in a thread of its own.
"""

from .backend import Answer, Backend, Failure, Message, Request, Text, backend

__all__ = ["Answer", "Backend", "Failure", "Message", "Request", "Text", "backend"]
