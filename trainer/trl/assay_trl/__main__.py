"""python -m assay_trl RUNDIR: trains a run and prints its events as JSON lines.

Ends with 0 when the run is finished, 1 after an error, 3 when it was stopped by
SIGINT or SIGTERM with a checkpoint to go on from. On several GPUs:
accelerate launch --config_file accelerate/zero3.yaml -m assay_trl RUNDIR
"""

import argparse
import json
import os
import signal
import sys
import threading

FINISHED, FAILED, STOPPED = 0, 1, 3


def main(argv=None):
    parser = argparse.ArgumentParser(prog="assay_trl", description=__doc__.splitlines()[0])
    parser.add_argument("rundir", nargs="?", help="a run directory that assay wrote")
    parser.add_argument("--check", action="store_true", help="say the versions of what this trainer stands on, and train nothing")
    parser.add_argument("--other-versions", action="store_true", help="run with versions of TRL and its company that the mask was not proven with")
    options = parser.parse_args(argv)
    if options.check == bool(options.rundir):
        parser.error("name a run directory, or --check")
    # Nothing is fetched and nothing is told to anybody: models are local.
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())

    from .errors import RunError
    from .versions import check

    try:
        found = check(options.other_versions)  # before imports that may fail for their versions
        if options.check:
            _print(found)
            return FINISHED
        from .train import train

        result = train(options.rundir, listen=_print, stop=stop, other_versions=options.other_versions)
    except RunError as err:
        print(f"assay_trl: {err}", file=sys.stderr)
        return FAILED
    return FINISHED if result["finished"] else STOPPED


def _print(facts):
    print(json.dumps(facts, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    sys.exit(main())
