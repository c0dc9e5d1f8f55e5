"""Bad run directories: the error names the file, the line, and the way out."""

import json
import os
import re

import pytest
import tiny

from assay_trl import versions
from assay_trl.__main__ import main
from assay_trl.config import parse
from assay_trl.errors import RunError
from assay_trl.rundir import read_manifest, read_pairs
from assay_trl.train import split, train


def read(folder):
    return read_pairs(folder, read_manifest(folder))


@pytest.mark.parametrize(
    "change, why",
    [
        ({"rejected_spans": []}, "pairs.jsonl:2: pair tiny/1: rejected_spans is empty: nothing would be pushed"),
        ({"rejected_spans": [[5, 9999]]}, "5 to 9999 is empty, out of order or outside"),
        ({"rejected_spans": [[4, 4]]}, "4 to 4 is empty"),
        ({"rejected_spans": [[4, 6], [5, 7]]}, "5 to 7 is empty, out of order"),
        ({"rejected": "→", "rejected_spans": [[1, 3]]}, "cuts a character"),
        ({"rejected_spans": "some"}, "pairs.jsonl:2: "),
        ({"rejected_spans": None}, "pairs.jsonl:2: "),
        ({"chosen": ""}, "chosen is missing"),
        ({"prompt": 1}, "prompt is missing or not a text"),
        ({"prompt_messages": [{"role": "user"}]}, "pairs.jsonl:2: pair tiny/1: prompt_messages is no list of messages"),
    ],
)
def test_bad_pairs(tmp_path, change, why):
    rows = tiny.pairs(3)
    rows[1].update(change)
    with pytest.raises(RunError, match=re.escape(why)):
        read(tiny.write_run(tmp_path, rows, {}))


def test_pairs_without_spans(tmp_path):
    rows = tiny.pairs(3)
    del rows[2]["chosen_spans"]
    with pytest.raises(RunError, match="pairs.jsonl:3: KeyError.'chosen_spans'"):
        read(tiny.write_run(tmp_path, rows, {}))


def test_messages_of_a_prompt(tmp_path):
    rows = tiny.pairs(2)
    rows[1]["prompt_messages"] = [{"role": "user", "content": "Task 1."}]
    plain, talk = read(tiny.write_run(tmp_path, rows, {}))
    assert plain.conversation() == [{"role": "user", "content": "Task 0.\n"}]
    assert talk.conversation() == rows[1]["prompt_messages"]


def test_pairs_of_another_run(tmp_path):
    tiny.write_run(tmp_path, tiny.pairs(3), {})
    with open(tmp_path / "pairs.jsonl", "a") as f:
        f.write(json.dumps(tiny.pairs(4)[3]) + "\n")
    with pytest.raises(RunError, match="its SHA-256 differs"):
        read(tmp_path)


@pytest.mark.parametrize(
    "change, why",
    [
        ({"version": 2}, "version is 2"),
        ({"beta": 0}, "beta 0"),
        ({"rule": "nearest"}, "rule is 'nearest'"),
        ({"nll": "both"}, "nll is 'both'"),
        ({"preference": False, "alpha": 0}, "nothing would be trained"),
    ],
)
def test_bad_manifests(tmp_path, change, why):
    with pytest.raises(RunError, match=re.escape(why)):
        read_manifest(tiny.write_run(tmp_path, tiny.pairs(1), {}, **change))


def test_all_held_out():
    rows = [type("Row", (), {"id": str(i)}) for i in range(3)]
    learned, held = split(rows, parse({"model": "m", "held_out": 0.34}))
    assert (len(learned), len(held)) == (2, 1) and set(learned + held) == set(rows)
    with pytest.raises(RunError, match="held_out 0.9 leaves nothing to learn from of 3 rows"):
        split(rows, parse({"model": "m", "held_out": 0.9}))


def test_no_run_directory(tmp_path):
    with pytest.raises(RunError, match="manifest.json: No such file.*written by assay"):
        train(str(tmp_path))


@pytest.mark.parametrize(
    "settings, why",
    [
        ({}, "model is missing"),
        ({"model": "m", "learning_rates": 1}, "there is no setting 'learning_rates'"),
        ({"model": "m", "learning_rate": "1e-5"}, "learning_rate is '1e-5', not a number"),
        ({"model": "m", "batch_size": 0}, "batch_size is 0; it must be above 0"),
        ({"model": "m", "held_out": 1}, "held_out is 1; it must be from 0"),
        ({"model": "m", "reference": "none"}, "reference is 'none'; there are live, precomputed"),
        ({"model": "m", "lora": {"rank": 4}}, "lora: "),
        ({"model": "m", "trl": {"beta": 1}}, "trl.beta is refused: it is set from the manifest"),
    ],
)
def test_bad_configs(settings, why):
    with pytest.raises(RunError, match=re.escape(why)):
        parse(settings)


def test_batches_that_do_not_divide(tmp_path, config):
    with pytest.raises(RunError, match="batch_size 4 is not a multiple of micro_batch_size 3"):
        train(tiny.write_run(tmp_path, tiny.pairs(4), {**config, "micro_batch_size": 3}))


def test_no_model(tmp_path, config):
    with pytest.raises(RunError, match="no tokenizer in /nowhere"):
        train(tiny.write_run(tmp_path, tiny.pairs(4), {**config, "model": "/nowhere"}))


def test_tokenizer_of_another_model(tmp_path, config):
    tok = tiny.tokenizer()
    tiny.model(100).save_pretrained(tmp_path / "model")
    tok.save_pretrained(tmp_path / "model")
    with pytest.raises(RunError, match="tokenizer and model are not of one kind"):
        train(tiny.write_run(tmp_path / "run", tiny.pairs(4), {**config, "model": str(tmp_path / "model")}))


def test_other_versions(monkeypatch):
    found = {**versions.PINS, "trl": "1.17.0"}
    monkeypatch.setattr(versions, "installed", lambda: found)
    with pytest.raises(RunError, match=r"trl 1.17.0 \(needs 1.16.0\)"):
        versions.check()
    assert versions.check(allow_other=True) == found
    found["torch"] = versions.PINS["torch"] + "+cu130"
    found["trl"] = "1.16.0"
    versions.check()
    found["peft"] = None
    with pytest.raises(RunError, match="peft missing"):
        versions.check(allow_other=True)


def test_the_same_pins_everywhere():
    with open(os.path.join(os.path.dirname(__file__), "..", "pyproject.toml")) as f:
        project = f.read()
    for name, version in versions.PINS.items():
        assert f'"{name}=={version}"' in project


def test_command(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("signal.signal", lambda *_: None)
    assert main([str(tmp_path)]) == 1
    assert capsys.readouterr().err.startswith("assay_trl: ")


def test_check_tells_versions(capsys):
    assert main(["--check"]) == 0
    assert json.loads(capsys.readouterr().out)["trl"] == versions.PINS["trl"]
    with pytest.raises(SystemExit):
        main([])
