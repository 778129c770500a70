import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from torque_core.figures.sampling import evenly_spaced, stratified_sample


@given(st.integers(0, 300), st.integers(2, 100))
def test_evenly_keeps_both_ends(count, most):
    drawn = evenly_spaced(count, most)
    assert len(drawn) == min(count, most)
    assert len(np.unique(drawn)) == len(drawn)
    if count:
        assert (drawn[0], drawn[-1]) == (0, count - 1)


@given(st.integers(1, 400), st.integers(1, 200), st.integers(0, 2**20))
def test_samples_hold_what_comes_first_and_no_more_than_they_may(count, most, seed):
    generator = np.random.default_rng(seed)
    kind, value = generator.integers(0, 4, count), generator.random(count).round(1)
    first = generator.random(count) < generator.random()
    drawn = stratified_sample(kind, value, most, priority=first)
    assert len(drawn) <= most
    assert (np.diff(drawn) > 0).all()
    if count <= most:
        assert len(drawn) == count
    elif first.sum() <= most:
        assert set(np.flatnonzero(first)) <= set(drawn)
    else:
        assert first[drawn].all()
        assert len(drawn) == most
    assert np.array_equal(drawn, stratified_sample(kind, value, most, priority=first))


def test_rare_kinds_have_their_sixteenth_and_their_extremes():
    value = np.arange(10_000) % 5_000 * 1.0
    kind = (np.arange(10_000) >= 9_000).astype(int) + (np.arange(10_000) >= 9_990)
    drawn = stratified_sample(kind, value, 1_600, priority=np.zeros(10_000, bool))
    # 100, 100 and 10 at the least; of the other 1,390 places shares of 8,900, 890 and 0 in 9,790
    assert np.bincount(kind[drawn]).tolist() == [100 + 1263, 100 + 126, 10]
    assert {9_000, 9_989} <= set(drawn)  # the least and the greatest value of the second kind
