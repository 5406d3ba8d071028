"""Looking for somebody by command: nothing personal on the command line, and each answer in words."""

import json

import pytest
from typer.testing import CliRunner

from client import survivors
from client.main import app

ID = "3f1c0000-0000-4000-8000-000000000000"
FOUND = {"items": [{"survivor_id": ID, "matched": ["NAME", "TELEPHONE"]}], "more": False, "complete": True}
NOBODY = {"items": [], "more": True, "complete": False}


class Api:
    """Stands for a host's API; keeps what it was asked."""

    def __init__(self, told):
        self.told, self.asked = told, []

    def post(self, path, body):
        self.asked.append((path, body))
        return self.told


@pytest.fixture
def run(monkeypatch):
    def running(told, *arguments, typed=""):
        api = Api(told)
        monkeypatch.setattr(survivors, "host_client", lambda _tenant, _name: api)
        result = CliRunner().invoke(app, ["survivors", "search", "-t", "rowan", *arguments], input=typed)
        return result, api.asked

    return running


def test_each_is_asked_for_and_an_empty_answer_is_left_out(run):
    """What was found is shown with how it is alike."""
    result, asked = run(FOUND, typed="Ida Planted\n\n\n")
    assert result.exit_code == 0, result.output
    assert asked == [("/v1/survivors/search", {"name": "Ida Planted"})]
    assert ID in result.stdout
    assert "NAME, TELEPHONE" in result.stdout


def test_standard_input_is_taken_too_and_json_is_given(run):
    """For programs."""
    typed = json.dumps({"telephone": "07700 900123", "reference": "R-1"})
    result, asked = run(FOUND, "--words", "-", "-o", "json", typed=typed)
    assert json.loads(result.stdout) == FOUND
    assert asked == [("/v1/survivors/search", json.loads(typed))]


def test_that_nobody_was_found_and_what_that_is_worth_is_said(run):
    """More that are not shown, and people who could not be looked through."""
    result, _ = run(NOBODY, typed="Ida\n\n\n")
    for sentence in ("Nobody whom you may see", "There are more.", "Not everybody could be looked through."):
        assert sentence in result.stdout


@pytest.mark.parametrize("arguments", [("Ida",), ("--name", "Ida"), ("--telephone", "07700900123")])
def test_nothing_is_taken_from_the_command_line(run, arguments):
    """Nobody is asked, whatever is tried."""
    result, asked = run(FOUND, *arguments)
    assert result.exit_code == 2
    assert asked == []


@pytest.mark.parametrize("typed", ["", "[]", '{"nickname": "Ida"}', "x" * 30_000])
def test_what_is_no_search_asks_nobody(run, typed):
    """And what was typed is not repeated."""
    result, asked = run(FOUND, "--words", "-", typed=typed)
    assert (result.exit_code, asked) == (2, [])
    assert "Ida" not in result.output
