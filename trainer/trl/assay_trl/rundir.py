"""The run directory's files that come in: manifest.json and pairs.jsonl.

Their schemas are in the Go package trainer, which writes them.
"""

import dataclasses
import hashlib
import json
import os

from .errors import RunError

MANIFEST, PAIRS, CONFIG = "manifest.json", "pairs.jsonl", "config.json"
MAX_LINE = 4 << 20


@dataclasses.dataclass(frozen=True)
class Manifest:
    """What decides the loss."""

    method: str
    preference: bool  # w is 1
    nll: str  # the answer that s weighs: none, chosen or rejected
    norm: str  # over what its mean is taken: batch or sequence
    beta: float
    alpha: float
    rule: str  # which tokens a span takes: overlap or owner
    pairs_sha256: str
    sha256: str  # of manifest.json itself


@dataclasses.dataclass(frozen=True)
class Pair:
    id: str
    prompt: str
    chosen: str
    rejected: str
    chosen_spans: list | None  # half-open ranges of UTF-8 bytes; None: everything
    rejected_spans: list | None
    messages: list | None = None  # that prompt is the text of; None: the row is not conversational

    def conversation(self):
        """The prompt as a chat template takes it."""
        return self.messages or [{"role": "user", "content": self.prompt}]


def read_manifest(rundir):
    data = _read(rundir, MANIFEST)
    try:
        m = json.loads(data)
        if m["version"] != 1:
            raise RunError(f"{MANIFEST}: version is {m['version']}; this trainer reads version 1")
        out = Manifest(
            **{f.name: m[f.name] for f in dataclasses.fields(Manifest) if f.name != "sha256"},
            sha256=hashlib.sha256(data).hexdigest(),
        )
    except (ValueError, KeyError, TypeError) as err:
        raise RunError(f"{MANIFEST}: not a manifest of a run: {err!r}") from err
    for name, known in {
        "nll": ("none", "chosen", "rejected"),
        "norm": ("batch", "sequence"),
        "rule": ("overlap", "owner"),
    }.items():
        if getattr(out, name) not in known:
            raise RunError(f"{MANIFEST}: {name} is {getattr(out, name)!r}; there are {', '.join(known)}")
    if not out.beta > 0 or not out.alpha >= 0:
        raise RunError(f"{MANIFEST}: beta {out.beta} and alpha {out.alpha} must be above 0 and not below 0")
    if not out.preference and (out.nll == "none" or out.alpha == 0):
        raise RunError(f"{MANIFEST}: the loss has no term: nothing would be trained")
    return out


def read_pairs(rundir, manifest):
    """All pairs, after the file's hash was compared with the manifest's."""
    data = _read(rundir, PAIRS)
    if hashlib.sha256(data).hexdigest() != manifest.pairs_sha256:
        raise RunError(f"{PAIRS} is not the file that {MANIFEST} was written for (its SHA-256 differs): write the run anew")
    pairs = []
    for number, line in enumerate(data.split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            if len(line) > MAX_LINE:
                raise ValueError(f"the line is longer than {MAX_LINE} bytes")
            pairs.append(_pair(json.loads(line)))
        except (ValueError, KeyError, TypeError) as err:
            raise RunError(f"{PAIRS}:{number}: {err if isinstance(err, ValueError) else repr(err)}") from err
    if not pairs:
        raise RunError(f"{PAIRS} has no pairs")
    return pairs


def _pair(row):
    for name in ("id", "prompt", "chosen", "rejected"):
        if not isinstance(row[name], str) or not row[name]:
            raise ValueError(f"{name} is missing or not a text")
    pair = Pair(
        **{name: row[name] for name in ("id", "prompt", "chosen", "rejected")},
        chosen_spans=_spans(row, "chosen"),
        rejected_spans=_spans(row, "rejected"),
        messages=_messages(row),
    )
    return pair


def _messages(row):
    messages = row.get("prompt_messages")
    if messages is None:
        return None
    if not isinstance(messages, list) or not all(isinstance(m, dict) and isinstance(m.get("role"), str) and isinstance(m.get("content"), str) for m in messages):
        raise ValueError(f"pair {row['id']}: prompt_messages is no list of messages with role and content")
    return [{"role": m["role"], "content": m["content"]} for m in messages]


def _spans(row, side):
    spans = row[f"{side}_spans"]
    if spans == "all":
        return None
    text, end = row[side].encode(), 0
    for start, stop in spans:
        if not (end <= start < stop <= len(text)):
            raise ValueError(f"pair {row['id']}: {side}_spans: {start} to {stop} is empty, out of order or outside of the text, which has {len(text)} bytes")
        if any(at < len(text) and text[at] & 0xC0 == 0x80 for at in (start, stop)):
            raise ValueError(f"pair {row['id']}: {side}_spans: {start} to {stop} cuts a character in two")
        end = stop
    if not spans:
        raise ValueError(f"pair {row['id']}: {side}_spans is empty: nothing would be pushed there; write the run with empty=drop, augment or full")
    return [tuple(s) for s in spans]


def _read(rundir, name):
    path = os.path.join(rundir, name)
    try:
        with open(path, "rb") as f:
            return f.read()
    except OSError as err:
        raise RunError(f"{path}: {err.strerror}; a run directory is written by assay and has {MANIFEST}, {PAIRS} and {CONFIG}") from err
