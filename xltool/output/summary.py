"""Official summary tables (附件2-x 汇总表): one per direction, in the order of the list."""
from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from ..intake.projects import Project
from ..rules import serial
from ..rules.model import SummaryTable

# The official columns: the name the template uses, and the list column it shows.
COLUMNS = {
    "unit": "单位名称", "address": "单位主要经营地址", "industry": "所属行业", "revenue": "主营业务收入", "tax": "实缴税金",
    "profit": "利润总额", "title": "申报项目名称", "investment": "申报项目总投资", "fixed": "固定资产投资", "start": "项目开始时间",
    "end": "项目结束时间", "requested": "项目申请补助资金", "cluster": "是否为省先进制造业集群中的项目",
}


def summary_context(table: SummaryTable, projects: Iterable[Project], region: str, day: dt.date) -> dict[str, object]:
    """The data of one table: title lines, region, day and one row per project; a value that is missing stays empty."""
    rows = [{"no": number, "category": project.programme.title, **_row(project)} for number, project in enumerate(projects, 1)]
    return {"number": table.number, "title": table.title, "base_year": table.base_year, "region": region,
            "day": f"{day.year}年{day.month}月{day.day}日", "rows": rows}


def _row(project: Project) -> dict[str, object]:
    row: dict[str, object] = {}
    for key, column in COLUMNS.items():
        cell = project.columns.get(column)
        value = cell.value if cell else None
        if key in ("start", "end") and value is not None:
            value = serial.to_date(value)
        elif isinstance(value, bool):
            value = "是" if value else "否"
        row[key] = value
    return row


def region_of(projects: Iterable[Project], city: str) -> str:
    """The region line: the city given, else the one city all projects name, else empty."""
    named = {str(project.column("设区市")) for project in projects if project.column("设区市")}
    return city or (named.pop() if len(named) == 1 else "")
