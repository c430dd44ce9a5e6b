"""The best choice against an enumeration of all choices, over every kind of limit at once; then ties, prices, exchanges, conflicts."""
from __future__ import annotations

import random
from collections import defaultdict
from itertools import combinations

import openpyxl
import pytest

from xltool.output.selection import select_projects
from xltool.output.selection.candidates import MILLION
from xltool.rules.model import Edition, Field, Formula, Limit, Programme, QuotaPart
from xltool.rules.problems import ProblemsError
from xltool.rules.quota import places_left

COLUMNS = ("申报项目类别", "申报项目名称", "单位名称", "县（市、区）", "设区市", "名额分项", "项目推荐单位",
           "项目申请补助资金", "投入", "台数", "得分")
UNITS = ("甲厂有限公司", "乙厂有限公司", "丙厂有限公司", "丁厂有限公司")
COUNTIES = ("东台市", "大丰区", "建湖县")
_KINDS = {"项目申请补助资金": "金额"}


def edition(rng: random.Random) -> Edition:
    """A made-up guideline: a plain programme, a counted one, one of parts with a minimum, a group, one whose quota is each unit's."""
    investment = {"投入": Field("投入", "金额", "万元"), "台数": Field("台数", "数量", "台")}

    def programme(name: str, *quota: QuotaPart, **more: object) -> Programme:
        return Programme(f"2099P{name}", name, f"项目{name}", ceiling=Formula.parse("MIN(投入*50%,60)"), fields=investment, quota=quota, **more)

    def most(low: int = 0, high: int = 3) -> int:
        return rng.randint(low, high)
    parted = rng.choice([
        (QuotaPart(maximum=most(1, 4)), QuotaPart("新", maximum=most(), minimum=rng.choice([None, 1, 2])), QuotaPart("旧")),
        (QuotaPart("新", maximum=most()), QuotaPart("旧", maximum=most()))])
    shared = most(1, 3)
    programmes = [
        programme("1", QuotaPart(maximum=most(1), cite="一")), programme("2", QuotaPart(maximum=most(2, 5), count="台数", cite="二")),
        programme("3", *parted), programme("4-1", QuotaPart(maximum=shared, cite="四"), parent="2099P4"), programme("4-2", parent="2099P4"),
        programme("4", QuotaPart(maximum=shared, cite="四"), QuotaPart("小", member="2099P4-2", maximum=most()), members=("2099P4-1", "2099P4-2")),
        programme("5", QuotaPart("市", maximum=1, each=True))]
    limits = (Limit(("2099P1", "2099P4"), "企业", 1, True, "不重复"), Limit(("2099P3",), "设区市", most(1, 3), True, "每市"),
              Limit(("2099P1", "2099P2"), "企业", 1, False, "原则上"))
    columns = {name: Field(name, _KINDS.get(name, "文字"), "万元" if name in _KINDS else "") for name in COLUMNS[:8]}
    return Edition("2099", "虚构指南", 2099, "虚构", programmes={each.id: each for each in programmes}, columns=columns, limits=limits)


def rows_of(rng: random.Random, size: int) -> list[dict[str, object]]:
    money = rng.choice([lambda: rng.randint(1, 6) * 10, lambda: rng.randint(1, 60_000_000) / MILLION])
    score = rng.choice([lambda: rng.randint(0, 5), lambda: rng.randint(0, 99_000_000) / MILLION])
    rows = []
    for number in range(size):
        name = rng.choice(["1", "2", "3", "4-1", "4-2", "5"])
        rows.append({
            "申报项目类别": f"2099P{name}", "申报项目名称": f"工程{chr(0x4e00 + number * 97)}{chr(0x5e00 + number * 89)}",
            "单位名称": rng.choice(UNITS), "县（市、区）": rng.choice(COUNTIES), "设区市": "盐城市",
            "名额分项": {"3": rng.choice(["新", "旧", None]), "5": "市"}.get(name),
            "项目推荐单位": rng.choice(["盐城市工信局", "盐城市科技局"]), "项目申请补助资金": rng.choice([None, money()]),
            "投入": rng.choice([None, 2 * money()]), "台数": rng.randint(1, 3), "得分": score() if rng.random() < .95 else None})
    if size > 2 and rng.random() < .2:  # one project twice
        rows[-1] = dict(rows[0], 得分=rows[-1]["得分"])
    return rows


