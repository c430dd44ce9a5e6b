"""The columns of a submission sheet: which there are, what may be typed, what the clerk is told.

A fact that is a list column too (项目开始时间) is asked for once. An indicator always has its own column: it is a target, even where
the list has a column of the same name for what is.
"""
from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ...intake.headers import COLUMN, FACT, INDICATOR, Target
from ...intake.projects import CATEGORY, PART, TITLE, UNIT_NAME
from ...intake.stamp import fields_of
from ...rules.facts import NOT_NEGATIVE
from ...rules.model import APPROVED, Condition, Edition, Field, Form, Programme

BASICS, FACTS, INDICATORS = "基本情况", "条件用到的事实", "绩效指标"
CODE, CITY, COUNTY = "统一社会信用代码", "设区市", "县（市、区）"
REQUIRED = (TITLE, UNIT_NAME, CODE, COUNTY)
FOR_FORMS = "绩效表用"  # the note of a list column that only the performance form shows
FOR_DOCUMENTS = "文书用"  # of one that only letters show
BASE_YEAR = "基准年"  # a note that stands for the year of the programme's summary table
MESSAGE, HEADLINE = 255, 32  # as much as a spreadsheet shows of a hint and its title

Regions = Mapping[str, Sequence[str]]  # counties by city


@dataclass(frozen=True)
class InputColumn:
    """A column to fill. `targets` are what it stands for, `field` says what may be typed, `choices` are picked from.

    `open_list`: the choices are only offered; `per_city`: those of the city beside it.
    """

    targets: tuple[Target, ...]
    field: Field
    group: str
    required: bool = False
    core: bool = False
    hint: str = ""
    choices: tuple[str, ...] = ()
    open_list: bool = False
    per_city: bool = False

    @property
    def name(self) -> str:
        return self.field.name

    @property
    def is_text(self) -> bool:
        return self.field.kind == "文字" and not self.choices

    @property
    def unit(self) -> str:
        """What is shown in brackets below the name."""
        return "%" if self.field.kind == "比例" else self.field.unit_text


def input_columns(edition: Edition, programme: Programme, regions: Regions | None = None) -> list[InputColumn]:
    """The columns of a programme's sheet, in groups."""
    fields = fields_of(edition, programme)
    form = edition.forms.get(programme.form)
    return [*_basic_columns(edition, programme, fields, form, regions or {}), *_fact_columns(programme, fields),
            *_indicator_columns(form, fields)]


# --- basic columns ----------------------------------------------------------------------------------------------------

def _basic_columns(edition: Edition, programme: Programme, fields: Mapping[tuple[str, str], Field], form: Form | None,
                   regions: Regions) -> Iterator[InputColumn]:
    year = next((table.base_year for table in edition.tables if table.direction == programme.direction), None)
    parts = tuple(row.part for row in programme.quota if row.part)
    names = [TITLE, UNIT_NAME, *(name for name in edition.columns if name not in (CATEGORY, TITLE, UNIT_NAME))]
    for name in names:
        basic = edition.columns.get(name)
        if basic is None or name == APPROVED or (name == PART and not parts):
            continue
        if (basic.note.startswith(FOR_FORMS) and form is None) or (basic.note.startswith(FOR_DOCUMENTS) and not edition.documents):
            continue
        fact = fields.get((FACT, name))
        shared = fact is not None and _same(basic, fact)
        targets = (Target(COLUMN, basic), *([Target(FACT, fact)] if shared else ()))
        note = basic.note.replace(BASE_YEAR, f"{year}年") if year else basic.note
        lines = ["填18位代码，按营业执照" if name == CODE else note]
        lines += [fact.note, *_uses(programme, name)] if shared else []
        choices = parts if name == PART else basic.choices
        if regions and name == CITY:
            choices = tuple(regions)
        if regions and name == COUNTY:
            choices = tuple(county for counties in regions.values() for county in counties)
        yield InputColumn(targets, fact if shared else basic, BASICS, required=name in REQUIRED or (shared and bool(_uses(programme, name))),
                          hint=_message(lines), choices=choices, open_list=name in (CITY, COUNTY), per_city=name == COUNTY and len(regions) > 1)


def _same(one: Field, other: Field) -> bool:
    return (one.kind, one.unit, one.choices) == (other.kind, other.unit, other.choices)


# --- facts and indicators ---------------------------------------------------------------------------------------------

def _fact_columns(programme: Programme, fields: Mapping[tuple[str, str], Field]) -> Iterator[InputColumn]:
    for fact in programme.fields.values():
        basic = fields.get((COLUMN, fact.name))
        if basic is None or not _same(basic, fact):
            yield fact_column(programme, fact)


def fact_column(programme: Programme, fact: Field) -> InputColumn:
    """The column of a fact that the list of projects does not have anyway."""
    uses = _uses(programme, fact.name)
    return InputColumn((Target(FACT, fact),), fact, FACTS, required=bool(uses), hint=_message([fact.note, *uses]), choices=fact.choices)


