"""The versions that the hooks were proven with."""

import importlib.metadata

from .errors import RunError

# What the hooks lean on is internal to these packages. The same as in
# pyproject.toml; a test compares them.
PINS = {
    "trl": "1.16.0",
    "transformers": "5.23.0",
    "torch": "2.15.0",
    "peft": "0.21.2",
    "accelerate": "1.15.0",
    "datasets": "5.2.0",
    "safetensors": "0.8.0",
}


def installed():
    """Version of each pinned package, None where it is missing."""
    out = {}
    for name in PINS:
        try:
            out[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            out[name] = None
    return out


def check(allow_other=False):
    """Returns the installed versions; refuses others than the pinned ones.

    A local part is not compared: 2.15.0+cu130 is 2.15.0 on another platform.
    """
    found = installed()
    wrong = [
        f"{name} {found[name] or 'missing'} (needs {pin})"
        for name, pin in PINS.items()
        if found[name] is None or found[name].split("+")[0] != pin and not allow_other
    ]
    if wrong:
        raise RunError(
            "this trainer is proven with fixed versions, and these differ: "
            + ", ".join(wrong)
            + ". Install the lock file into an environment of its own: pip install --require-hashes -r requirements.lock"
        )
    return found
