"""The mutation test of the guideline workbooks: would anybody notice if one number, comparison or choice in them were wrong?

A mutant is a programme with one small change in one formula or in one number of its quota. It is noticed when the checks refuse
it, when a case beside the rules comes out otherwise, or when one of the two tests below fails. A change that no project could
tell is not sorted out: it survives, and the page lists it.

    python tests/mutation.py        # docs/mutation.md
"""
from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache, partial
from pathlib import Path

from xltool.guideline.bundle import edition, edition_ids
from xltool.guideline.cases import run_case
from xltool.guideline.checks import check_edition
from xltool.guideline.records import Reader, Record
from xltool.rules.facts import read_facts
from xltool.rules.formula import Array, Binary, Call, Name, Node, Number, Text, Unary, children, number_text
from xltool.rules.model import Edition, Field, Formula, Programme

PAGE = Path(__file__).resolve().parent.parent / "docs" / "mutation.md"

KINDS = NUMBER, RATE, DATE, COMPARISON, CHOICE, LOGIC, DROPPED, QUOTA = (
    "门槛、金额、个数", "比例", "日期、期限", "比较符号", "选项", "与或、大小", "去掉一项", "名额")
NEIGHBOURS = {">=": (">", "<="), ">": (">=", "<"), "<=": ("<", ">="), "<": ("<=", ">"), "=": ("<>",), "<>": ("=",)}
SWAPPED = {"AND": "OR", "OR": "AND", "MIN": "MAX", "MAX": "MIN"}


# --- changes of a formula ---------------------------------------------------------------------------------------------

Change = tuple[str, Node]  # its kind, and the formula after it


def changes(node: Node, fields: Mapping[str, Field], numbers: str = NUMBER) -> Iterator[Change]:
    """Every formula one small change away from this one; `numbers` is the kind of change of a number that stands here."""
    match node:
        case Number(value):
            yield from ((numbers, replace(node, value=other)) for other in beside(value))
        case Binary(op, left, right) if op in NEIGHBOURS:
            yield from ((COMPARISON, replace(node, op=other)) for other in NEIGHBOURS[op])
            if isinstance(left, Name) and left.name in fields:
                yield from ((kind, replace(node, right=other)) for kind, other in choice_changes(right, fields[left.name].choices))
        case Call("NOT", (inner,)):
            yield DROPPED, inner
        case Call(function, args) if function in SWAPPED and len(args) > 1:
            yield LOGIC, replace(node, function=SWAPPED[function])
            yield from ((DROPPED, replace(node, args=args[:index] + args[index + 1:])) for index in range(len(args)))
    match node:
        case Unary("%"):
            numbers = RATE
        case Call("DATE" | "EDATE"):
            numbers = DATE
        case _:
            numbers = NUMBER
    for index, child in enumerate(children(node)):
        yield from ((kind, with_child(node, index, other)) for kind, other in changes(child, fields, numbers))


def beside(value: float) -> tuple[float, float]:
    """The numbers one unit of the last written place above and below: 1001 and 999, 0.6 and 0.4."""
    number = Decimal(number_text(value))
    step = Decimal((0, (1,), number.as_tuple().exponent))
    return float(number + step), float(number - step)


def choice_changes(node: Node, choices: tuple[str, ...]) -> Iterator[Change]:
    """A choice, or each of a list, exchanged for the field's next one that is not there yet; each left out of a list."""
    items = (node,) if isinstance(node, Text) else node.items if isinstance(node, Array) else ()
    free = [choice for choice in choices if choice not in {item.value for item in items}]
    for index, item in enumerate(items):
        before, after = items[:index], items[index + 1:]
        if item.value in choices and free:
            other = Text(next((choice for choice in free if choices.index(choice) > choices.index(item.value)), free[0]))
            yield CHOICE, other if isinstance(node, Text) else Array((*before, other, *after))
        if before or after:
            yield DROPPED, Array((*before, *after))


