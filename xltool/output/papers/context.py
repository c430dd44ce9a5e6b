"""The names every template printed for one project can use, in Word and in Excel, also in the bureau's own.

They are Chinese and easy to guess: list columns, facts and unknown headings by what they are called, and what the program computes.
Signs that cannot stand in a name are left out: 县（市、区） is 县市区. Of one name the computed value comes first, then what 文书 says
for all projects (固定内容), then the list column, the fact and the unknown heading, whichever has a value. What is missing is None.
"""
from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from functools import cache

from ...intake.consistency import CITY
from ...intake.projects import Cell, Project, values_of
from ...intake.regions import city_name
from ...intake.schedule import HEADINGS, SCHEDULE, read_schedule
from ...rules import serial
from ...rules.evaluate import Value
from ...rules.formula import half_width
from ...rules.model import APPROVED, Edition, Field, Programme
from ..checking import Checked
from .award import award
from .forms import chinese_date, indicator_value

CONTEXT_NAMES: Mapping[str, str] = {
    "序号": "项目在清单里是第几个",
    "版本": "指南的版本，如2023",
    "年度": "指南的年度，数字",
    "今天": "写出文件的日期",
    "项目编号": "项目类别的编号，如2023P1-1-1",
    "项目类别": "项目类别在指南里的全称",
    "方向": "项目类别所在的方向",
    "结论": "符合、不符合或待核实",
    "补助上限": "按公式算出的上限，万元",
    "补助": "按结论能补助的数，万元",
    "首付": "“补助”的首付，万元；不分期的没有",
    "理由": "结论和金额的理由，一条一个，用 for 列出",
    "缺少": "还缺的事实，一个一个用 for 列出",
    "申报依据": "“文书”表固定内容里的申报通知名称",
    "实施期限": "如2022年7月1日至2023年6月30日；有一个日期没填就没有",
    APPROVED: "清单里批复的数，万元；没有就是拟的数：结论符合时，申请额和补助中小的一个",
    "第一笔专项资金": "批复专项资金的首付，万元；不分期的没有",
    "剩余专项资金": "批复专项资金减去第一笔，万元",
    "拟": "批复专项资金是拟的、没有批复时为真，用 if 判断",
    "验收组织": "按“文书”表的验收公式由谁组织验收：甲方或丙方；文件没说的没有",
    "进度计划": "项目实施进度计划的各行，用 for 列出；每行有 起止时间、项目建设内容、投入总额（万元）",
    "绩效指标": "有目标值的指标，用 for 列出；每个有 一级指标、二级指标、名称、单位、目标值",
    "联系": "这类项目的主办处室：联系.省处室、联系.省电话、联系.市处室、联系.市电话；市的只在项目属于那个市时有",
    "材料": "要交的材料，一个一个用 for 列出",
}
_OFFICES = {"省处室": "province_office", "省电话": "province_phone", "市处室": "city_office", "市电话": "city_phone"}


def project_context(edition: Edition, item: Checked, number: int, today: dt.date, city: str = "", others: Iterable[str] = ()) -> dict[str, object]:
    """Everything a template can print about the `number`-th project of a list.

    `city`: where a project lies whose row does not say. `others`: the unknown headings of the whole list, so that each of its projects
    has the same names. Dates are dates, shares fractions, amounts 万元, yes or no the words 是 and 否.
    """
    project, programme = item.project, item.answer.programme
    context: dict[str, object] = dict.fromkeys(map(identifier, (*others, *edition.fact_names, *edition.columns)))
    for cells, fields in ((project.others, {}), (project.facts, programme.fields), (project.columns, edition.columns)):
        context.update({identifier(name): plain(cell.value, fields.get(name)) for name, cell in cells.items()})
    context.update({identifier(name): text for document in edition.documents for name, text in document.presets.items()})
    return {**context, **_computed(edition, item, number, today, city, context.get("申报依据"))}


