"""The seven functions: the contract table, the engine's own answers, what misuse is told, and that they run in any host's Python."""
from __future__ import annotations

import ast
import datetime as dt
import json
import random
import re
from decimal import Decimal
from pathlib import Path

import pytest
from contract_table import Case, agrees, cases
from test_imports import fresh
from test_rules_agreement import Facts, read

import xltool.hosts
from xltool.guideline.bundle import edition, edition_ids, library
from xltool.guideline.read import load
from xltool.hosts import answers, functions
from xltool.hosts.blocks import NA, VALUE, Mark
from xltool.hosts.definition import FUNCTIONS
from xltool.hosts.functions import call
from xltool.hosts.guidelines import Guidelines
from xltool.hosts.items import ITEMS
from xltool.rules import serial
from xltool.rules.assess import assess
from xltool.rules.data import edition_data, edition_of
from xltool.rules.library import Library
from xltool.rules.match import Matcher

CORE = [*Path(xltool.hosts.__file__).parent.glob("*.py"), Path(xltool.hosts.__file__).parents[1] / "intake" / "headers.py"]
RESERVED = {"function", "name", "type", "date", "string", "property", "sub", "next", "end", "in", "out", "any", "sequence", "interface", "module"}
LABELS = ["研发设备及配套软件购置额", "工信领域企业", "建有研发机构", "研发机构设立时间", "项目开始时间", "项目结束时间", "购置用于研发机构建设"]
FINE = [1500.0, True, True, 45413.0, 45689.0, 45991.0, True]


@pytest.fixture(scope="module")
def guidelines() -> Guidelines:
    return Guidelines(library(), load)


@pytest.fixture(scope="module")
def from_data() -> Guidelines:
    """The bundled editions as an add-in carries them."""
    editions = {name: edition_of(json.loads(json.dumps(edition_data(edition(name)), ensure_ascii=False))) for name in edition_ids()}
    return Guidelines(Library(edition_ids(), editions.__getitem__), load)


@pytest.fixture
def ask(guidelines):
    return lambda name, *args: call(guidelines, name, args)


# --- the contract table ---------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("case", cases(error=Mark), ids=lambda case: case.id)
def test_the_contract_holds(guidelines, case):
    found = call(guidelines, case.function, case.args)
    assert agrees(found, case), found


@pytest.mark.parametrize("kind", [tuple, list])
def test_the_contract_holds_with_the_rules_an_add_in_carries(from_data, kind):
    def rows(argument):
        return kind(map(kind, argument)) if isinstance(argument, list) else argument

    wrong = [case.id for case in cases(error=Mark) if not agrees(call(from_data, case.function, kind(map(rows, case.args))), case)]
    assert not wrong


def test_errors_may_arrive_as_their_texts(guidelines):
    wrong = [case.id for case in cases() if not agrees(call(guidelines, case.function, case.args), case)]
    assert not wrong


def test_the_contract_covers_every_function_and_edition():
    every = cases()
    assert len(every) >= 150 and len({case.id for case in every}) == len(every)
    assert {case.function for case in every} == {function.name for function in FUNCTIONS} == set(functions.FUNCTIONS)
    text = json.dumps([case.args for case in every], ensure_ascii=False)
    assert all(f"{name}P" in text for name in edition_ids())
    assert all(reason for case in every for reason in case.excepted.values())
    assert len(cases("libreoffice")) > 0.9 * len(every)


@pytest.mark.parametrize(("found", "rows"), [
    ([[150.001]], [[150]]), ([["150"]], [[150]]), ([[True]], [[1]]), ([[None]], [[0]]), ([[0.0]], [[None]]), ([["#N/A"]], [[{"error": "#VALUE!"}]]),
    ([["#N/A"]], [[None]]), ([["#N/A"]], [[{"contains": ["N/A"]}]]), ([["差10"]], [[{"contains": ["差10", "万元"]}]]), ([[1.0]], [[1, 2]]),
    ([[1.0], [2.0]], [[1]]), ([[1.0], [2.0]], [[1], {"more": 2}]), ([["符合"]], [["不符合"]]), ([[1.0]], [["1"]])])
def test_the_contract_can_fail(found, rows):
    assert not agrees(found, Case("x", "SUBSIDY", [], rows, {}))


def test_the_contract_takes_what_hosts_show_alike():
    wanted = [[0.3, None, {"error": "#N/A"}, {"contains": ["10"]}], {"more": 1}]
    assert agrees([[0.1 + 0.2, "", "#N/A", "差10万元"], [1.0]], Case("x", "WHY", [], wanted, {}))


# --- the same as the engine -------------------------------------------------------------------------------------------------------

def shown(amount, formula):
    return None if formula is None else NA if amount is None else amount


