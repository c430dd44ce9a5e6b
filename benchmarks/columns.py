"""A million projects through the conditions and the subsidy of one programme, the status of every condition kept.

Compared: xltool (`read_column` + `assess_columns`, straight from the guideline workbook's text), the same rules
written by hand in numpy, OpenFisca, a Python loop over xltool's own `assess`, and pandas `DataFrame.apply(axis=1)`.
All start from the same columns: float amounts, datetime64 dates, objects (True, False, None, texts) for the rest,
about 2 % of each missing, and before anything is timed the answers are compared: exactly, but for OpenFisca's float32
amounts. The two row-by-row ones run on a sample and are scaled linearly. Fair to numpy: it reads each column once, checks nothing, explains nothing.
Fair to OpenFisca: with and without its set-up, formulas in numpy.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
import rules_by_hand as hand
from measure import OURS, Job, Row, against, medians
from openfisca_rules import Model

from xltool.guideline.bundle import edition
from xltool.rules.assess import assess
from xltool.rules.columns import VERDICTS, Results, assess_columns, read_column
from xltool.rules.model import Field, Programme

SIZE, SAMPLE, ROUNDS = 1_000_000, 20_000, 7
NUMPY, LOOP, APPLY = "numpy 手写", "逐个 assess（抽样折算）", "pandas apply（抽样折算）"
OPENFISCA, SETUP, READY = "OpenFisca（含转换和准备）", "OpenFisca（含准备）", "OpenFisca（不含准备）"
REACHES = {NUMPY: 1 / 3, OPENFISCA: 2.0, SETUP: 2.0}
RAW, RULES = "规则：从原始列到答案", "规则：只算，列已读好"
GROUPS = {
    RAW: "原始列是浮点金额、日期和 Python 对象（是否、选项），各约 2% 缺失，约 1% 的金额正好在限额上或只差一分。"
    "xltool 用 `read_column` 读（连同检查）、`assess_columns` 算；手写的 numpy 和 OpenFisca 用同一套手写转换。"
    "先比对再计时：numpy 的结论、上限、补助、每个条件的状态逐个相等，逐行的在样本上相等，"
    "OpenFisca 的金额在 float32 的精度内相等（结论不同的个数见注）。逐行的两种只跑 20,000 个项目，按行数折算。"
    "和 numpy 比的目标是不超过它的 3 倍时间。这一组的差别主要在对象列的转换，规则本身见下一组。",
    RULES: "列都已转成数字，只比规则本身。OpenFisca 的“准备”是为这批项目建模拟、放入数据；"
    "它的公式也是 numpy，但金额是 float32。手写的 numpy 不分块、不检查、不保留原文，只对这一个项目有效。",
}
BY_HAND: dict[str, tuple[Callable, Callable]] = {
    "2026P1-1": (hand.numpy_1_1, hand.row_1_1),
    "2026P2-1": (hand.numpy_2_1, hand.row_2_1),
}
DATES = {"2026P1-1": ("2024-06-01", "2026-04-01"), "2026P2-1": ("2022-09-01", "2026-04-01")}
RANGES = {"研发设备及配套软件购置额": 3000, "项目总投资": 6000, "项目设备投入": 4000}


def run(quick: bool = False) -> list[Row]:
    """The rows of the report, programme by programme."""
    size, rounds = (100_000, 3) if quick else (SIZE, ROUNDS)
    return [row for name in BY_HAND for row in compare(edition("2026").programmes[name], size, rounds)]


def compare(programme: Programme, size: int, rounds: int) -> list[Row]:
    raw = make_columns(programme, size)
    by_numpy, by_row = BY_HAND[programme.id]
    prepared = hand.prepare(raw)
    model = Model(programme.id, prepared)
    results = answer(programme, raw)
    ready = read_all(programme, raw)
    frame = pd.DataFrame({name: column[:SAMPLE] for name, column in raw.items()})
    facts = [results.facts(row) for row in range(SAMPLE)]
    differ = check(
        results, by_numpy(prepared), model.answer(model.simulation(prepared)), frame.apply(by_row, axis=1), facts
    )

    def openfisca() -> object:
        columns = hand.prepare(raw)
        return model.answer(model.simulation(columns))

    whole = medians(
        {
            OURS: Job(lambda: answer(programme, raw)),
            NUMPY: Job(lambda: by_numpy(hand.prepare(raw))),
            OPENFISCA: Job(openfisca),
            LOOP: Job(lambda: [assess(programme, one) for one in facts], scale=size / SAMPLE),
            APPLY: Job(lambda: frame.apply(by_row, axis=1), scale=size / SAMPLE),
        },
        rounds,
    )
    simulations = iter([model.simulation(prepared) for _ in range(rounds + 1)])
    rules = medians(
        {
            OURS: Job(lambda: assess_columns(programme, ready)),
            NUMPY: Job(lambda: by_numpy(prepared)),
            SETUP: Job(lambda: model.answer(model.simulation(prepared))),
            READY: Job(lambda: model.answer(next(simulations))),
        },
        rounds,
    )
    what = f"{programme.id}（{len(programme.conditions)} 个条件，{size:,} 个项目）"
    note = {OPENFISCA: f"金额 float32；{differ} 个项目的结论因此不同"}
    return against(RAW, what, whole, REACHES, note) + against(RULES, what, rules, REACHES)


def answer(programme: Programme, raw: Mapping[str, np.ndarray]) -> Results:
    return assess_columns(programme, read_all(programme, raw))


def read_all(programme: Programme, raw: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {name: read_column(column, programme.fields[name]) for name, column in raw.items()}


def make_columns(programme: Programme, size: int) -> dict[str, np.ndarray]:
    """Plausible facts of many projects: amounts in whole fen with some on a limit, about 2 % of each fact missing."""
    random = np.random.default_rng(20260101)
    return {field.name: make_column(field, DATES[programme.id], size, random) for field in programme.fields.values()}


def make_column(field: Field, days: tuple[str, str], size: int, random: np.random.Generator) -> np.ndarray:
    missing = random.random(size) < 0.02
    if field.kind == "金额":
        fen = random.integers(0, RANGES[field.name] * 10**6, size)
        limits = np.array([500, 1000, 999.999999, 1000.000001, 2000, 4000])
        return np.where(missing, np.nan, np.where(random.random(size) < 0.01, random.choice(limits, size), fen / 1e6))
    if field.kind == "日期":
        first, last = map(np.datetime64, days)
        column = first + random.integers(0, int((last - first).astype(int)), size)
        return np.where(missing, np.datetime64("NaT"), column)
    if field.kind == "选项":
        column = random.choice(np.array(field.choices, dtype=object), size)
    else:
        column = (random.random(size) < 0.9).astype(object)
    column[missing] = None
    return column


def check(results: Results, by_numpy: tuple, by_openfisca: tuple, by_apply: pd.Series, facts: list[dict]) -> int:
    """Raise unless every contender gives xltool's answers; returns how many verdicts OpenFisca's float32 changes."""
    for ours, theirs in zip((results.verdict, results.ceiling, results.subsidy, results.statuses), by_numpy):
        np.testing.assert_array_equal(ours, theirs, err_msg="numpy")
    for row, (verdict, ceiling, subsidy, statuses) in enumerate(by_apply):
        found = (results.verdict[row], results.ceiling[row], results.subsidy[row], *results.statuses[:, row])
        wanted = (verdict, ceiling, subsidy, *({None: 1}.get(met, 2 * bool(met)) for met in statuses))
        np.testing.assert_array_equal(found, [np.nan if value is None else value for value in wanted], err_msg="apply")
    for row, one in enumerate(facts):
        alone = assess(results.programme, one)
        statuses = [{None: 1}.get(met, 2 * bool(met)) for met in alone.statuses]
        found = (VERDICTS.index(alone.verdict), np.nan if alone.ceiling is None else alone.ceiling, *statuses)
        wanted = (results.verdict[row], results.ceiling[row], *results.statuses[:, row])
        np.testing.assert_array_equal(found, wanted, err_msg="assess")
    verdict, ceiling, _ = by_openfisca
    np.testing.assert_allclose(ceiling, results.ceiling, rtol=1e-6, atol=1e-6, err_msg="OpenFisca")
    return int((verdict != results.verdict).sum())
