import threading
import time

from shared.web.readiness import Readiness


def test_a_check_that_hangs_is_a_no_within_the_time_and_is_not_begun_twice():
    """Health must be known while a database is silent; hanging checks must not pile up."""
    let_go, begun = threading.Event(), []

    def hangs():
        begun.append(1)
        return let_go.wait(30)

    readiness = Readiness({"silent": hangs, "well": lambda: True}, within_s=0.2)
    began = time.monotonic()
    assert readiness.look() == {"silent": False, "well": True}
    assert time.monotonic() - began < 5
    readiness._seen_at = float("-inf")
    assert readiness.look()["silent"] is False
    assert len(begun) == 1
    let_go.set()


def test_a_check_that_answers_again_is_believed_again(monkeypatch):
    """The next look asks anew."""
    answers = iter([False, True])
    readiness = Readiness({"database": lambda: next(answers)})
    assert readiness.checks["database"]() is False
    readiness._seen_at = float("-inf")
    assert readiness.checks["database"]() is True
