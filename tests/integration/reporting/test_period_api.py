"""A host's periods over HTTP: preview, sign-off and seal, and who may."""

from datetime import timedelta

import pytest

from services.identity.people.rules import CENTRE_ROLES, HOST_ROLES
from shared.codelists.periods import Period
from shared.kernel.ids import new_id
from shared.kernel.tenancy import Principal
from shared.web.tokens import TokenIssuer
from tests.kit.host_place import ENDED, PERIOD, SEAL

READERS = {"HOST_DATA_LEAD", "HOST_DPO", "HOST_ADMIN"}


def headers(host, role):
    settings = host.contexts["identity"].settings
    with open(settings.extra["token_private_key_file"], encoding="utf-8") as file:
        issuer = TokenIssuer(file.read().strip(), issuer=str(host.tenant))
    who = Principal(actor_id=new_id(), tenant_id=host.tenant, organisation_id=str(host.tenant), role=role)
    return {"Authorization": f"Bearer {issuer.issue(who)}"}


def get(host, path, role="HOST_DATA_LEAD"):
    return host.app.test_client().get(f"/v1/periods{path}", headers=headers(host, role))


def post(host, path, body=None, role="HOST_DATA_LEAD", *, key=None, lead=None):
    sent = {**(lead or headers(host, role)), "Idempotency-Key": key or new_id()}
    return host.app.test_client().post(f"/v1/periods{path}", json={} if body is None else body, headers=sent)


@pytest.fixture
def counted(host):
    """A host with a middling period that ended an hour ago."""
    host.at(ENDED + timedelta(hours=1))
    host.open_task()
    host.populate()
    host.prove(ENDED + timedelta(hours=1))
    return host


def digest(host):
    return get(host, f"/{PERIOD}/preview").json["digest"]


def signed(host):
    answer = post(host, f"/{PERIOD}/sign-off", {"digest": digest(host)})
    assert answer.status_code == 201, answer.json
    return answer


class TestReading:
    def test_the_preview_is_the_hosts_own_true_numbers(self, counted):
        """Who is counted, who is left out and why, what is missing to a seal."""
        preview = get(counted, f"/{PERIOD}/preview").json
        assert preview["figures"]["people"] == 23
        assert {r["reason"]: r["episodes"] for r in preview["figures"]["left_out"]} == {
            "UNKNOWN": 4, "REFUSED": 2, "RECONFIRM_REQUIRED": 2, "WITHDRAWN": 1,
        }  # fmt: skip
        assert (preview["state"], preview["signature"], preview["consent_proven"]) == ("OPEN", "UNSIGNED", False)
        (row,) = get(counted, "").json["items"]
        assert (row["period"], row["state"]) == (PERIOD, "OPEN")

    @pytest.mark.parametrize("role", [*HOST_ROLES, *CENTRE_ROLES])
    def test_who_may(self, counted, role):
        """Three roles read; the data lead alone signs and seals; everybody else gets 404, the board too."""
        signature = {"digest": digest(counted)}
        assert get(counted, "", role).status_code == (200 if role in READERS else 404)
        assert get(counted, f"/{PERIOD}/preview", role).status_code == (200 if role in READERS else 404)
        lead = role == "HOST_DATA_LEAD"
        assert post(counted, f"/{PERIOD}/sign-off", signature, role).status_code == (201 if lead else 404)
        assert post(counted, f"/{PERIOD}/seal", None, role).status_code == (409 if lead else 404)

    @pytest.mark.parametrize("period", ["2026-Q4", "2026-Q9", "never", "Jane%20Doe", "2025"])
    def test_a_period_that_was_not_opened_is_not_there(self, counted, period):
        """The board opens periods; everything else is 404, whatever is asked of it."""
        assert get(counted, f"/{period}/preview").status_code == 404
        assert get(counted, f"/{period}/provenance", "HOST_DPO").status_code == 404
        assert post(counted, f"/{period}/sign-off", {"digest": "0" * 64}).status_code == 404
        assert post(counted, f"/{period}/seal").status_code == 404


