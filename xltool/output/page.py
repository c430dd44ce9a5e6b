"""The check report as one self-contained page: opens from a file in any browser, to filter and sort without Excel.

The template `check-report.html` says what stands where. It runs in jinja2's sandbox with escaping on, tables go in as JSON, and the
page names the hashes of its own style and script, so that a browser runs nothing else and loads nothing: text from a workbook
is never markup. Nothing here computes; the rows are the report's.
"""
from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from functools import reduce

from jinja2 import Environment, StrictUndefined, pass_environment
from jinja2.exceptions import TemplateError, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from ..guideline.bundle import bundled
from ..rules.problems import Problem, ProblemsError, Where
from .report import Report, report_context

_TEMPLATE = "check-report.html"


def render_page(report: Report) -> str:
    """The check report as HTML; raises ProblemsError when the template has a mistake."""
    environment = ImmutableSandboxedEnvironment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters.update(columns=_columns, money=_money, source_hash=_source_hash)
    environment.policies["json.dumps_kwargs"] = {"ensure_ascii": False, "separators": (",", ":")}
    try:
        source = (bundled("templates") / _TEMPLATE).read_text(encoding="utf-8")
        return environment.from_string(source).render(report_context(report))
    except TemplateError as error:
        line = f"第{error.lineno}行" if isinstance(error, TemplateSyntaxError) else ""
        problem = Problem("template.failed", error.message or "", "网页模板填不了", "请改模板", Where(_TEMPLATE, cell=line))
        raise ProblemsError([problem]) from error


@pass_environment
def _columns(environment: Environment, rows: Iterable[object], columns: Sequence[Mapping[str, object]]) -> list[dict[str, object]]:
    """The columns with their values: each different value once, and which of them stands in each row.

    Cells of one column repeat a lot; this keeps the page small, and a filter looks at each value once.
    """
    numbered: list[dict[object, int]] = [{} for _ in columns]
    places: list[list[int]] = [[] for _ in columns]
    paths = [str(column["key"]).split(".") for column in columns]
    for row in rows:
        for path, seen, at in zip(paths, numbered, places):
            value = reduce(environment.getitem, path, row)
            at.append(seen.setdefault("" if value is None else value, len(seen)))
    return [{**column, "values": list(seen), "at": at} for column, seen, at in zip(columns, numbered, places)]


def _money(value: float) -> str:
    """An amount with two to six decimals, as the workbook shows it."""
    whole, decimals = f"{value:,.6f}".split(".")
    return f"{whole}.{decimals.rstrip('0'):0<2}"


def _source_hash(source: str) -> str:
    """What a content security policy calls an inline style or script."""
    return "sha256-" + base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()
