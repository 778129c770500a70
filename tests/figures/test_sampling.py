import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from torque_core.figures.sampling import evenly_spaced, stratified_sample


@given(st.integers(0, 300), st.integers(2, 100))
def test_evenly_spaced_includes_both_ends(count, max_count):
    sample = evenly_spaced(count, max_count)
    assert len(sample) == min(count, max_count)
    assert len(np.unique(sample)) == len(sample)
    if count:
        assert (sample[0], sample[-1]) == (0, count - 1)


@given(st.integers(1, 400), st.integers(1, 200), st.integers(0, 2**20))
def test_samples_include_priority_items_and_respect_the_maximum(count, max_count, seed):
    generator = np.random.default_rng(seed)
    kind, value = generator.integers(0, 4, count), generator.random(count).round(1)
    priority = generator.random(count) < generator.random()
    sample = stratified_sample(kind, value, max_count, priority=priority)
    assert len(sample) <= max_count
    assert (np.diff(sample) > 0).all()
    if count <= max_count:
        assert len(sample) == count
    elif priority.sum() <= max_count:
        assert set(np.flatnonzero(priority)) <= set(sample)
    else:
        assert priority[sample].all()
        assert len(sample) == max_count
    assert np.array_equal(sample, stratified_sample(kind, value, max_count, priority=priority))


def test_rare_kinds_get_a_sixteenth_including_their_extremes():
    value = np.arange(10_000) % 5_000 * 1.0
    kind = (np.arange(10_000) >= 9_000).astype(int) + (np.arange(10_000) >= 9_990)
    sample = stratified_sample(kind, value, 1_600, priority=np.zeros(10_000, bool))
    # 100, 100 and 10 at the least; of the other 1,390 places shares of 8,900, 890 and 0 in 9,790
    assert np.bincount(kind[sample]).tolist() == [100 + 1263, 100 + 126, 10]
    assert {9_000, 9_989} <= set(sample)  # the least and the greatest value of the second kind