def with_child(node: Node, index: int, child: Node) -> Node:
    """The node with one of its `children` exchanged."""
    match node:
        case Unary():
            return replace(node, operand=child)
        case Binary():
            return replace(node, **{("left", "right")[index]: child})
    return replace(node, args=(*node.args[:index], child, *node.args[index + 1:]))


# --- mutants of a programme -------------------------------------------------------------------------------------------

@dataclass(frozen=True)
class Mutant:
    """A programme with one change: where it is, its kind, and what stood and stands there."""

    programme: Programme
    place: str
    kind: str
    old: str
    new: str


def mutants(programme: Programme) -> Iterator[Mutant]:
    """Every mutant of a programme; a change that leaves the text of a formula as it is makes none."""
    for place, formula, put in formulas(programme):
        seen = {formula.text}
        for kind, node in changes(formula.node, programme.fields):
            changed = Formula(node)
            if changed.text not in seen:
                seen.add(changed.text)
                yield Mutant(put(changed), place, kind, formula.text, changed.text)
    for index, part in enumerate(programme.quota):
        for title, name in (("不超过", "maximum"), ("不少于", "minimum")):
            number = getattr(part, name)
            for other in () if number is None else (number + 1, number - 1):
                yield Mutant(_with_item(programme, "quota", index, name, other), "名额" + part.part, QUOTA,
                             f"{title}{number}", f"{title}{other}")


def formulas(programme: Programme) -> Iterator[tuple[str, Formula, Callable[[Formula], Programme]]]:
    """The formulas of a programme, each with its place and how to put another one there."""
    for place, name in (("补助公式", "ceiling"), ("首付公式", "first")):
        if formula := getattr(programme, name):
            yield place, formula, partial(_with_amount, programme, name)
    for index, condition in enumerate(programme.conditions):
        for title, name in (("条件", "formula"), ("适用", "when")):
            if formula := getattr(condition, name):
                yield title + condition.number, formula, partial(_with_item, programme, "conditions", index, name)


def _with_amount(programme: Programme, name: str, formula: Formula) -> Programme:
    return replace(programme, **{name: formula})


def _with_item(programme: Programme, items: str, index: int, name: str, value: object) -> Programme:
    changed = list(getattr(programme, items))
    changed[index] = replace(changed[index], **{name: value})
    return replace(programme, **{items: tuple(changed)})


# --- who notices ------------------------------------------------------------------------------------------------------

