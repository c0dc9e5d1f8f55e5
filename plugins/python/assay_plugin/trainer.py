"""A trainer: a function that trains a run directory."""

import contextlib
import hashlib
import json
import os
import queue
import re
import shutil
import threading
from collections.abc import Callable

import grpc

from .method import fail, stream, unary, valid
from .proto.trainer.v1 import trainer_pb2 as pb
from .serve import serve

SERVICE = "assay.plugin.trainer.v1.Trainer"


class Stopped(Exception):
    """The run was stopped before its end, with a checkpoint."""


class Run:
    """A run directory that is to be trained, and who listens.

    stop is a threading.Event. Once it is set, end the step, keep a checkpoint and
    raise Stopped.
    """

    def __init__(self, directory: str, stop: threading.Event, listen: Callable[[dict], None]):
        self.directory, self.stop, self._listen = directory, stop, listen
        with open(self.path("manifest.json"), encoding="utf-8") as f:
            self.manifest: dict = json.load(f)  # what decides the loss
        with open(self.path("config.json"), encoding="utf-8") as f:
            self.config: dict = json.load(f)  # how it is trained

    def path(self, *names: str) -> str:
        return os.path.join(self.directory, *names)

    def pairs(self) -> list[dict]:
        """The masked pairs, if they are the manifest's."""
        with open(self.path("pairs.jsonl"), "rb") as f:
            data = f.read()
        if hashlib.sha256(data).hexdigest() != self.manifest["pairs_sha256"]:
            raise RuntimeError("pairs.jsonl is not the file that manifest.json was written for")
        return [json.loads(line) for line in data.split(b"\n") if line.strip()]

    def relay(self, event: dict) -> None:
        """Tells assay of an event: a dict as a line of events.jsonl has it."""
        self._listen(event)

    def tell(self, event: str, **facts) -> None:
        """Tells of an event, and notes it in events.jsonl."""
        line = {"event": event, **facts}
        self._append("events.jsonl", line)
        self.relay(line)

    def step(self, step: int, of: int, **figures: float) -> None:
        """Tells of a step, and notes its figures, by TRL's names, in
        metrics.jsonl. Names with a slash are written as **{"rewards/margins": x}."""
        self._append("metrics.jsonl", {"step": step, **figures})
        self.tell("step", step=step, of=of, **figures)

    def evaluation(self, step: int, **figures: float) -> None:
        """Tells and notes what the pairs that were held out come to."""
        figures = {"eval_" + name: x for name, x in figures.items()}
        self._append("metrics.jsonl", {"step": step, **figures})
        self.tell("evaluation", step=step, **figures)

    def resume(self) -> tuple[int, str | None]:
        """The step and the folder of the last checkpoint, or 0 and None. What was
        noted of later steps is cut off metrics.jsonl."""
        last = 0
        with contextlib.suppress(FileNotFoundError):
            for name in os.listdir(self.path("checkpoints")):
                if match := re.fullmatch(r"checkpoint-(\d+)", name):
                    last = max(last, int(match[1]))
        kept = []
        with contextlib.suppress(FileNotFoundError), open(self.path("metrics.jsonl"), encoding="utf-8") as f:
            kept = [line for line in f if line.endswith("\n") and json.loads(line)["step"] <= last]
        self._whole("metrics.jsonl", "".join(kept))
        return last, self.path("checkpoints", f"checkpoint-{last}") if last else None

    @contextlib.contextmanager
    def checkpoint(self, step: int):
        """A folder to write a checkpoint into, which becomes one when all is
        written."""
        with self._folder("checkpoints", f"checkpoint-{step}") as folder:
            yield folder
        self.tell("checkpoint", step=step, path=f"checkpoints/checkpoint-{step}")

    @contextlib.contextmanager
    def model(self):
        """A folder to write the trained model into."""
        with self._folder("checkpoint") as folder:
            yield folder

    def finish(self, **result) -> None:
        """Writes result.json, which makes the run finished. It comes last."""
        self._whole("result.json", json.dumps({"finished": True, **result}, indent=2) + "\n")

    @contextlib.contextmanager
    def _folder(self, *names):
        partial = self.path("checkpoints", "partial")
        shutil.rmtree(partial, ignore_errors=True)
        os.makedirs(partial)
        yield partial
        shutil.rmtree(self.path(*names), ignore_errors=True)
        os.replace(partial, self.path(*names))

    def _append(self, name, line):
        with open(self.path(name), "a", encoding="utf-8") as f:
            f.write(json.dumps(line, ensure_ascii=False) + "\n")

    def _whole(self, name, text):
        with open(self.path(name + ".part"), "w", encoding="utf-8") as f:
            f.write(text)
            f.flush()
            os.fsync(f.fileno())
        os.replace(self.path(name + ".part"), self.path(name))


