"""The PyTorch trainer as a plugin of assay: the package that assay train starts
by itself, asked over gRPC. It wants assay_plugin beside it in its environment."""

import os

from assay_plugin import Stopped, trainer

# Nothing is fetched and nothing is told to anybody: models are local.
os.environ.update(HF_HUB_OFFLINE="1", HF_HUB_DISABLE_TELEMETRY="1", HF_HUB_DISABLE_PROGRESS_BARS="1", TQDM_DISABLE="1")


def check():
    from assay_trl.versions import check

    return check(False)


@trainer(check=check)
def train(run):
    from assay_trl.train import train

    if not train(run.directory, listen=run.relay, stop=run.stop)["finished"]:
        raise Stopped


if __name__ == "__main__":
    train.serve()
