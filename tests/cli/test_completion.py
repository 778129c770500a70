import shutil
import subprocess

import pytest

from torque_core.__main__ import main
from torque_core.cli.parser import COMMANDS


@pytest.fixture(scope="module")
def script(tmp_path_factory):
    """Returns the file with the script for a shell."""
    folder = tmp_path_factory.mktemp("completion")

    def write(shell, capsys):
        assert main(["completion", shell]) == 0
        path = folder / shell
        path.write_text(capsys.readouterr().out)
        return path

    return write


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_script_knows_commands_flags_and_values(script, capsys, shell):
    path = script(shell, capsys)
    text = path.read_text()
    for word in (*COMMANDS, "hierarchy", "independent", "no-weight-by-confidence", "minesweeper", "noise_kinds"):
        assert word in text
    if program := shutil.which(shell):
        subprocess.run([program, "-n", str(path)], check=True, timeout=60)


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
def test_bash_completes(script, capsys, tmp_path):
    path = script("bash", capsys)
    (tmp_path / "mine.csv").touch()
    cases = ("re", "rewire --lev", "rewire --lever str", "train --dataset mines", "rewire mi", "study smoke_")
    program = f"source {path}; cd {tmp_path}; "
    for words in cases:
        program += f"COMP_WORDS=(torque {words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); _shtab_torque torque; "
        program += 'echo "${COMPREPLY[@]}"; '
    done = subprocess.run(["bash", "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.splitlines() == [
        "rewire report",
        "--lever",
        "structural",
        "minesweeper",
        "mine.csv",
        "smoke_tuned",
    ]