class Trainer:
    """A function that trains, and what it stands on."""

    def __init__(self, function: Callable[[Run], None], check: Callable[[], dict]):
        self.function, self.check = function, check
        self.__doc__ = function.__doc__
        self._lock = threading.Lock()
        self._stopped = 0  # this run and those before are to stop
        self._stops: dict[int, threading.Event] = {}  # of the runs under way

    def serve(self) -> None:
        """Serves the trainer until assay ends it."""
        handlers = {
            "Describe": unary(pb.DescribeRequest, lambda _: pb.DescribeResponse()),
            "Check": unary(pb.CheckRequest, self._check),
            "Train": stream(pb.TrainRequest, self._train),
            "Stop": unary(pb.StopRequest, self._stop),
        }
        serve(versions=(1,), handlers=(grpc.method_handlers_generic_handler(SERVICE, handlers),))

    def _check(self, _):
        return pb.CheckResponse(versions={name: str(version) for name, version in self.check().items()})

    def _stop(self, message):
        with self._lock:
            self._stopped = max(self._stopped, message.run)
            for run, stop in self._stops.items():
                if run <= self._stopped:
                    stop.set()
        return pb.StopResponse()

    def _train(self, message, context):
        told = queue.Queue(100)  # a trainer that tells more than is heard waits
        with self._lock:
            stop = self._stops[message.run] = threading.Event()
            if message.run <= self._stopped:
                stop.set()

        def work():
            try:
                self.function(Run(message.directory, stop, lambda event: told.put(_event(event))))
                told.put(pb.Result(stopped=False))
            except Stopped:
                told.put(pb.Result(stopped=True))
            except BaseException as e:  # a SystemExit ends a thread without a word
                told.put(e)

        context.add_callback(stop.set)  # when nobody listens any more
        threading.Thread(target=work, daemon=True).start()
        try:
            while True:
                item = told.get()
                if isinstance(item, BaseException):
                    fail(context, item)
                if isinstance(item, pb.Result):
                    yield pb.TrainResponse(result=item)
                    return
                yield pb.TrainResponse(event=item)
        finally:
            with self._lock:
                del self._stops[message.run]


def trainer(*, check: Callable[[], dict] | None = None, **versions):
    """Makes a function a trainer: @trainer(numpy=numpy.__version__), where what it
    stands on is known at once, or @trainer(check=f), where f looks and raises an
    error when something is missing. The function gets a Run; it returns when the
    run is finished, and raises Stopped when it was stopped."""
    return lambda function: Trainer(function, check or (lambda: versions))


FIGURES = (
    "loss", "rewards/accuracies", "rewards/margins",
    "eval_loss", "eval_rewards/accuracies", "eval_rewards/margins",
    "tokens_per_second",
)  # fmt: skip


def _event(event: dict):
    return pb.Event(
        event=valid(event["event"]),
        figures={name: float(event[name]) for name in FIGURES if event.get(name) is not None},
        **{name: int(event.get(name) or 0) for name in ("step", "of", "pairs", "held_out", "too_long")},
        **{name: valid(str(event.get(name) or "")) for name in ("error", "device", "precision", "resumed_from")},
    )
