"""Tests are worth what they notice: each mutant of the list is a rule broken on purpose, and some test fails by it."""

import subprocess

import pytest

from deploy.engines.layout import PROJECT_ROOT
from shared.kernel.tenancy import BOARD, CUSTODIAN, TENANT_SERVICES
from tests.kit.mutants import (
    HUNG,
    KILLED,
    NOT_TRIED,
    SAMPLE,
    SURVIVED,
    Mutant,
    Tree,
    WrongMutantError,
    chosen,
    copy_tree,
    main,
    read_list,
    share_of,
    try_all,
)

RULES = '''"""Rules."""


def is_adult(age):
    """Whether somebody is 18."""
    return age >= 18


def is_child(age):
    """Whether somebody is not."""
    return age < 18
'''
TESTS = '''"""Tests of rules."""

import pytest

from product.rules import is_adult, is_child


@pytest.mark.parametrize("age", [18, 19])
def test_adult(age):
    """On the day."""
    assert is_adult(age)


class TestChild:
    def test_child(self):
        """Far below."""
        assert is_child(5)


def test_broken():
    """Fails whatever the product does."""
    assert False


def test_hangs():
    """Goes on for ever where nobody is an adult."""
    while not is_adult(30):
        pass
'''


class TestList:
    def test_every_mutant_fits_the_tree(self):
        """Its file is there, the text stands in it once, and its tests are there; a rule that moved takes its line along."""
        wrong = []
        for mutant in read_list():
            try:
                mutant.broken(PROJECT_ROOT)
            except WrongMutantError as error:
                wrong.append(str(error))
            wrong += [f"{mutant.id}: there is no test {name}" for name in mutant.missing_tests(PROJECT_ROOT)]
        assert not wrong, "\n".join(wrong)

    def test_every_service_and_every_part_of_shared_is_broken_somewhere(self):
        """At least sixty in all, and at least three in each service."""
        files = [mutant.file.split("/") for mutant in read_list()]
        assert len(files) >= 60
        services = [parts[1] for parts in files if parts[0] == "services"]
        few = {name for name in (*TENANT_SERVICES, BOARD, CUSTODIAN) if services.count(name) < 3}
        shared = {path.name for path in (PROJECT_ROOT / "shared").iterdir() if (path / "__init__.py").exists()}
        assert (few, shared - {parts[1] for parts in files if parts[0] == "shared"}) == (set(), set())

    def test_no_test_of_a_mutant_is_slow(self):
        """A sample has to be tried within minutes."""
        slow = ("tests/e2e", "tests/images", "tests/browser", "tests/k8s")
        assert [m.id for m in read_list() if any(name.startswith(slow) for name in m.tests)] == []

    def test_a_list_that_cannot_be_read_says_where(self, tmp_path):
        """Code with a colon that stands without quotes is the usual one."""
        (tmp_path / "tests").mkdir()
        (tmp_path / "tests" / "mutants.yaml").write_text("- id: one\n  old: if what: other\n", encoding="utf-8")
        with pytest.raises(WrongMutantError, match=r"(?s)tests/mutants\.yaml is no YAML: .*line 2.*quotes"):
            read_list(tmp_path)


@pytest.fixture
def toy(tmp_path):
    """A small product with tests of its own, and a copy of it to break."""
    source = tmp_path / "source"
    for folder in ("product", "tests"):
        (source / folder).mkdir(parents=True)
    (source / "product" / "__init__.py").write_text("", encoding="utf-8")
    (source / "product" / "rules.py").write_text(RULES, encoding="utf-8")
    (source / "tests" / "test_rules.py").write_text(TESTS, encoding="utf-8")
    subprocess.run(["git", "init", "-q"], cwd=source, check=True)
    copy_tree(source, tmp_path / "copy")
    return source, Tree(tmp_path / "copy")


def broken(old, new, *tests, file="product/rules.py"):
    return Mutant(id="one", file=file, old=old, new=new, tests=tuple(f"tests/test_rules.py::{name}" for name in tests))