# Conditions that no case can try, with facts that just meet them and what then just breaks them. Soft ones never decide; and for
# some days and anniversaries the programme's 说明 settles that they count, yet keeps them out of 用例.
APART = (
    ("2022P1-1", "2a", "备案总投资=3000", "备案总投资=2999.999999"),
    ("2022P1-6", "1b", "计划诊断项目数=1", "计划诊断项目数=0"),
    ("2022P2", "2a", "实施期年数=3", "实施期年数=3.01"),
    ("2022P3-4-2", "1b", "经审计实际支出=0.01", "经审计实际支出=0"),
    ("2022P5-1-2", "1b", "合同配套要求额=0.01", "合同配套要求额=0"),
    ("2023P2", "2a", "项目实施周期=3", "项目实施周期=3.01"),
    ("2023P3-5-2", "1c", "审计后实际支出=0.01", "审计后实际支出=0"),
    ("2024P1-1-2-1", "4c", "项目开始时间=2023-03-01 项目结束时间=2026-03-01", "项目结束时间=2026-03-02"),
    ("2024P1-3-1-1", "3c", "最晚发票日期=2024-05-31 申报截止日期=2024-05-31", "最晚发票日期=2024-06-01"),
    ("2024P1-3-1-2", "主体a", "申报产品数=1", "申报产品数=2"),
    ("2024P1-3-2-1", "3", "项目结束时间=2025-12-31", "项目结束时间=2026-01-01"),
    ("2024P1-3-2-2", "2b", "项目结束时间=2024-06-30", "项目结束时间=2024-07-01"),
    ("2024P1-3-2-3", "5a", "项目开始时间=2023-05-01 项目结束时间=2025-05-01", "项目结束时间=2025-05-02"),
    ("2024P1-3-2-4", "6a", "项目开始时间=2023-05-01 项目结束时间=2025-05-01", "项目结束时间=2025-05-02"),
    ("2024P1-4", "1b", "每人每期课时=60", "每人每期课时=59"),
    ("2024P2-4-2", "3a", "验收日期=2024-05-31 申报截止日期=2024-05-31", "验收日期=2024-06-01"),
    ("2024P2-4-3-1", "3a", "项目结束时间=2024-12-31", "项目结束时间=2025-01-01"),
    ("2024P2-4-3-1", "3b", "项目开始时间=2022-10-01 项目结束时间=2024-10-01", "项目结束时间=2024-10-02"),
    ("2024P2-4-3-2", "3a", "项目结束时间=2024-12-31", "项目结束时间=2025-01-01"),
    ("2024P2-4-3-2", "3b", "项目开始时间=2021-10-01 项目结束时间=2024-10-01", "项目结束时间=2024-10-02"),
    ("2024P2-4-3-3", "3a", "项目结束时间=2024-12-31", "项目结束时间=2025-01-01"),
    ("2024P2-4-3-3", "3b", "项目开始时间=2021-10-01 项目结束时间=2024-10-01", "项目结束时间=2024-10-02"),
    ("2024P3-3", "3d", "项目开始时间=2021-10-15 项目结束时间=2024-10-15", "项目结束时间=2024-10-16"),
    ("2024P4-7-2", "2", "审计后实际支出=0.01", "审计后实际支出=0"),
    ("2024Q4P4", "1b", "联合体单位数=10", "联合体单位数=11"),
    ("2024Q4P6", "1c", "联合体单位数=3", "联合体单位数=4"),
    ("2024Q4P12", "5", "参与方案或指南编制专家=否", "参与方案或指南编制专家=是"),
    ("2024Q4P13", "3", "同时承担本专项项目数=1", "同时承担本专项项目数=2"),
    ("2024Q4P15", "4", "企业报送攻关任务数=1", "企业报送攻关任务数=2"),
    ("2026P1-3", "3b", "项目开始时间=2026-04-01 项目结束时间=2029-04-01", "项目结束时间=2029-04-02"),
    ("2026P3-4", "2c", "诊断企业数=2006", "诊断企业数=2007"),
)


def wrong_apart(programme: Programme) -> list[str]:
    """The facts of APART for which a condition of the programme does not come out as it must."""
    wrong = []
    for number, *steps in (row[1:] for row in APART if row[0] == programme.id):
        rule = next(condition.rule for condition in programme.conditions if condition.number == number)
        facts: dict[str, str] = {}
        for step, met in zip(steps, (True, False)):
            facts |= dict(word.split("=") for word in step.split())
            values, problems = read_facts(facts, programme)
            if problems or rule.evaluate(values) is not met:
                wrong.append(f"{programme.id} 条件{number} {step}")
    return wrong


def unworded(programme: Programme) -> list[str]:
    """The numbers of the programme's quota that its wording in the same row of 名额 does not have."""
    return [f"{programme.id} {part.part}{number}：{part.note}" for part in programme.quota for number in (part.maximum, part.minimum)
            if number is not None and str(number) not in re.findall(r"\d+", part.note)]


def refused(programme: Programme) -> bool:
    """Whether the checks of a guideline workbook find anything wrong with the programme's rules."""
    reader = Reader("", "", {})
    alone = replace(programme, parent="", form="", follows=())  # what it refers to is not here
    check_edition(Edition("", "", 0, "", programmes={programme.id: alone}), reader,
                  {programme.id: Record(reader, "项目", 0, {}, [])})
    return bool(reader.problems)


WITNESSES = CHECKS, CASES, TESTS = "检查", "用例", "测试"
NOBODY = ""


