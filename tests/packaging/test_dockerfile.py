"""The image cannot be built without a daemon; what it would do is done here in a folder and a process."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")


def instructions(name):
    """The arguments of all instructions of a kind."""
    return re.findall(rf"^{name} (.*)$", DOCKERFILE.replace("\\\n", " "), re.MULTILINE)


@pytest.fixture
def image(tmp_path):
    """What the image holds: the files that are copied, of those that are sent to the build."""
    sent = {line.removeprefix("!") for line in (ROOT / ".dockerignore").read_text().splitlines() if line[0] == "!"}
    for source, target in (line.split() for line in instructions("COPY")):
        assert source in sent
        place = tmp_path / (source if target == "." else target)
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, place, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / source, place)
    return tmp_path


def test_it_runs_without_root_rights_and_has_its_address_as_an_argument():
    users = instructions("USER")
    assert users
    assert "root" not in users
    assert "0" not in users
    assert {line.split("=")[0] for line in instructions("ARG")} >= {"ADDRESS", "PORT"}
    (environment,) = instructions("ENV")
    assert "STREAMLIT_SERVER_ADDRESS=$ADDRESS" in environment
    assert "STREAMLIT_SERVER_PORT=$PORT" in environment


def test_the_app_starts_from_what_the_image_holds_and_is_healthy(image):
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        port = str(probe.getsockname()[1])
    environment = os.environ | {
        "STREAMLIT_SERVER_ADDRESS": "0.0.0.0",
        "STREAMLIT_SERVER_PORT": port,
        "TORQUE_DATA": str(image / "data"),
    }
    check = json.loads(re.search(r"CMD (\[.*\])", instructions("HEALTHCHECK")[0])[1])
    (entry,) = map(json.loads, instructions("ENTRYPOINT"))
    assert check[0] == entry[0] == "python"
    server = subprocess.Popen(
        [sys.executable, *entry[1:]], cwd=image, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        for _ in range(240):
            healthy = subprocess.run([sys.executable, *check[1:]], env=environment, capture_output=True).returncode == 0
            if healthy or server.poll() is not None:
                break
            time.sleep(0.5)
        assert healthy
        # the address of the image overrides the one in .streamlit/config.toml: it listens beyond localhost
        if (table := Path("/proc/net/tcp")).exists():
            listening = {line.split()[1] for line in table.read_text().splitlines()[1:]}
            assert f"00000000:{int(port):04X}" in listening
    finally:
        server.terminate()
        server.wait(20)
