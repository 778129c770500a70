import json
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from torque_core.errors import BadConfig
from torque_core.experiments.results.codec import pack_curves, unpack_curves

curves = st.dictionaries(st.text(), st.lists(st.floats(-6e4, 6e4)).map(tuple), max_size=4)


@given(curves)
def test_three_digits_stay(found):
    again = unpack_curves(pack_curves(found))
    assert list(again) == list(found)
    for name, curve in found.items():
        np.testing.assert_allclose(again[name], curve, rtol=5e-4, atol=1e-7)


def test_what_half_precision_cannot_say():
    big, small, none = unpack_curves(pack_curves({"loss": (1e9, -1e9, float("nan"))}))["loss"]
    assert (big, small) == (65504.0, -65504.0)
    assert np.isnan(none)


def test_no_curves():
    assert pack_curves({}) is None
    assert unpack_curves(None) == {}


def test_a_line_break_in_a_name():
    assert unpack_curves(pack_curves({"a\nb": (1.0,)})) == {"a\nb": (1.0,)}


@pytest.mark.parametrize(
    "damaged",
    [
        b"nothing",
        zlib.compress(b"{"),
        zlib.compress(json.dumps({"loss": 3}).encode() + b"\n" + np.ones(2, "<f2").tobytes()),
        zlib.compress(json.dumps({"loss": 1}).encode() + b"\n" + b"x"),
        pack_curves({"loss": (1.0, 2.0)})[:-3],
    ],
)
def test_damaged(damaged):
    with pytest.raises(BadConfig, match=r"curves are damaged: .*; run the experiment again"):
        unpack_curves(damaged)