def noticed_by(mutant: Mutant, whole: Edition) -> str:
    """The first of WITNESSES that notices a mutant, or NOBODY. Only a rule that passes the checks is ever evaluated."""
    programme = mutant.programme
    if refused(programme):
        return CHECKS
    changed = replace(whole, programmes={programme.id: programme})
    if any(run_case(case, changed) for case in whole.cases if case.programme == programme.id):
        return CASES
    return TESTS if wrong_apart(programme) or unworded(programme) else NOBODY


@cache
def trial(name: str) -> tuple[tuple[Mutant, str], ...]:
    """Every mutant of an edition with who notices it."""
    whole = edition(name)
    return tuple((mutant, noticed_by(mutant, whole)) for programme in whole.programmes.values() for mutant in mutants(programme))


def score(tried: Iterable[tuple[Mutant, str]]) -> float:
    """The share of mutants that are noticed."""
    witnesses = [witness for _, witness in tried]
    return 1 - witnesses.count(NOBODY) / len(witnesses)


# --- the page ---------------------------------------------------------------------------------------------------------

def page() -> str:
    """The score as Markdown."""
    trials = {name: trial(name) for name in edition_ids()}
    every = [one for tried in trials.values() for one in tried]
    by_kind = {kind: [one for one in every if one[0].kind == kind] for kind in KINDS}
    survivors = [mutant for mutant, witness in every if witness == NOBODY]
    lines = "\n".join(f"| {mutant.programme.id} | {mutant.place} | {mutant.kind} | `{mutant.old}` | `{mutant.new}` |" for mutant in survivors)
    return f"""# 变异测试：规则错一个数，有没有人发现

这一页由 `python tests/mutation.py` 写出，请不要手改。每次运行测试都重算，和这一页不同、或任何一版发现率低于97%，测试就不通过。

每次只在一版指南里改一处：

* {NUMBER}；{RATE}；{DATE}：每个数按写出的最后一位加一、减一（1000改成1001和999，10%改成11%和9%，日期的年、月、日各加减一）；
* {COMPARISON}：`>=` 改成 `>` 和 `<=`，`=` 改成 `<>`，其余同样；
* {CHOICE}：换成同一字段的另一个选项；
* {LOGIC}：AND和OR、MIN和MAX对换；
* {DROPPED}：AND、OR、MIN、MAX、花括号里去掉一项，或去掉NOT；
* {QUOTA}：“不超过”“不少于”加一、减一。

发现它的可以是：

* **{CHECKS}**：`xltool guideline check` 拒绝改过的规则；
* **{CASES}**：“用例”表里至少一个用例的结果变了；
* **{TESTS}**：提示性条件不影响结论，说明里写明不设用例的日子也没有用例，它们由测试另外试；名额的数要在同一行的“说明”里也有。

限项表没有算在内。

## 各版

{table("版本", trials)}

## 各种改动

{table("改动", by_kind)}

## 没有发现的

共{len(survivors)}处，全列在这里。其中有的改动什么项目也看不出来：首期最高2000、后期最高1000，合计自然不超过3000；预算够1亿元门槛的，
30%一定超过首期最高的2000。

| 项目 | 位置 | 改动 | 原来 | 改成 |
| --- | --- | --- | --- | --- |
{lines}
"""


def table(title: str, groups: Mapping[str, Iterable[tuple[Mutant, str]]]) -> str:
    """One row per group of mutants, and one for all: how many there are, who notices them, and the share noticed."""
    groups = {**groups, "合计": [one for tried in groups.values() for one in tried]}
    columns = (title, "改动数", *WITNESSES, "没有发现", "发现率")
    rows = [columns, ["---"] * len(columns)]
    for name, tried in groups.items():
        count = Counter(witness for _, witness in tried)
        rows.append((name, count.total(), *(count[witness] for witness in (*WITNESSES, NOBODY)), f"{int(score(tried) * 1000) / 10}%"))
    return "\n".join(f"| {' | '.join(map(str, row))} |" for row in rows)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
