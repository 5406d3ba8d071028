"""How much of everything is tried: the usual run, which ends in minutes, and the whole one behind docs/attack.md."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Scale:
    """Numbers of tries.

    Attributes:
        keys: Coin keys for a cohort.
        insider_keys: Of them, those with which every real host and pair is played to the belief.
        forbidden_keys: For the history that every plan forbids.
        plan_keys, seeds: For each invented cohort, and how many cohorts of each size.
    """

    name: str
    keys: int
    insider_keys: int
    forbidden_keys: int
    plan_keys: int
    seeds: int
    sizes: tuple[int, ...] = (6, 8, 10, 15, 23, 46)


USUAL = Scale(name="usual", keys=50, insider_keys=10, forbidden_keys=20, plan_keys=3, seeds=2)
WHOLE = Scale(name="whole", keys=200, insider_keys=20, forbidden_keys=50, plan_keys=5, seeds=4)