def _uses(programme: Programme, name: str) -> list[str]:
    """What a fact is needed for: conditions by number and wording, and the amount."""
    conditions = [f"{condition.number} {condition.text}" for condition in programme.conditions if name in condition.rule.names]
    amount = any(formula is not None and name in formula.names for formula in (programme.ceiling, programme.first))
    alone = all(len(formula.names) == 1 for formula in (programme.ceiling, programme.first) if formula is not None and name in formula.names)
    counted = "补助金额按它算" + ("" if alone or programme.fields[name].kind not in NOT_NEGATIVE else "，没有的填0")
    return [*([counted] if amount else []), *([f"用于条件：{'；'.join(conditions)}"] if conditions else [])]


def _indicator_columns(form: Form | None, fields: Mapping[tuple[str, str], Field]) -> Iterator[InputColumn]:
    for row in form.indicators if form else ():
        if row.is_open:
            continue
        indicator = fields[INDICATOR, row.name]
        lines = [f"填{form.value_columns[0]}" if form.value_columns else "", row.hint, f"原表：{row.printed}" if row.label else "",
                 f"只填适用的一组：{row.group}" if row.group else "", f"原表印有：{row.preset}" if row.preset else ""]
        yield InputColumn((Target(INDICATOR, indicator),), indicator, INDICATORS, core=row.core, hint=_message(lines), choices=indicator.choices)


def _message(lines: list[str]) -> str:
    """Lines as one hint."""
    return "\n".join(line for line in lines if line)


def _cut(text: str) -> str:
    """As much of a hint as a spreadsheet shows."""
    return text if len(text) <= MESSAGE - 1 else text[:MESSAGE - 2] + "…"


# --- what may be typed ------------------------------------------------------------------------------------------------

_EXPECTED = {
    "金额": "请填不小于0的数，单位万元，只写数字。", "盈亏": "请填数字，单位万元，亏损填负数。", "数量": "请填不小于0的数，只写数字。",
    "比例": "请填百分数，如60%。", "日期": "请填日期，写到日，如2025-06-30。", "是否": "请从下拉选项中选“是”或“否”。",
    "选项": "请从下拉选项中选择。", "文字": "请从下拉选项中选择。",
}
_LIMITS = {
    "金额": {"validate": "decimal", "criteria": ">=", "value": 0}, "数量": {"validate": "decimal", "criteria": ">=", "value": 0},
    "盈亏": {"validate": "decimal", "criteria": "between", "minimum": -1e11, "maximum": 1e11},
    "日期": {"validate": "date", "criteria": "between", "minimum": 10959, "maximum": 73050},  # 1930-01-01 to 2099-12-31
    "是否": {"validate": "list", "source": ["是", "否"]},
}


def validation(column: InputColumn, choices: str) -> dict[str, object]:
    """What may be typed into a column, in the words of XlsxWriter; `choices` is the formula of its list."""
    kind = column.field.kind
    if choices:
        rule: dict[str, object] = {"validate": "list", "source": choices}
    elif column.name == CODE:
        rule = {"validate": "length", "criteria": "==", "value": 18}
    else:
        rule = _limits(column.field)
    hint = column.hint if rule["validate"] in ("any", "list") and column.hint else "\n".join(filter(None, (column.hint, _short(kind, column))))
    error = "统一社会信用代码应为18位。" if column.name == CODE else _EXPECTED[kind]
    if column.open_list:  # a development zone is in no list of counties
        rule["error_type"] = "information"
    return {**rule, "input_title": column.name[:HEADLINE], "input_message": _cut(hint) or "请填写。", "error_title": "填得不对",
            "error_message": f"“{column.name}”：{error}{_whole(column.field)}"[:MESSAGE], "ignore_blank": True}


def _limits(field: Field) -> dict[str, object]:
    """What a fact may be; what is only unusual may be typed all the same, after a warning."""
    norm = field.usual
    if field.kind in ("比例", "数量") and norm is not None:
        return {"validate": "integer" if norm.whole else "decimal", "criteria": "between", "minimum": norm.low, "maximum": norm.high,
                "error_type": "warning"}
    return dict(_LIMITS.get(field.kind, {"validate": "any"}))


def _short(kind: str, column: InputColumn) -> str:
    if kind in ("金额", "盈亏", "数量") and column.unit:
        return f"单位：{column.unit}"
    return {"日期": "写到日，如2025-06-30", "比例": "写百分数，如60%"}.get(kind, "")


def _whole(field: Field) -> str:
    return f"{field.usual.what}。" if field.usual and field.usual.whole else ""


def conditions_in_order(programme: Programme) -> list[Condition]:
    """The conditions, those that decide first."""
    return [*programme.hard, *(condition for condition in programme.conditions if not condition.hard)]
