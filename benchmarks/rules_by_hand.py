"""Two programmes of the 2026 guideline as a script without xltool has them: in numpy, and row by row for pandas.

Both know missing facts and keep the status of every condition (0 no, 1 unknown, 2 yes), because that is what xltool
answers; they do not check their input, do not explain, and hold for these two programmes only. The numpy versions
look for missing values once per column and read each column once: a fast script, not a straw man.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import numpy as np

Columns = Mapping[str, np.ndarray]
NO, UNKNOWN, YES = np.int8(0), np.int8(1), np.int8(2)
YEAR_START, YEAR_END = np.datetime64("2025-01-01"), np.datetime64("2025-12-31")
RENEWAL_START = np.datetime64("2023-01-01")
SECTORS = {"化工": 0, "印染": 1, "电镀": 2, "铸造": 3, "其他": 4, None: -1}
KINDS = {"搬迁入园": 0, "园区内改造提升": 1, "园区内新建": 2, "园区内扩建": 3, None: -1}
CHOICES = {"行业": SECTORS, "项目类型": KINDS}


def truths(column: np.ndarray) -> np.ndarray:
    """True, False and None as 2, 0 and 1."""
    return (np.equal(column, True).astype(np.int8) << 1) + np.equal(column, None).astype(np.int8)


def codes(column: np.ndarray, choices: Mapping[str | None, int]) -> np.ndarray:
    return np.fromiter(map(choices.__getitem__, column), np.int8, len(column))


def prepare(raw: Columns) -> dict[str, np.ndarray]:
    """Columns of Python values as numbers; amounts and dates stay as they are."""
    found = {}
    for name, column in raw.items():
        if column.dtype != object:
            found[name] = column
        else:
            found[name] = codes(column, CHOICES[name]) if name in CHOICES else truths(column)
    return found


def status(truth: np.ndarray, unknown: np.ndarray) -> np.ndarray:
    return np.where(unknown, UNKNOWN, truth.astype(np.int8) << 1)


def one_of(column: np.ndarray, *wanted: int) -> np.ndarray:
    truth = column == wanted[0]
    for code in wanted[1:]:
        truth |= column == code
    return status(truth, column < 0)


def when(applies: np.ndarray, met: np.ndarray) -> np.ndarray:
    """A condition that does not apply is met."""
    return np.maximum(YES - applies, met)


def to_the_fen(amount: np.ndarray) -> np.ndarray:
    return np.floor(amount * 1e6 * (1 + 2.0**-48) + 0.5) / 1e6


def answer(statuses: list[np.ndarray], ceiling: np.ndarray) -> tuple[np.ndarray, ...]:
    matrix = np.stack(statuses)
    verdict = matrix.min(axis=0)
    ceiling = to_the_fen(ceiling)
    return verdict, ceiling, np.where(verdict == NO, 0.0, ceiling), matrix


def numpy_1_1(c: Columns) -> tuple[np.ndarray, ...]:
    """2026P1-1: verdict, ceiling, subsidy, status of every condition."""
    amount, founded, start, end = (
        c[n] for n in ("研发设备及配套软件购置额", "研发机构设立时间", "项目开始时间", "项目结束时间")
    )
    no_start, no_end = np.isnat(start), np.isnat(end)
    statuses = [
        c["工信领域企业"],
        c["建有研发机构"],
        status(start >= founded, no_start | np.isnat(founded)),
        status(start >= YEAR_START, no_start),
        status(start <= YEAR_END, no_start),
        status(end >= YEAR_START, no_end),
        status(end <= YEAR_END, no_end),
        c["购置用于研发机构建设"],
        status(amount >= 1000, np.isnan(amount)),
    ]
    return answer(statuses, np.minimum(amount * 0.1, 200))


def numpy_2_1(c: Columns) -> tuple[np.ndarray, ...]:
    """2026P2-1: verdict, ceiling, subsidy, status of every condition."""
    sector, kind = c["行业"], c["项目类型"]
    equipment, start, done, issued = (c[n] for n in ("项目设备投入", "项目开始时间", "完成验收时间", "指南印发时间"))
    no_start, no_done, no_issued = np.isnat(start), np.isnat(done), np.isnat(issued)
    no_equipment = np.isnan(equipment)
    moved, improved = one_of(kind, 0), one_of(kind, 1)
    dyeing, chemical = one_of(sector, 1), one_of(sector, 0)
    improved_dyeing = np.minimum(dyeing, improved)
    statuses = [
        one_of(sector, 0, 1, 2, 3),
        one_of(kind, 0, 1),
        when(moved, c["腾退原有老旧设备"]),
        when(moved, c["采用先进工艺技术和装备"]),
        when(improved, c["对现有生产线设备更新或工艺优化"]),
        when(improved_dyeing, c["淘汰老旧设备"]),
        c["园区符合界定"],
        status(start >= RENEWAL_START, no_start),
        status(start < issued, no_start | no_issued),
        status(done >= RENEWAL_START, no_done),
        status(done < issued, no_done | no_issued),
        when(one_of(sector, 0, 1), status(equipment >= 1000, no_equipment)),
        when(one_of(sector, 2, 3), status(equipment >= 500, no_equipment)),
        c["相关手续完备"],
        c["符合产业政策和法律法规"],
        when(np.minimum(improved_dyeing, c["位于太湖流域"]), c["符合太湖水污染防治条例"]),
        when(np.minimum(chemical, improved), c["未获化工老旧装置更新改造补助"]),
        when(np.minimum(chemical, c["涉及沿江化工园区"]), c["不涉及长江干支流岸线一公里范围"]),
    ]
    return answer(statuses, np.minimum(c["项目总投资"] * 0.15, 600))


# The same rules for one row at a time, as `DataFrame.apply(axis=1)` calls them. None is "unknown".


def no_less(left: object, right: object) -> bool | None:
    return None if left is None or right is None else left >= right


def before(left: object, right: object) -> bool | None:
    return None if left is None or right is None else left < right


def among(value: str | None, *wanted: str) -> bool | None:
    return None if value is None else value in wanted


def both(left: bool | None, right: bool | None) -> bool | None:
    if left is False or right is False:
        return False
    return None if left is None or right is None else True


def where(applies: bool | None, met: bool | None) -> bool | None:
    if applies is False or met is True:
        return True
    return None if applies is None or met is None else False


def cell(value: object) -> object:
    return None if value is None or value != value else value


def row_answer(statuses: list[bool | None], ceiling: float | None) -> tuple:
    verdict = 0 if False in statuses else 1 if None in statuses else 2
    ceiling = None if ceiling is None else float(to_the_fen(ceiling))
    return verdict, ceiling, 0.0 if verdict == 0 else ceiling, statuses


def row_1_1(row: Mapping[str, object]) -> tuple:
    """2026P1-1 for a row of a DataFrame."""
    amount, founded, start, end = (
        cell(row[n]) for n in ("研发设备及配套软件购置额", "研发机构设立时间", "项目开始时间", "项目结束时间")
    )
    first, last = dt.datetime(2025, 1, 1), dt.datetime(2025, 12, 31)
    statuses = [
        row["工信领域企业"],
        row["建有研发机构"],
        no_less(start, founded),
        no_less(start, first),
        no_less(last, start),
        no_less(end, first),
        no_less(last, end),
        row["购置用于研发机构建设"],
        no_less(amount, 1000),
    ]
    return row_answer(statuses, None if amount is None else min(amount * 0.1, 200))


def row_2_1(row: Mapping[str, object]) -> tuple:
    """2026P2-1 for a row of a DataFrame."""
    sector, kind = cell(row["行业"]), cell(row["项目类型"])
    total, equipment, start, done, issued = (
        cell(row[n]) for n in ("项目总投资", "项目设备投入", "项目开始时间", "完成验收时间", "指南印发时间")
    )
    moved, improved = among(kind, "搬迁入园"), among(kind, "园区内改造提升")
    dyeing, chemical = among(sector, "印染"), among(sector, "化工")
    improved_dyeing = both(dyeing, improved)
    first = dt.datetime(2023, 1, 1)
    statuses = [
        among(sector, "化工", "印染", "电镀", "铸造"),
        among(kind, "搬迁入园", "园区内改造提升"),
        where(moved, row["腾退原有老旧设备"]),
        where(moved, row["采用先进工艺技术和装备"]),
        where(improved, row["对现有生产线设备更新或工艺优化"]),
        where(improved_dyeing, row["淘汰老旧设备"]),
        row["园区符合界定"],
        no_less(start, first),
        before(start, issued),
        no_less(done, first),
        before(done, issued),
        where(among(sector, "化工", "印染"), no_less(equipment, 1000)),
        where(among(sector, "电镀", "铸造"), no_less(equipment, 500)),
        row["相关手续完备"],
        row["符合产业政策和法律法规"],
        where(both(improved_dyeing, row["位于太湖流域"]), row["符合太湖水污染防治条例"]),
        where(both(chemical, improved), row["未获化工老旧装置更新改造补助"]),
        where(both(chemical, row["涉及沿江化工园区"]), row["不涉及长江干支流岸线一公里范围"]),
    ]
    return row_answer(statuses, None if total is None else min(total * 0.15, 600))
