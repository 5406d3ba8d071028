"""nameko's container and runner on native threads: ends, errors and what they keep."""

import gc
import threading
import weakref

import pytest

from shared.bus.nameko_edge import DependencyProvider, Entrypoint, Runner

TIMES = 300


class Ask(Entrypoint):
    """An entrypoint that a test fires by hand."""

    def fire(self, argument):
        done = threading.Event()
        outcome = []

        def keep(_context, result, error):
            outcome.append((result, error))
            done.set()
            return result, error

        self.container.spawn_worker(self, (argument,), {}, handle_result=keep)
        assert done.wait(30)
        return outcome[0]


ask = Ask.decorator


class Greeting(DependencyProvider):
    def get_dependency(self, worker_ctx):
        return f"hello {worker_ctx.service_name}"


class Oak:
    name = "oak"
    greeting = Greeting()

    @ask
    def answer(self, argument):
        if argument is None:
            raise LookupError
        return self.greeting, argument


class Elm(Oak):
    name = "elm"


@pytest.fixture
def runner():
    made = Runner({"max_workers": 5})
    made.add_service(Oak)
    made.add_service(Elm)
    made.start()
    yield made
    made.stop()


def container_of(runner, service):
    return runner.service_map[service]


def test_a_method_runs_with_what_its_service_was_given(runner):
    """Entrypoint, dependency and result meet; what the method raises is handed to the entrypoint, not to the container."""
    (entrypoint,) = container_of(runner, "oak").entrypoints
    assert entrypoint.fire(3) == (("hello oak", 3), None)
    result, error = entrypoint.fire(None)
    assert (result, error[0]) == (None, LookupError)
    assert entrypoint.fire(4)[0] == ("hello oak", 4)


def test_a_worker_that_ended_is_not_kept(runner):
    """However soon it ends: its batch must not stay in memory."""

    class Batch:
        pass

    container = container_of(runner, "oak")
    (entrypoint,) = container.entrypoints
    batches = []
    for _ in range(TIMES):
        batch = Batch()
        batches.append(weakref.ref(batch))
        entrypoint.fire(batch)
    del batch
    container._worker_pool.waitall()
    for thread in threading.enumerate():
        if thread.name == "_run_worker":
            thread.join(30)
    gc.collect()
    assert (len(container._worker_threads), sum(ref() is not None for ref in batches)) == (0, 0)


def test_a_worker_that_ends_before_it_is_noted_is_not_kept(runner, monkeypatch):
    """Nameko notes a thread after it was linked, when it may have ended and been forgotten already."""
    container = container_of(runner, "oak")
    (entrypoint,) = container.entrypoints
    spawn = container._worker_pool.spawn

    def spawn_and_see_it_end(*arguments):
        thread = spawn(*arguments)
        thread.wait()
        return thread

    monkeypatch.setattr(container._worker_pool, "spawn", spawn_and_see_it_end)
    entrypoint.fire(1)
    assert container._worker_threads == {}


def test_a_container_that_dies_ends_its_peers_and_says_why(runner):
    """What a managed thread raises ends the whole runner, and is raised from wait."""

    def fail():
        raise ZeroDivisionError

    container_of(runner, "elm").spawn_managed_thread(fail)
    with pytest.raises(ZeroDivisionError):
        runner.wait()
    assert container_of(runner, "oak")._died.ready()


def test_a_runner_that_is_stopped_ends_without_an_error(runner):
    """Every wait ends, however the containers' ends interleave."""
    ended = threading.Event()
    waiting = threading.Thread(target=lambda: (runner.wait(), ended.set()), daemon=True)
    waiting.start()
    runner.stop()
    assert ended.wait(30)