def context_names(edition: Edition, others: Iterable[str] = ()) -> dict[str, str]:
    """Every name a template of an edition can use, with what it stands for."""
    facts = {identifier(name): f"事实“{name}”" for name in edition.fact_names}
    columns = {identifier(name): f"清单列“{name}”" + (f"，{field.unit}" if field.unit else "") for name, field in edition.columns.items()}
    presets = {identifier(name): f"固定内容：{text}" for document in edition.documents for name, text in document.presets.items()}
    return {**{identifier(name): f"清单里的“{name}”" for name in others}, **facts, **columns, **presets, **CONTEXT_NAMES}


@cache
def identifier(name: str) -> str:
    """A name as a template can use it.

    >>> identifier("县（市、区）"), identifier("基于5G的无线联网率"), identifier("2025年 收入")
    ('县市区', '基于5G的无线联网率', '列2025年收入')
    """
    plain_name = re.sub(r"\W", "", half_width(name))
    return plain_name if plain_name.isidentifier() else f"列{plain_name}"


def plain(value: Value, field: Field | None = None) -> object:
    """A value as templates print it: a date, 是 or 否, a whole number without its point."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float):
        if field is not None and field.kind == "日期":
            return serial.to_date(value)
        return int(value) if value.is_integer() else value
    return value


def _computed(edition: Edition, item: Checked, number: int, today: dt.date, city: str, notice: object) -> dict[str, object]:
    project, answer, programme, given = item.project, item.answer, item.answer.programme, award(item)
    formulas = [document.acceptance for document in edition.documents if document.acceptance]
    organiser = formulas[0].evaluate({APPROVED: given.amount}) if formulas else None
    stages, _ = read_schedule(project.columns.get(SCHEDULE))
    return {
        "序号": number, "版本": edition.id, "年度": edition.year, "今天": today, "项目编号": programme.id, "项目类别": programme.title,
        "方向": programme.direction, "结论": answer.verdict, "补助上限": plain(answer.ceiling), "补助": plain(answer.subsidy),
        "首付": plain(answer.first_payment), "理由": answer.reasons, "缺少": answer.missing, "申报依据": notice, "实施期限": _period(project),
        APPROVED: plain(given.amount), "第一笔专项资金": plain(given.first), "剩余专项资金": plain(given.rest), "拟": given.proposed,
        "验收组织": organiser or None,
        "进度计划": [dict(zip(HEADINGS, (stage.period, stage.content, plain(stage.amount)))) for stage in stages],
        "绩效指标": _indicators(edition, project), "联系": _offices(edition, programme, str(project.column(CITY) or city)),
        "材料": [note.title for note in programme.materials],
    }


def _period(project: Project) -> str | None:
    days = [project.column(name) for name in ("项目开始时间", "项目结束时间")]
    return None if None in days else "至".join(map(chinese_date, days))


def _indicators(edition: Edition, project: Project) -> list[dict[str, object]]:
    """The indicators of the programme's form that have a target, then the project's own ones, a line each: 名称：目标值."""
    form, values = edition.forms.get(project.programme.form), values_of(project.indicators)
    rows = [(row.level1, row.level2, row.name, row.unit, plain(value)) for row in (form.indicators if form else ())
            if not row.is_open and row.name in values and (value := indicator_value(row, values[row.name])) is not None]
    own: Cell | None = project.columns.get("个性指标")
    for line in str(own.value).splitlines() if own else ():
        name, *value = re.split("[：:=]", line.strip(), maxsplit=1)
        rows += [("个性指标", "", name.strip(), "", value[0].strip() if value else None)] if name.strip() else []
    return [dict(zip(("一级指标", "二级指标", "名称", "单位", "目标值"), row)) for row in rows]


def _offices(edition: Edition, programme: Programme, city: str) -> dict[str, object]:
    """The offices responsible for a programme; those of a city only for its own projects."""
    found = next((contact for contact in edition.contacts if programme.id in contact.programmes), None)
    own = bool(edition.city) and city_name(city) == city_name(edition.city)
    shown = [name for name, field in _OFFICES.items() if found and (own or field.startswith("province"))]
    return {name: (getattr(found, field) or None) if name in shown else None for name, field in _OFFICES.items()}
