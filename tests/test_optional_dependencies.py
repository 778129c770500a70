"""The core works without the optional dependencies; what needs one raises an error that names the extra."""

import subprocess
import sys
from textwrap import dedent

import pytest

BLOCKED = (  # networkx is always installed: torch needs it
    *("streamlit", "plotly", "pyvis", "igraph", "pandas", "PIL", "optuna", "dask", "distributed"),
    *("ot", "faiss", "sklearn", "numba", "networkit", "matplotlib", "pyarrow"),
)
PREAMBLE = f"""
import sys

class WithoutOptional:
    def __init__(self, finder):
        self.finder = finder

    def __getattr__(self, name):
        return getattr(self.finder, name)

    def find_spec(self, name, path=None, target=None):
        return None if name.partition(".")[0] in {BLOCKED} else self.finder.find_spec(name, path, target)

sys.meta_path[:] = [WithoutOptional(finder) for finder in sys.meta_path]
"""


def run(script):
    """Run a script in a new process in which the optional dependencies cannot be imported."""
    code = PREAMBLE + dedent(script)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def test_the_core_rewires_and_trains_without_them():
    printed = run(
        """
        import torque_core, torque_core.baselines, torque_core.datasets, torque_core.diagnostics, torque_core.io
        import torque_core.datasets.importers, torque_core.nn, torque_core.attacks
        from torque_core import Noise, TrainSpec, add_noise, load, rewire, train
        from torque_core.baselines import PEERS
        from torque_core.diagnostics import detection, structure

        noisy = add_noise(load("karate").data, Noise("insert", 0.5))
        rewiring = rewire(noisy.data)
        layer = rewiring.layers[0]
        print(len(rewiring.layers), layer.pairs.size(1), detection(layer.torque.value, layer.pruned_mask,
              noisy.is_injected(layer.pairs)).injected, structure(layer.rewired, 34).components >= 1)
        print([type(event).__name__ for event in train(noisy.data, TrainSpec(epochs=1))][-1])
        print(PEERS["fosr"](iterations=10)(load("karate").data).num_edges)
        """
    )
    assert printed.split("\n") == ["2 117 39 True", "Finished", "176", ""]


NEEDS = [  # a script, the package that it needs, and the extra that has it
    ("from torque_core import load; load('digits')", "scikit-learn", "baselines"),
    ("from torque_core.baselines import PEERS; from torque_core import load; PEERS['borf']()(load('karate').data)",
     "POT", "baselines"),
    ("from torque_core.baselines import Triangles; from torque_core import load; Triangles()(load('karate').data)",
     "networkit", "baselines"),
    ("from torque_core import load, rewire, RewireSpec; rewire(load('karate').data, RewireSpec(cut='mixture'))",
     "scikit-learn", "baselines"),
    ("from torque_core import load, rewire, RewireSpec; "
     "rewire(load('karate').data, RewireSpec(force='pagerank_sum'))", "igraph", "app"),
    ("from torque_core.datasets.importers import import_graph; import_graph({'e.csv': b'a,b\\nb,c\\n'})",
     "igraph", "app"),
    ("from torque_core.io import graph_file; import torch; graph_file('csv', torch.tensor([[0], [1]]), 2)",
     "pandas", "app"),
    ("from torque_core.out_of_core import rewire_store; rewire_store('e.csv', 'x.npy', 'out')", "pyarrow", "large"),
    ("from torque_core import load, rewire; rewire(load('karate').data).summary()", "pandas", "figures"),
    ("from torque_core import load, rewire; rewire(load('karate').data).plot()", "pandas", "figures"),
]  # fmt: skip


@pytest.fixture(scope="module")
def errors():
    """The error of each script."""
    printed = run(
        f"""
        from torque_core.errors import MissingDependency
        for script in {[script for script, _, _ in NEEDS]!r}:
            try:
                exec(script)
            except MissingDependency as error:
                print(error)
            else:
                print("none")
        """
    )
    return dict(zip([script for script, _, _ in NEEDS], printed.splitlines(), strict=True))


@pytest.mark.parametrize(("script", "package", "extra"), NEEDS)
def test_an_error_names_the_extra(errors, script, package, extra):
    assert errors[script] == f'{package} is not installed; install it with: pip install "torque-core[{extra}]"'