def write(path, rows, columns=COLUMNS):
    book = openpyxl.Workbook()
    book.active.append(list(columns))
    for row in rows:
        book.active.append([row.get(name) for name in columns])
    book.save(path)
    return path


# --- a second opinion, written for itself -------------------------------------------------------------------------------------


class Enumerated:
    """Every choice of a few projects tried, with the guideline's own rules read anew."""

    def __init__(self, guide: Edition, rows, budget, scored: bool, allotments=(), include=()) -> None:
        self.guide, self.rows, self.budget, self.scored, self.allotments, self.include = guide, rows, budget, scored, allotments, include
        self.amounts = [self.amount(row) for row in rows]
        needs = budget is not None or not scored
        self.possible = [place for place, row in enumerate(rows) if not (needs and self.amounts[place] is None)
                         and not (scored and row["得分"] is None)]
        self.choices = [choice for size in range(len(self.possible) + 1) for choice in combinations(self.possible, size)]

    def amount(self, row) -> int | None:
        subsidy = None if row["投入"] is None else min(row["投入"] * .5, 60)
        known = [round(round(value, 6) * MILLION) for value in (row["项目申请补助资金"], subsidy) if value is not None]
        return min(known, default=None)

    def total(self, choice) -> int:
        if self.scored:
            return sum(round(self.rows[place]["得分"] * MILLION) for place in choice)
        return sum(self.amounts[place] for place in choice)

    def rank(self, choice):
        amount = sum(self.amounts[place] or 0 for place in choice)
        return self.total(choice), -amount if self.scored else len(choice), -sum(place + 1 for place in choice)

    def fine(self, choice, ease: str = "", step: int = 1) -> bool:
        if not set(self.include) <= set(choice):
            return False
        more = {ease: step}
        own = [self.rows[place] for place in choice]
        if self.budget is not None and sum(self.amounts[place] for place in choice) > self.budget * MILLION + more.get("预算", 0):
            return False
        if any(sum(self.covers(each, row) for row in own) > each[2] + more.get(each[0] + (each[1] or "各项目合计"), 0) for each in self.allotments):
            return False
        return self.quotas(own, more) and self.limits(own, more)

    def covers(self, allotment, row) -> bool:
        place, programme, _ = allotment
        return place in (row["县（市、区）"], row["设区市"]) and programme in (
            "", row["申报项目类别"], self.guide.programmes[row["申报项目类别"]].parent)

    def quotas(self, own, more) -> bool:
        for programme in self.guide.programmes.values():
            inside = [row for row in own if row["申报项目类别"] in (programme.members or (programme.id,))]
            if programme.id == "2099P5":
                counts = defaultdict(int)
                for row in inside:
                    counts[row["项目推荐单位"]] += 1
                if any(count > 1 + more.get(f"2099P5 市 {unit}", 0) for unit, count in counts.items()):
                    return False
                continue
            counted = programme.id == "2099P2"
            left = places_left(programme, [(self.part(programme, row), row["台数"] if counted else 1) for row in inside])
            names = {part: more.get(f"{programme.id} {part}", 0) for part in left.used_parts}
            whole = more.get(f"{programme.id} {programme.title}", 0)
            if not any(not row.part for row in programme.quota):
                whole += sum(names.values())
            if programme.id == "2099P4-1":  # what the group says holds once
                continue
            if left.over > whole or any(over > names[part] for part, over in left.over_parts.items()):
                return False
            eased = more.get(f"下限{programme.id} 新", 0)
            if any(wanted - eased > self.short(programme, part) for part, wanted in left.wanted.items()):
                return False
        return True

    def part(self, programme, row) -> str:
        return {"2099P4-2": "小"}.get(row["申报项目类别"], "") if programme.id == "2099P4" else (row["名额分项"] or "")

    def short(self, programme, part) -> int:
        """How many places of a minimum nobody can fill."""
        there = sum(self.rows[place]["申报项目类别"] == programme.id and self.rows[place]["名额分项"] == part for place in self.possible)
        return max(0, next(row.minimum or 0 for row in programme.quota if row.part == part) - there)

    def limits(self, own, more) -> bool:
        units, titles, cities = defaultdict(int), defaultdict(int), 0
        for row in own:
            units[row["单位名称"]] += row["申报项目类别"] in ("2099P1", "2099P4-1", "2099P4-2")
            titles[row["申报项目类别"], row["单位名称"], row["申报项目名称"]] += 1
            cities += row["申报项目类别"] == "2099P3"
        if any(count > 1 + more.get(f"同一企业{unit}（2099P1、2099P4）", 0) for unit, count in units.items()):
            return False
        if cities > self.guide.limits[1].maximum + more.get("同一设区市盐城市（2099P3）", 0):
            return False
        return all(count <= 1 + more.get(f"同一个项目“{title}”（{unit}）", 0) for (_, unit, title), count in titles.items())

    def best(self, ease: str = "", step: int = 1, keep=lambda choice: True):
        return max((choice for choice in self.choices if keep(choice) and self.fine(choice, ease, step)), key=self.rank, default=None)


