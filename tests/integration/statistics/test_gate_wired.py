"""The gate inside the custodian's job: its history, its public tables, and what it leaves behind."""

import json

import pytest

from services.custodian.history.documents import RELEASES
from services.custodian.history.errors import PUBLIC_TABLES_FILE, MissingTaskError, PublicTablesError
from services.custodian.history.views import history_of, read_public_tables
from services.custodian.tasks.documents import TASKS
from services.custodian.tasks.task import ENDED, SUMMED

pytestmark = pytest.mark.integration


def to_the_sum(path):
    """Everything up to the board's sum at the custodian; the next run of its job opens it."""
    path.open()
    path.sign_all()
    path.seal_all()
    path.carry()
    path.close_task()
    path.carry()
    assert path.custodian.task()["state"] == SUMMED


def plant_earlier_release(path, task_id, shown):
    """An earlier release of the same people, of another task of the custodian."""
    custodian = path.custodian.database
    task = custodian[TASKS].find_one({"_id": path.custodian.task()["_id"]})
    custodian[TASKS].insert_one(
        {**task, "_id": task_id, "state": ENDED, "destroyed_at": task["seal_at"], "sealed_sum": None}
    )
    tables = [
        {
            "table": table,
            "status": "SHOWN",
            "level": 1,
            "cells": [{"category": category, "value": value} for category, value in cells.items()],
        }
        for table, cells in shown.items()
    ]
    custodian[RELEASES].insert_one(
        {"_id": task_id, "period": task["period"], "hosts": 6, "people": 60, "tables": tables, "version": 1}
    )


def levels(path):
    return {t["table"]: t["level"] for t in path.board.task()["result"]["tables"]}


class TestHistory:
    def test_what_was_sent_is_kept_and_read_as_history(self, path):
        """The custodian keeps the rounded tables that it sent, and no other figure."""
        to_the_sum(path)
        path.custodian.work()
        path.carry()
        (kept,) = path.custodian.database[RELEASES].find()
        sent = path.board.task()["result"]
        assert (kept["people"], kept["hosts"]) == (sent["people"], sent["hosts"])
        (seen,) = history_of(lambda name: path.custodian.database[name])
        assert {t.table: {c.category: c.value for c in t.cells} for t in seen.tables} == {
            t["table"]: {c["category"]: c["value"] for c in t["cells"]} for t in kept["tables"]
        }
        assert all(cell.value % 5 == 0 for table in seen.tables for cell in table.cells)
        assert not path.audited(path.custodian, "custodian:table:coarsen")

    def test_a_release_that_would_narrow_an_earlier_one_goes_coarser(self, path):
        """The same people's gender was shown 5 apart: that table stays away; the audit names the table, and no rule."""
        to_the_sum(path)
        earlier = {"GENDER": {"FEMALE": 35, "MALE_OR_OTHER_OR_NOT_STATED": 25}}
        plant_earlier_release(path, "0198c0de-0000-7000-8000-000000000001", earlier)
        path.custodian.work()
        path.carry()
        found = levels(path)
        assert found["GENDER"] == 0
        assert found["EXPLOITATION_LABOUR"] == 1
        assert path.audited(path.custodian, "custodian:table:coarsen") == [("system", "COARSER")]

    def test_nothing_is_opened_while_the_history_cannot_be_read(self, path):
        """A release whose terms are missing stops the job before it opens anything; mended, it goes on."""
        to_the_sum(path)
        planted = "0198c0de-0000-7000-8000-000000000002"
        plant_earlier_release(path, planted, {})
        custodian = path.custodian.database
        terms = custodian[TASKS].find_one_and_delete({"_id": planted})
        with pytest.raises(MissingTaskError):
            history_of(lambda name: custodian[name])
        path.custodian.work()
        assert path.custodian.task()["state"] == SUMMED
        custodian[TASKS].insert_one(terms)
        path.custodian.work()
        path.carry()
        assert levels(path)["GENDER"] == 1


class TestPublicTables:
    def test_no_file_is_no_table(self, tmp_path):
        """A custodian without public tables plays attackers without them."""
        assert read_public_tables(tmp_path) == ()

    def test_a_broken_file_stops_the_job_before_it_opens(self, path):
        """The sum and its keys stay until the file is mended."""
        file = path.custodian.folder / PUBLIC_TABLES_FILE
        file.write_text('[{"period": "2026"}]', encoding="utf-8")
        to_the_sum(path)
        with pytest.raises(PublicTablesError) as refused:
            read_public_tables(path.custodian.folder)
        path.custodian.work()
        assert PUBLIC_TABLES_FILE in str(refused.value)
        assert path.custodian.task()["state"] == SUMMED
        table = {"period": "2026", "table": "GENDER", "counts": {"FEMALE": 400, "MALE_OR_OTHER_OR_NOT_STATED": 500}}
        file.write_text(json.dumps([table]), encoding="utf-8")
        assert read_public_tables(path.custodian.folder)[0].counts["FEMALE"] == 400
        path.custodian.work()
        path.carry()
        assert levels(path)["GENDER"] == 1
