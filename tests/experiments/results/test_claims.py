"""Claims on experiments: one claimant at a time, and those of a dead process are free."""

from torque_core.experiments.results.claims import Claims


def test_a_claim_excludes_others_until_it_is_given_up(tmp_path):
    with Claims(tmp_path / "runs.sqlite") as theirs:
        with Claims(tmp_path / "runs.sqlite") as ours:
            assert ours.take("a")
            assert ours.take("a")  # has it already
            assert not theirs.take("a")
            theirs.release("a")  # is not theirs
            assert not theirs.take("a")
            ours.release("a")
            assert theirs.take("a")
            assert ours.take("b")
        assert theirs.take("b")


def test_what_a_dead_process_claimed_is_free(tmp_path):
    dead = Claims(tmp_path / "runs.sqlite")
    assert dead.take("a")
    dead._connection.close()
    dead._lock.release()  # as the operating system does
    with Claims(tmp_path / "runs.sqlite") as ours:
        assert ours.take("a")
    assert not list(tmp_path.glob("runs.sqlite.claims/*.lock"))