class TestSigning:
    @pytest.mark.parametrize(
        "body", [{}, {"digest": "x"}, {"digest": "0" * 63}, {"digest": "A" * 64}, {"digest": None}]
    )
    def test_a_bad_digest_is_pointed_at(self, counted, body):
        """What is signed is the digest of a preview that somebody looked at."""
        answer = post(counted, f"/{PERIOD}/sign-off", body)
        assert (answer.status_code, [e["pointer"] for e in answer.json["errors"]]) == (422, ["#/digest"])

    def test_it_needs_a_key_replays_and_refuses_another_body(self, counted):
        """As every POST; the signature stands once."""
        body, lead, key = {"digest": digest(counted)}, headers(counted, "HOST_DATA_LEAD"), new_id()
        bare = counted.app.test_client().post(f"/v1/periods/{PERIOD}/sign-off", json=body, headers=lead)
        assert (bare.status_code, bare.json["code"]) == (400, "idempotency-key-missing")
        first, again = (post(counted, f"/{PERIOD}/sign-off", body, key=key, lead=lead) for _ in range(2))
        assert (first.status_code, first.json) == (201, again.json)
        assert again.headers["Idempotent-Replayed"] == "true"
        other = post(counted, f"/{PERIOD}/sign-off", {"digest": "0" * 64}, key=key, lead=lead)
        assert (other.status_code, other.json["code"]) == (422, "idempotency-key-reused")
        assert counted.database["sign_offs"].count_documents({}) == 1

    def test_figures_that_changed_since_are_not_signed(self, counted):
        """Another yes came in between: look again."""
        seen = digest(counted)
        counted.release()
        answer = post(counted, f"/{PERIOD}/sign-off", {"digest": seen})
        assert (answer.status_code, answer.json["code"]) == (409, "preview-changed")

    @pytest.mark.parametrize(
        ("proven", "code"),
        [(None, 409), (timedelta(hours=-2), 409), (timedelta(minutes=49), 409), (timedelta(minutes=55), 201)],
    )
    def test_it_needs_consents_mark(self, counted, proven, code):
        """Nobody signs figures that may miss someone: no mark, one of before the period's end, or one grown old."""
        counted.database["streams"].delete_many({})
        if proven is not None:
            counted.prove(ENDED + proven)
        preview = get(counted, f"/{PERIOD}/preview").json
        answer = post(counted, f"/{PERIOD}/sign-off", {"digest": preview["digest"]})
        assert (preview["may_be_signed"], answer.status_code) == (code == 201, code)
        assert answer.json.get("code") == (None if code == 201 else "not-proven-yet")

    @pytest.mark.parametrize("moment", [ENDED - timedelta(hours=1), SEAL])
    def test_only_between_the_periods_end_and_the_seal(self, counted, moment):
        """Not before, not at the seal itself."""
        seen = digest(counted)
        counted.at(moment)
        answer = post(counted, f"/{PERIOD}/sign-off", {"digest": seen})
        assert (answer.status_code, answer.json["code"]) == (409, "not-the-time")


class TestSealing:
    def test_nothing_leaves_until_everything_is_there(self, counted):
        """Too early, unsigned, unproven, late: each is told; nothing is sent."""
        codes = [post(counted, f"/{PERIOD}/seal").json["detail"]]
        counted.at(SEAL + timedelta(minutes=1))
        codes.append(post(counted, f"/{PERIOD}/seal").json["detail"])
        counted.at(ENDED + timedelta(hours=1))
        signed(counted)
        counted.at(SEAL + timedelta(minutes=1))
        codes.append(post(counted, f"/{PERIOD}/seal").json["detail"])
        counted.prove(SEAL + timedelta(seconds=1))
        counted.at(SEAL + timedelta(days=4))
        codes.append(post(counted, f"/{PERIOD}/seal").json["detail"])
        wanted = ("its seal has not come", "no data lead has signed", "not yet proven", "no report is taken any more")
        assert all(words in said for words, said in zip(wanted, codes, strict=True)), codes
        assert counted.database["vectors"].count_documents({}) == 0

    def test_it_is_sealed_once_whoever_asks_how_often(self, counted):
        """The same report for a repeat, for another key and for the period clock; the provenance is the DPO's."""
        signed(counted)
        counted.at(SEAL + timedelta(minutes=1))
        counted.prove(SEAL + timedelta(seconds=1))
        lead, key = headers(counted, "HOST_DATA_LEAD"), new_id()
        first = post(counted, f"/{PERIOD}/seal", key=key, lead=lead)
        assert (first.status_code, first.json["state"]) == (201, "SEALED")
        assert post(counted, f"/{PERIOD}/seal", key=key, lead=lead).json == first.json
        counted.run_clock()
        anew = post(counted, f"/{PERIOD}/seal")
        assert (anew.status_code, anew.json["id"]) == (200, first.json["id"])
        rows = list(counted.database["outbox"].find({"route": {"$in": ["board", "custodian"]}}))
        assert sorted(row["route"] for row in rows) == ["board", "custodian"]
        assert get(counted, f"/{PERIOD}/preview").json["sealed_figures"]["people"] == 23
        provenance = get(counted, f"/{PERIOD}/provenance", "HOST_DPO").json
        assert (provenance["report_id"], len(provenance["counted"])) == (first.json["id"], 23)
        may_not = {*HOST_ROLES, *CENTRE_ROLES} - {"HOST_DPO"}
        assert {get(counted, f"/{PERIOD}/provenance", role).status_code for role in may_not} == {404}

    def test_a_yes_that_was_written_down_after_the_seal_is_not_in(self, counted):
        """Whatever day it is said to be of, and however long its facts have been known."""
        signed(counted)
        counted.at(SEAL + timedelta(minutes=5))
        counted.release(recorded=-30, decided=0.001)
        counted.prove(SEAL + timedelta(minutes=4))
        assert post(counted, f"/{PERIOD}/seal").status_code == 201
        figures = get(counted, f"/{PERIOD}/preview").json["sealed_figures"]
        assert (figures["people"], figures["left_out"]["AFTER_THE_SEAL"]) == (23, 1)

    @pytest.mark.parametrize("sealed", [True, False])
    def test_what_only_the_seal_needed_is_forgotten(self, counted, sealed):
        """Sealed or not sent: facts of somebody who withdrew since go, and the list of what was signed with them."""
        person = counted.release()
        if sealed:
            signed(counted)
        counted.at(SEAL + timedelta(minutes=1))
        counted.withhold("WITHDRAWN", contribution_id=person.contribution_id, recorded=0.0001, facts_recorded=-30)
        kept = counted.database["contributions"].find_one({"_id": person.contribution_id})["versions"]
        assert [version["facts"] is not None for version in kept] == [True, False]
        counted.at(SEAL + timedelta(minutes=1) if sealed else SEAL + timedelta(days=4))
        counted.prove(SEAL + timedelta(minutes=1))
        counted.run_clock()
        assert counted.database["tasks"].find_one()["state"] == ("SEALED" if sealed else "NOT_SENT")
        kept = counted.database["contributions"].find_one({"_id": person.contribution_id})["versions"]
        assert [version["facts"] for version in kept] == [None]
        assert all("episodes" not in document for document in counted.database["sign_offs"].find())

    def test_a_body_that_says_something_is_refused(self, counted):
        """A seal takes no wishes."""
        answer = post(counted, f"/{PERIOD}/seal", {"force": True})
        assert answer.status_code == 422
        assert post(counted, f"/{PERIOD}/seal?force=1").status_code == 422