@pytest.mark.parametrize("name", edition_ids())
def test_the_functions_give_the_engines_answers(from_data, name):
    rng = random.Random(f"functions {name}")
    for programme in edition(name).programmes.values():
        if programme.members:
            continue
        draw = Facts(programme, rng)
        own = [name for name in programme.fields if rng.random() < 0.9] or list(programme.fields)
        drawn = [draw.project() for _ in range(80)]
        wanted = [assess(programme, read({name: project[name] for name in own}, programme)) for project in drawn]
        cells = [[as_cell(project[name], rng) for name in own] or [None] for project in drawn]
        args = [programme.id, cells, [own or ["备注"]]]
        assert call(from_data, "ELIGIBLE", args) == [[answer.verdict] for answer in wanted], programme.id
        assert call(from_data, "SUBSIDY", args) == [[shown(answer.subsidy, programme.ceiling)] for answer in wanted], programme.id
        first = programme.first if programme.ceiling else None
        assert call(from_data, "FIRST_PAYMENT", args) == [[shown(answer.first_payment, first)] for answer in wanted], programme.id
        words = call(from_data, "WHY", [programme.id, cells[:5], [own or ["备注"]]])
        assert [sorted(row[0].split("\n")) for row in words] == [sorted("\n".join(answer.reasons).split("\n")) for answer in wanted[:5]]
        if programme.ceiling is not None and len(programme.ceiling.names) == 1:
            basis = programme.ceiling.names[0]
            alone = [assess(programme, read({basis: project[basis]}, programme)) for project in drawn]
            amounts = [[as_cell(project[basis], rng)] for project in drawn]
            assert call(from_data, "SUBSIDY", [programme.id, amounts]) == [[shown(answer.subsidy, programme.ceiling)] for answer in alone]
            assert call(from_data, "ELIGIBLE", [programme.id, amounts[0][0]]) == [[alone[0].verdict]]


def as_cell(raw, rng):
    """A value as a sheet may hold it: a date as serial or text, a truth value as a number or a word, a number as a text."""
    if isinstance(raw, bool):
        return rng.choice([raw, float(raw), "是" if raw else "否"])
    if isinstance(raw, dt.date):
        return rng.choice([serial.serial(raw.year, raw.month, raw.day), raw.isoformat(), dt.datetime(raw.year, raw.month, raw.day)])
    if isinstance(raw, (int, float)):
        return rng.choice([raw, float(raw), repr(raw) if abs(raw) > 1e-3 or raw == 0 else float(raw)])
    return rng.choice([raw, ""]) if raw is None else raw


@pytest.mark.parametrize("name", edition_ids())
def test_matches_are_the_engines(guidelines, name):
    chosen = edition(name)
    rng = random.Random(f"matches {name}")
    programmes = [each for each in chosen.programmes.values() if each.fields]
    for _ in range(10):
        drawn = {name: value for each in rng.sample(programmes, 3) for name, value in Facts(each, rng).project().items() if value is not None}
        if not drawn:
            continue
        facts = read(drawn, chosen.whole)
        rows = call(guidelines, "MATCH_PROGRAMS", [name, [list(drawn.values())], [list(drawn)]])
        wanted = Matcher(chosen).match(facts).candidates
        assert [row[0] for row in rows[1:]] == [each.id for each in wanted]
        assert [row[2] for row in rows[1:]] == [each.answer.verdict for each in wanted]
        assert [row[4] for row in rows[1:]] == ["、".join(each.missing) for each in wanted]


def test_many_different_values_are_not_kept_for_ever(ask):
    memo = answers.Memo(lambda key: -key, 100)
    assert [memo[number] for number in range(1000)] == [-number for number in range(1000)] and len(memo) <= 100
    rows = [[float(1000 + number)] for number in range(60_000)]
    assert ask("SUBSIDY", "2026P1-3", rows)[-1] == [600.0] and ask("SUBSIDY", "2026P1-3", rows)[1000] == [200.0]


# --- what arrives -----------------------------------------------------------------------------------------------------------------

def test_excel_hands_over_dates_and_currency_as_such(ask):
    row = [Decimal("1500"), True, True, dt.datetime(2024, 5, 1), dt.datetime(2025, 2, 1), dt.datetime(2025, 11, 30), True]
    assert ask("SUBSIDY", "2026P1-1", [row], [LABELS]) == [[150.0]]
    assert ask("ELIGIBLE", "2026P1-1", [row], [LABELS]) == [["符合"]]


def test_a_flat_sequence_is_a_row(ask):
    assert ask("SUBSIDY", "2026P1-1", [1500, 900]) == [[150.0, 0.0]]
    assert ask("ELIGIBLE", "2026P1-1", FINE, LABELS) == [["符合"]]


def test_true_and_one_are_told_apart_where_they_differ(ask):
    assert ask("SUBSIDY", "2026P1-4", [[1.0], [True], [1.0]]) == [[200.0], [VALUE], [200.0]]
    assert ask("SUBSIDY", "2026P1-4", [[True], [1.0]]) == [[VALUE], [200.0]]
    assert ask("SUBSIDY", "2026P4-2", [[1.0], [True]], ["服务收入占比"]) == [[200.0], [VALUE]]
    assert "TRUE" in ask("WHY", "2026P1-4", True)[0][0]


