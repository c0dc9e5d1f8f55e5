"""A backend that repeats the code it was shown: the whole of a plugin."""

from assay_plugin import backend


@backend
def complete(request):
    code = request.text.partition("```")[2].rpartition("```")[0]
    return [code or request.text] * request.n


if __name__ == "__main__":
    complete.serve()
