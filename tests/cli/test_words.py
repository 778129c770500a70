"""Commands, flags and values of the command line: what is misspelt, what would be overwritten, and help."""

import json

import pytest

from torque_core.__main__ import main
from torque_core.cli.parser import COMMANDS


def error_of(capsys, *words):
    """The message about words that cannot be parsed."""
    with pytest.raises(SystemExit) as ended:
        main(list(words))
    assert ended.value.code == 2
    out, err = capsys.readouterr()
    message, hint = err.splitlines()
    assert out == ""
    assert hint.startswith("see ")
    assert hint.endswith("--help")
    return message.partition("error: ")[2]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["rewrie"], "there is no command 'rewrie'"),
        (["rewire", "karate", "--leyers", "3"], "unknown flag '--leyers'; did you mean '--layers'?"),
        (["rewire", "karate", "--leyers=3"], "unknown flag '--leyers'; did you mean '--layers'?"),
        (["study", "--lst"], "unknown flag '--lst'; did you mean '--list'?"),
        (["train", "karate", "--xyzzy"], "unknown flag '--xyzzy'"),
        (["rewire", "karate", "--lever", "structual"], "got 'structual'; did you mean 'structural'?"),
        (["train", "karate", "--methods", "plain", "torqu"], "got 'torqu'; did you mean 'torque'?"),
        (["train", "karate", "--lay", "3"], "unknown flag '--lay'"),  # no abbreviations: a new flag would break them
        (["completion", "bsh"], "got 'bsh'; did you mean 'bash'?"),
        (["rewire", "karate", "-x"], "unknown argument '-x'"),
        ([], "the following arguments are required: COMMAND"),
    ],
)
def test_misspelt_words(capsys, words, message):
    assert message in error_of(capsys, *words)


def test_a_misspelt_data_set(capsys):
    assert main(["rewire", "cara"]) == 2
    assert capsys.readouterr().err.endswith("; did you mean 'cora'?\n")


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_examples(capsys, command):
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    usage = capsys.readouterr().out
    assert f"  torque {command} " in usage.partition("examples:\n")[2] + " "
    assert "(default: None)" not in usage


def test_json_is_the_summary(capsys, tmp_path):
    assert main(["rewire", "karate", "--json", "--out", str(tmp_path / "out")]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document == json.loads((tmp_path / "out" / "summary.json").read_text())
    assert (document["dataset"], document["nodes"], len(document["layers"])) == ("karate", 34, 2)


def test_scores_as_json(capsys):
    assert (
        main(["train", "karate", "--methods", "mlp", "ablation_random", "--epochs", "1", "--runs", "2", "--json"]) == 0
    )
    methods = json.loads(capsys.readouterr().out)["methods"]
    assert list(methods) == ["mlp", "ablation_random"]
    for scores in methods.values():
        first, second = scores["runs"]
        assert scores["mean"] == pytest.approx((first + second) / 2)
        assert scores["std"] == pytest.approx(abs(first - second) / 2**0.5)


@pytest.mark.parametrize("flags", [["--overwrite"], ["--force"], ["--force", "cosine", "--overwrite"]])
def test_nothing_is_overwritten_unless_told_to(capsys, tmp_path, flags):
    note = tmp_path / "summary.json"
    note.write_text("mine")
    assert main(["rewire", "karate", "--out", str(tmp_path)]) == 2
    assert capsys.readouterr().err == (
        f"torque: {tmp_path} exists; choose another place, or replace what it holds with --force\n"
    )
    assert [file.name for file in tmp_path.iterdir()] == ["summary.json"]
    assert main(["rewire", "karate", "--out", str(tmp_path), *flags]) == 0
    force = "cosine" if "cosine" in flags else "energy"
    assert json.loads(note.read_text())["method"]["force"] == force


def test_an_empty_folder_is_free(tmp_path):
    assert main(["rewire", "karate", "--quiet", "--out", str(tmp_path)]) == 0


def test_one_document_on_standard_output(capsys):
    assert main(["rewire", "karate", "--json", "--out", "-"]) == 2
    assert "--json and --out - both write to standard output" in capsys.readouterr().err
