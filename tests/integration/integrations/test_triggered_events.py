"""What is triggered comes as an event, and reaches a receiver through a listener: against a host's real API."""

import pytest

from client.conformance.posting import Receiver
from client.listening import Listener
from client.triggering import TRIGGERS, trigger
from deploy.stack.people import HOST_LOGINS
from services.identity.people.provisioning import create_first_user
from services.integrations.webhooks.signing import HMAC, draw_key
from shared.kernel.ids import new_id
from tests.kit.receivers import receiver


class Session:
    """One person's session at the host, over its API."""

    def __init__(self, place, role, actor):
        self._place, self._role, self._actor = place, role, actor

    def _headers(self, **more):
        return {**self._place.headers(self._role, actor=self._actor), "Idempotency-Key": new_id(), **more}

    def _answer(self, answer):
        assert answer.status_code < 300, answer.json
        return answer.json

    def get(self, path, **query):
        return self._answer(self._place.app.test_client().get(path, query_string=query, headers=self._headers()))

    def post(self, path, body, *, version=None):
        matched = {} if version is None else {"If-Match": f'"{version}"'}
        answer = self._answer(self._place.app.test_client().post(path, json=body, headers=self._headers(**matched)))
        # Whoever decides about somebody waits until consent has heard that there is such a person.
        self._place.pump()
        return answer

    def put(self, path, body):
        return self._answer(self._place.app.test_client().put(path, json=body, headers=self._headers()))


@pytest.fixture
def sessions(place):
    made = {}

    def session(name):
        if name not in made:
            role = HOST_LOGINS[name]
            actor = create_first_user(
                place.contexts["identity"], login=f"{new_id()}@host.example", password=new_id(), roles=(role,)
            )
            made[name] = Session(place, role, actor)
        return made[name]

    return session


@pytest.mark.parametrize("event_type", TRIGGERS)
def test_it_comes_as_an_event_and_is_forwarded(place, sessions, event_type):
    """From the command to the receiver."""
    with receiver() as (port, got):
        key = draw_key(HMAC)
        listener = Listener(
            sessions("admin"), Receiver(f"http://127.0.0.1:{port}/in", key), name=f"listen-{new_id()[-8:]}"
        )
        place.pump()
        listener.begin()
        made = trigger(event_type, sessions)
        place.pump()
        told = []
        while not any(one.type == event_type for one in told):
            assert listener.forward(told.append) > 0
    assert any(made["subject"] in one["body"] and event_type in one["body"] for one in got)
