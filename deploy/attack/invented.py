"""What invented hosts are set against: a history that was planted, and one that every plan forbids."""

from collections.abc import Callable
from dataclasses import replace

from deploy.attack.cohorts import Cohort
from deploy.attack.histories import REGION, quarters_with_tables, with_two_regions_moved
from deploy.attack.keys import RULES, coin_keys
from deploy.attack.one_release import one_release
from services.custodian.opening.deciding import Setting, as_seen, decide


def planted_history(cohort: Cohort, setting: Setting, say: Callable[[str], None]) -> bool:
    """Plant a release of the same people with two regions rounded apart; the new one must go coarser."""
    say("-- planted: the same people's regions were shown before, the two smallest rounded the other way")
    alone = decide(cohort.opened(), setting, coin_key=next(coin_keys(1))).release
    planted = replace(setting, history=(with_two_regions_moved(as_seen(alone, setting)),))
    passed = one_release(cohort, planted, say)
    joint = decide(cohort.opened(), planted, coin_key=next(coin_keys(1))).release.levels
    say(f"{REGION} went from level {alone.levels[REGION]} to {joint.get(REGION, 'not published')}")
    return passed and joint.get(REGION, 0) > alone.levels[REGION]


def forbidden_history(
    cohort: Cohort, setting: Setting, keys: int, say: Callable[[str], None], tick: Callable[[str], None]
) -> None:
    """Measure why one fact goes into one release: quarters that show the year's own tables, then the year."""
    history = quarters_with_tables(cohort, int(setting.period))
    forbidden, sent_back, widths = replace(setting, history=history), 0, []
    for number, key in enumerate(coin_keys(keys), 1):
        decided = decide(cohort.opened(), forbidden, coin_key=key)
        sent_back += any(finding.rule in RULES["history"] for finding in decided.findings)
        widths += [decided.report.least_width or 0] if decided.report else []
        tick(f"key {number} of {keys}")
    say("-- forbidden by every plan: four quarters that showed the year's tables, and then the year")
    least = min(widths, default=0)
    say(f"sent back for history with {sent_back} of {keys} keys; least width of what then passed {least}")
