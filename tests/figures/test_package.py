"""The package of figures as a whole: its optional dependencies and its public names."""

import subprocess
import sys

import torque_core.figures

WITHOUT_PLOTLY = """
import sys
sys.modules["plotly"] = None  # importing it now fails
import torque_core
assert "torque_core.figures" not in sys.modules
import torque_core.figures
"""


def test_without_plotly_the_error_names_the_extra():
    process = subprocess.run([sys.executable, "-c", WITHOUT_PLOTLY], capture_output=True, text=True, check=False)
    assert process.returncode == 1
    assert process.stderr.splitlines()[-1].endswith(
        'plotly is not installed; install it with: pip install "torque-core[figures]"'
    )


def test_public_names_exist():
    assert all(hasattr(torque_core.figures, name) for name in torque_core.figures.__all__)