def case(seed: int, tmp_path):
    """A made-up list with its guideline, budget, allotments and includes."""
    rng = random.Random(seed)
    guide, rows = edition(rng), rows_of(rng, rng.randint(1, 8))
    budget = rng.choice([None, rng.randint(20, 200), rng.randint(20_000_000, 200_000_000) / MILLION])
    scored = rng.random() < .6 and any(row["得分"] is not None for row in rows)
    allotments = [(rng.choice(COUNTIES), rng.choice(["", "2099P1", "2099P4"]), rng.randint(0, 2))] if rng.random() < .5 else []
    allotments += [("盐城市", "", rng.randint(2, 5))] if rng.random() < .3 else []
    path = write(tmp_path / f"{seed}.xlsx", rows)
    places = None
    if allotments:
        places = write(tmp_path / f"{seed}-名额.xlsx", [dict(zip(("县区", "类别", "名额"), each)) for each in allotments], ("县区", "类别", "名额"))
    titles = [row["申报项目名称"] for row in rows]
    second = Enumerated(guide, rows, budget, scored, allotments)
    include = [place for place in second.possible if titles.count(titles[place]) == 1][:1] if rng.random() < .2 else []
    second.include = tuple(include)
    options = {"budget": budget, "score": "得分" if scored else None, "allotment": places, "include": [str(place + 1) for place in include]}
    return path, guide, options, second


def chosen_rows(selection) -> tuple[int, ...]:
    return tuple(sorted(selection.options[place].number - 1 for place in selection.chosen))


def compared(seed: int, tmp_path):
    path, guide, options, second = case(seed, tmp_path)
    best = second.best()
    if best is None:
        with pytest.raises(ProblemsError):
            select_projects(path, guide, **options)
        return None, second
    selection = select_projects(path, guide, **options)
    assert second.fine(chosen_rows(selection)), f"seed {seed}: a limit is broken"
    assert second.rank(chosen_rows(selection)) == second.rank(best), f"seed {seed}"
    return selection, second


@pytest.mark.parametrize("block", range(10))
def test_the_choice_is_the_best_of_all_choices_ties_included(block, tmp_path):
    answered = [compared(seed, tmp_path)[0] for seed in range(block * 100, block * 100 + 100)]
    assert sum(answer is not None for answer in answered) > 50


@pytest.mark.parametrize("seed", range(5000, 5060))
def test_prices_of_limits_and_of_exchanges_are_what_enumeration_says(seed, tmp_path):
    selection, second = compared(seed, tmp_path)
    if selection is None:
        return
    best = second.total(chosen_rows(selection))
    for bound, change in zip(selection.bounds, selection.shadows):
        name = ("下限" if bound.kind == "下限" else "") + bound.name
        step = selection.budget_step if bound.kind == "预算" else 1
        assert change.by.exact and best + change.by.low == second.total(second.best(name, step)), f"{bound.text}"
    for place, change in selection.exchanges.items():
        row = selection.options[place].number - 1
        other = second.best(keep=lambda choice, row=row, place=place: (row in choice) is (place not in selection.chosen))
        if other is None:
            assert change.against, f"{row} cannot be had otherwise"
        else:
            assert change.by.exact and change.by.low == best - second.total(other), f"{row}"
            moved = (selection.chosen | change.comes) - change.goes
            choice = tuple(sorted(selection.options[each].number - 1 for each in moved))
            assert second.fine(choice) and second.total(choice) == best - change.by.low