class TestCountedOnce:
    """ADR 0020, over two sealed years and a quarter."""

    def sealed(self, host, period):
        """Sign and seal a period; gives its sealed figures."""
        parsed = Period.parse(period)
        host.at(parsed.ends_at() + timedelta(days=1))
        host.prove(parsed.ends_at() + timedelta(days=1))
        preview = get(host, f"/{period}/preview").json
        assert post(host, f"/{period}/sign-off", {"digest": preview["digest"]}).status_code == 201
        host.at(parsed.seal_at() + timedelta(minutes=1))
        host.prove(parsed.seal_at() + timedelta(minutes=1))
        assert post(host, f"/{period}/seal").json["state"] == "SEALED"
        return get(host, f"/{period}/preview").json["sealed_figures"]

    def test_a_person_who_comes_back_is_in_one_years_tables(self, host):
        """Preview, signature and seal of the second year leave the person out, with the reason; a new one counts."""
        host.at(ENDED)
        host.open_task("2026")
        first = host.release(recorded=-60, person="11111111-1111-4111-8111-111111111111")
        assert self.sealed(host, "2026")["people"] == 1
        host.open_task("2027")
        host.release(recorded=100, person=first.person_id, referral_month="2027-03")
        host.release(recorded=101, referral_month="2027-04")
        shown = get(host, "/2027/preview").json["figures"]
        assert shown["people"] == 1
        assert [(r["reason"], r["episodes"]) for r in shown["left_out"]] == [("COUNTED_IN_AN_EARLIER_PERIOD", 1)]
        sealed = self.sealed(host, "2027")
        assert (sealed["people"], sealed["left_out"]) == (1, {"COUNTED_IN_AN_EARLIER_PERIOD": 1})

    def test_a_quarter_s_number_and_the_year_s_tables_are_two_dimensions(self, host):
        """A person stands once in each, sealed at the same instant."""
        host.at(ENDED)
        host.open_task("2026")
        host.open_task("2026-Q4")
        host.release(recorded=-60, referral_month="2026-11")
        assert self.sealed(host, "2026-Q4")["people"] == 1
        assert self.sealed(host, "2026")["people"] == 1

    def test_a_merge_after_the_first_seal_counts_the_person_no_second_time(self, host):
        """Two records of one person, one of them counted: merged, the other is not counted any more."""
        host.at(ENDED)
        host.open_task("2026")
        first = host.release(recorded=-60)
        assert self.sealed(host, "2026")["people"] == 1
        host.open_task("2027")
        host.release(recorded=100, person="22222222-2222-4222-8222-222222222222", referral_month="2027-03")
        assert get(host, "/2027/preview").json["figures"]["people"] == 1
        host.release(
            contribution_id=first.contribution_id,
            person="22222222-2222-4222-8222-222222222222",
            recorded=-60,
            decided=120,
        )
        assert get(host, "/2027/preview").json["figures"]["people"] == 0
