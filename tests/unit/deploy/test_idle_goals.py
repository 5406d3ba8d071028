"""What idle hosts may cost, set against what was found."""

from deploy.bench.idle_goals import goals

FOUND = {
    "pss_mb": {"a_host": 103, "python": 2_900, "mongod": 900, "broker": 200},
    "cpu_percent_a_tenant": {"python": 0.5, "mongod": 0.21},
    "cpu_percent_whole": 25.1,
    "seconds": {"tenant_add": 3.1},
}


def test_each_goal_is_kept_up_to_its_figure_and_not_beyond():
    """A figure at the goal keeps it; the whole is everything that runs, engines counted."""
    said = goals(FOUND)
    assert [name for name, words in said.items() if words.endswith("NOT KEPT")] == [
        "the whole, % of a core",
        "tenant add, s",
    ]
    assert said["the whole, GB"] == "3.91, goal 5 or less: kept"
    assert len(said) == 6