@pytest.mark.parametrize("value", [
    float("nan"), float("inf"), 1e300, 10**400, -0.0, "9" * 5000, "\x00", [[1.0, 2.0], [3.0]], [], [[]], object()])
def test_nothing_odd_is_raised_across_the_border(ask, value):
    for name in ("SUBSIDY", "ELIGIBLE", "WHY", "FIRST_PAYMENT", "QUOTA_LEFT", "PROGRAM"):
        for row in ask(name, "2026P1-1", value):
            assert all(each is None or isinstance(each, (float, str)) for each in row)
    assert ask("MATCH_PROGRAMS", "2026", value, ["研发设备购置额"])


def test_results_are_floats_texts_and_blanks(guidelines):
    for case in cases(error=Mark):
        kinds = {type(each) for row in call(guidelines, case.function, case.args) for each in row}
        assert kinds <= {float, str, type(None), Mark}, case.id


# --- what misuse is told ------------------------------------------------------------------------------------------------------------

def test_every_misuse_says_why_in_the_mark_itself(guidelines):
    for case in cases(error=Mark):
        for each in (each for row in call(guidelines, case.function, case.args) for each in row if isinstance(each, Mark)):
            assert each in (NA, VALUE) and (each == NA or len(each.why) > 8), case.id


def test_why_has_words_for_every_misuse_in_the_contract(guidelines):
    """With the arguments that another function refused and its name, WHY says what to put right, cell by cell."""
    asked = 0
    for case in cases(error=Mark):
        found = call(guidelines, case.function, case.args)
        if case.function != "WHY" and any(each == VALUE for row in found for each in row):
            words = call(guidelines, "WHY", [*(*case.args, None, None)[:3], case.function])
            assert len(words) == len(found) and all(map(len, words)), case.id
            told = [(mark, word) for row, own in zip(found, words) for mark, word in zip(row, own) if mark == VALUE]
            assert told and all(word == mark.why for mark, word in told), case.id
            asked += 1
    assert asked > 40


def test_why_tells_of_what_is_broken_first(ask):
    assert ask("WHY", "2026P1-1", 900)[0][0].startswith("不符合 条件2g：“研发设备及配套软件购置额”900万元，应不小于1000万元，差100万元")


def test_why_takes_a_functions_name_as_it_stands_in_a_formula(ask):
    assert "没有“上线”这一项" in ask("WHY", "2026P1-1", "上线", None, "xltool.Program")[0][0]
    assert "没有函数“WHY2”" in ask("WHY", "2026P1-1", "上线", None, "WHY2")[0][0]


def test_an_unknown_name_is_looked_for_once(guidelines, monkeypatch):
    looked = []
    find = Library.find
    monkeypatch.setattr(Library, "find", lambda self, name, preferred="": looked.append(name) or find(self, name, preferred))
    for _ in range(50):
        assert call(guidelines, "SUBSIDY", ["查无此项目", 1500.0]) == [[VALUE]]
    assert looked == ["查无此项目"]


# --- the definition -----------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.name)
def test_a_definition_is_what_hosts_can_announce(function):
    assert function.name.isascii() and function.text and f"={function.name}(" in function.example
    assert len(function.text) <= 255  # Excel cuts longer ones
    optional = [parameter.optional for parameter in function.parameters]
    assert optional == sorted(optional), "an optional argument before one that is needed"
    for parameter in function.parameters:
        assert re.fullmatch("[a-z]+", parameter.name) and parameter.name not in RESERVED
        assert parameter.title and len(f"{parameter.title}：{parameter.hint}") <= 255


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.name)
def test_arguments_that_are_not_optional_may_still_be_left_out(ask, function):
    """A wizard hands over what is filled in so far."""
    for given in range(1, len(function.parameters) + 1):
        assert ask(function.name, *["2026P1-1", *[None] * (given - 1)])


def test_every_item_answers_for_every_programme(ask):
    names = [[each.id] for name in edition_ids() for each in edition(name).programmes.values()]
    rows = ask("PROGRAM", names, [list(ITEMS)])
    assert len(rows) == len(names) and not [row for row in rows if any(isinstance(each, Mark) for each in row)]


# --- in any host's Python -----------------------------------------------------------------------------------------------------------

def test_the_core_needs_the_standard_library_only():
    program = ("before = set(sys.modules); import xltool.hosts.functions, xltool.rules.data; "
               "print(sorted({name.split('.')[0] for name in set(sys.modules) - before} - set(sys.stdlib_module_names)))")
    assert fresh(program, "-S") == "['xltool']"


@pytest.mark.parametrize("module", CORE, ids=lambda path: path.name)
def test_the_core_keeps_to_python_3_10_syntax(module):
    tree = ast.parse(module.read_text(encoding="utf-8"), feature_version=(3, 10))
    assert not [node for node in ast.walk(tree) if type(node).__name__ in ("TryStar", "TypeAlias")]
