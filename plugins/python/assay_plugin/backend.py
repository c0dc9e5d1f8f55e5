"""A model backend: a function from a Request to an answer."""

import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import grpc

from .method import unary, valid, words
from .proto.backend.v1 import backend_pb2 as pb
from .serve import serve

SERVICE = "assay.plugin.backend.v1.Backend"


@dataclass(frozen=True)
class Message:
    role: str  # system, user or assistant
    content: str


@dataclass(frozen=True)
class Request:
    """Asks for n samples of a task."""

    task: str  # what it is asked for; not for the model
    index: int  # the first sample's, from 0
    n: int  # answers wanted; one is enough
    model: str
    messages: tuple[Message, ...]  # a chat; or
    prompt: str  # a text to go on with
    temperature: float
    top_p: float  # 0: the model's default
    max_tokens: int  # of one answer; 0: the model's default
    stop: tuple[str, ...]  # texts that end an answer, and are not part of it
    seed: int | None  # of the first sample; the next one has the next seed

    @property
    def text(self) -> str:
        """What the model reads, a chat or a prompt, as one text."""
        return "\n\n".join(m.content for m in self.messages) or self.prompt


@dataclass(frozen=True)
class Text:
    """One sample. It ended by "stop", by "length" (max_tokens) or by "other"."""

    text: str
    finish: str = "stop"


@dataclass(frozen=True)
class Answer:
    """Samples, and what they took."""

    texts: Iterable[Text | str] = field(default_factory=tuple)
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float = 0.0  # dollars


class Failure(Exception):
    """Why there is no answer, and what can be done about it.

    kind is busy (later, and slower), broken (again), slow (again, with fewer at
    once), unreachable (nobody is there), refused (not this request, ever) or
    unusable (no request at all, for want of a key or a model). Any other
    exception is taken for broken.
    """

    def __init__(self, kind: str, message: str, retry_after: float = 0.0):
        super().__init__(message)
        self.kind = pb.Kind.Value("KIND_" + kind.upper())
        self.retry_after = retry_after


class Backend:
    """A function that answers, and what it is called."""

    def __init__(self, function: Callable[[Request], object], identity: str = ""):
        self.function = function
        self.identity = identity
        self.__doc__ = function.__doc__

    def __call__(self, request: Request):
        return self.function(request)

    def serve(self) -> None:
        """Serves the backend until assay ends it."""
        handlers = {
            "Describe": unary(pb.DescribeRequest, self._describe),
            "Complete": unary(pb.CompleteRequest, self._complete),
        }
        serve(versions=(1,), handlers=(grpc.method_handlers_generic_handler(SERVICE, handlers),))

    def _describe(self, _):
        return pb.DescribeResponse(identity=self.identity)

    def _complete(self, message):
        try:
            return pb.CompleteResponse(answer=_answer(self.function(_request(message))))
        except Failure as e:
            return _failure(e.kind, str(e), e.retry_after)
        except Exception as e:
            traceback.print_exc()
            return _failure(pb.KIND_BROKEN, words(e), 0)


def backend(function=None, *, identity: str = ""):
    """Makes a function a backend: @backend, or @backend(identity="…") where what
    answers has an address or a version of its own."""
    if function is None:
        return lambda f: Backend(f, identity)
    return Backend(function, identity)


def _request(m) -> Request:
    return Request(
        task=m.task,
        index=m.index,
        n=m.n,
        model=m.model,
        messages=tuple(Message(x.role, x.content) for x in m.messages),
        prompt=m.prompt,
        temperature=m.temperature,
        top_p=m.top_p,
        max_tokens=m.max_tokens,
        stop=tuple(m.stop),
        seed=m.seed if m.HasField("seed") else None,
    )


def _answer(given):
    """An answer is a string, a Text, several of them, or an Answer."""
    if isinstance(given, (str, Text)):
        given = [given]
    if not isinstance(given, Answer):
        given = Answer(texts=given)
    out = pb.Answer(
        usage=pb.Usage(
            prompt_tokens=given.prompt_tokens,
            completion_tokens=given.completion_tokens,
            cost=given.cost,
        )
    )
    for text in given.texts:
        text = Text(text) if isinstance(text, str) else text
        out.texts.add(text=valid(text.text), finish=pb.Finish.Value("FINISH_" + text.finish.upper()))
    return out


def _failure(kind, message, retry_after):
    return pb.CompleteResponse(
        failure=pb.Failure(kind=kind, message=valid(message), retry_after_seconds=retry_after)
    )
