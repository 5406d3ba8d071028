"""Of two shipped profiles for one kind of system one is offered; files of the other one are read as they were."""

import pytest

from services.case.imports.page_words import SYSTEMS, system_words
from services.case.imports.rules.opening import open_file
from services.case.imports.rules.profile import offered, shipped

FORMER = [profile for profile in shipped().values() if profile.instead is not None]


def test_one_of_each_pair_is_offered():
    """The suggested columns, each system once but for Salesforce's two kinds of export, and a worker's own sheet."""
    assert set(offered()) == {
        "standard", "salesforce_npsp_report", "salesforce_data_loader", "inform_star", "lamplight_work",
        "charitylog_referrals", "advicepro_cases", "worker_sheet",
    }  # fmt: skip
    assert {profile.instead for profile in FORMER} <= set(offered())


@pytest.mark.parametrize("profile", FORMER, ids=lambda profile: profile.id)
@pytest.mark.parametrize("named", [True, False])
def test_what_is_no_longer_offered_still_reads_its_files(profile, named):
    """By its name, and by its columns where nobody named it: a host's next file is taken as the one before."""
    content = ";".join(f'"{name}"' for name in profile.columns) + "\n" + ";".join("x" for _ in profile.columns) + "\n"
    opened = open_file(content.encode(), shipped()[profile.id] if named else None)
    assert opened.facts.profile == profile.id
    assert set(opened.facts.columns) == set(profile.columns.values())


def test_every_system_that_comes_along_has_a_name_for_people():
    """Under whatever name its references are kept; a host's own system has the host's own name."""
    sources = {profile.source or profile.id for profile in shipped().values()}
    assert sources <= set(SYSTEMS)
    assert all("_" not in system_words(source) for source in sources)
    assert system_words("our-casefile") == "our-casefile"