class TestRunner:
    def test_an_edit_that_a_test_notices_is_killed_and_mended_again(self, toy):
        """Each named test has to fail; then the copy is whole, and the tree that is worked in was never touched."""
        source, tree = toy
        edit = broken("age >= 18", "age > 18", "test_adult")
        assert tree.try_out(edit) == (KILLED, "")
        assert tree.failing(edit.tests, timeout_s=60) == set()
        assert (source / "product" / "rules.py").read_text(encoding="utf-8") == RULES

    def test_an_edit_of_the_same_length_within_a_second_is_seen(self, toy):
        """No compiled copy of an earlier text is taken for the new one."""
        _, tree = toy
        for new in ("age >= 19", "age >= 17", "age >= 99"):
            verdict, _ = tree.try_out(broken("age >= 18", new, "test_adult"))
            assert verdict == (SURVIVED if new == "age >= 17" else KILLED)

    def test_what_a_test_does_not_notice_survives_by_name(self, toy):
        """Also beside another test that does notice."""
        _, tree = toy
        verdict, why = tree.try_out(broken("age < 18", "age < 6", "TestChild::test_child", "test_adult"))
        assert (verdict, why) == (
            SURVIVED,
            "passed all the same: tests/test_rules.py::TestChild::test_child, tests/test_rules.py::test_adult",
        )

    def test_what_hangs_is_no_proof(self, toy):
        """A run that is cut off is told as such."""
        _, tree = toy
        verdict, _ = tree.try_out(broken("age >= 18", "age >= 99", "test_hangs"), timeout_s=3)
        assert verdict == HUNG

    @pytest.mark.parametrize(
        ("edit", "said"),
        [
            (broken("age", "years", "test_adult"), "`old` stands 4 times in product/rules.py, not once."),
            (broken("age >= 21", "age", "test_adult"), "`old` stands 0 times in product/rules.py, not once. The text stands nowhere"),
            (broken("age >= 18", "age", "test_adult", file="product/old.py"), "there is no product/old.py. The text stands nowhere"),
            (broken("age >= 18", "age >", "test_adult"), "pytest ended with 4"),
            (broken("age >= 18", "age > 18", "test_gone"), "pytest ended with 4"),
        ],
    )  # fmt: skip
    def test_what_cannot_be_tried_is_an_error_with_a_sentence(self, toy, edit, said):
        """An edit that fits nowhere, or that no test can even import, shows nothing."""
        _, tree = toy
        verdict, why = tree.try_out(edit)
        assert verdict == NOT_TRIED
        assert said in why

    def test_a_text_that_moved_is_found_again(self, tmp_path):
        """The sentence names the file in which it stands now."""
        (tmp_path / "services" / "case").mkdir(parents=True)
        (tmp_path / "services" / "case" / "rules.py").write_text(RULES, encoding="utf-8")
        with pytest.raises(WrongMutantError, match=r"It stands in services/case/rules\.py: name that file\."):
            broken("age >= 18", "age", "test_adult", file="services/case/domain.py").broken(tmp_path)

    def test_a_test_that_fails_anyway_kills_nothing(self, toy):
        """The named tests run unbroken first."""
        _, tree = toy
        said = []
        verdicts = try_all([broken("age >= 18", "age > 18", "test_broken")], tree, said.append)
        assert verdicts == {"one": NOT_TRIED}
        assert "fails without any edit: tests/test_rules.py::test_broken" in said[0]


class TestSample:
    def test_a_sample_is_the_same_for_the_same_day(self):
        """Whoever reads the seed can draw it again; another day draws another one."""
        mutants = read_list()
        assert chosen(mutants, seed="2026-11-27") == chosen(mutants, seed="2026-11-27")
        assert chosen(mutants, seed="2026-11-27") != chosen(mutants, seed="2026-11-28")
        assert len(chosen(mutants, seed="2026-11-27")) == SAMPLE

    @pytest.mark.parametrize("count", [1, 3, 8])
    def test_shares_are_together_all(self, count):
        """Whoever has an hour takes one of them; nothing is left out and nothing tried twice."""
        mutants = read_list()
        shares = [share_of(mutants, f"{number}/{count}") for number in range(1, count + 1)]
        assert [one for share in shares for one in share] == mutants
        assert max(map(len, shares)) - min(map(len, shares)) <= 1

    @pytest.mark.parametrize("told", ["0/8", "9/8", "2", "2/", "/8", "-1/8", "a/b", ""])
    def test_a_share_that_is_none_is_refused(self, told):
        """Never silently nothing."""
        with pytest.raises(ValueError, match="write 1/8"):
            share_of(read_list(), told)

    @pytest.mark.slow
    @pytest.mark.timeout(900)
    def test_todays_sample_is_killed(self, capfd):
        """Twelve drawn by the date, which the run prints; ``make mutants`` tries all."""
        code = main([])
        said = capfd.readouterr().out
        with capfd.disabled():
            print(said)
        assert code == 0, said
