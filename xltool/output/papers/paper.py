"""What a batch writes for every project: the printed performance form, the edition's letters, what the bureau's own templates ask for.

A template of the bureau's own that asks for all projects (项目清单) is filled once, any other once per project.
"""
from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ...guideline.bundle import bundled
from ...rules.formula import half_width
from ...rules.library import UnknownName
from ...rules.model import Document, Edition
from ...rules.problems import Problem, ProblemsError
from ..checking import Checked
from ..files import safe_name
from ..template import AnyTemplate, Template, load_template
from .documents import document_problems
from .forms import PrintedForm, form_problems

FORMS, ALL = "绩效目标申报表", "全部"
PROJECTS = "项目清单"  # the name a template has all projects under

Context = Mapping[str, object]
Data = Callable[[Checked, int], Context]  # what templates can print of a project, the n-th of the list


@dataclass(frozen=True)
class Paper:
    """One kind of paper: its name is also its folder's. `context` is what it prints for a project, the n-th, that it `applies` to.

    `one_sheet`: its template is a workbook of one sheet, so that many can be printed as one workbook.
    """

    name: str
    source: Path
    template: AnyTemplate
    context: Data
    applies: Callable[[Checked], bool] = lambda item: True
    problems: Callable[[Checked], list[Problem]] = lambda item: []
    one_sheet: bool = False


def performance_form(edition: Edition) -> Paper:
    """The form (绩效目标申报表) of programmes that have one printed."""
    printed = {number: PrintedForm(form) for number, form in edition.forms.items()}

    def applies(item: Checked) -> bool:
        return item.project.programme.form in printed

    def context(item: Checked, number: int) -> Context:
        return printed[item.project.programme.form].context(item.project)

    def problems(item: Checked) -> list[Problem]:
        return form_problems(edition.forms[item.project.programme.form], item.project)

    source = bundled("templates") / "performance-form.xlsx"
    return Paper(FORMS, source, Template.load(source), context, applies, problems, one_sheet=True)


def letters(edition: Edition, names: Sequence[str], data: Data) -> list[Paper]:
    """The letters asked for by number (附件3) or name, or all of them. Raises UnknownName, and ProblemsError for an edition without any."""
    if names and not edition.documents:
        raise ProblemsError([Problem("value.unknown", "、".join(names), f"{edition.id}版没有印发每个项目一份的文书",
                                     "2023版有；自己的文书用 --template 给出模板")])
    names = [half_width(name) for name in names]
    known = {key: document for document in edition.documents for key in (document.number, document.name)}
    for name in names:
        if name not in known and name != ALL:
            raise UnknownName(name, "文书", [], "文书有：" + "、".join(f"{each.number} {each.name}" for each in edition.documents))
    wanted = edition.documents if ALL in names else [each for each in edition.documents if {each.number, each.name} & {*names}]

    def paper(document: Document) -> Paper:
        source = bundled("templates") / document.template
        return Paper(document.name, source, load_template(source), data, problems=partial(document_problems, document))
    return [paper(document) for document in wanted]


@dataclass(frozen=True)
class OwnTemplates:
    """The bureau's own templates: those filled once per project, and those filled once with all of them, by name."""

    papers: list[Paper]
    lists: dict[str, AnyTemplate]


def own_templates(paths: Sequence[Path], data: Data, taken: Sequence[str]) -> OwnTemplates:
    """Load the bureau's own templates. Raises TemplateError, and ProblemsError when two papers would have one name on any system."""
    found, lists, names = [], {}, {name.casefold() for name in taken}
    for path in paths:
        template, name = load_template(path), safe_name(path.stem)
        if name.casefold() in names:
            raise ProblemsError([Problem("file.duplicate", str(path), "结果里已经有这个名称的文件夹或文件", "请把模板换一个文件名")])
        names.add(name.casefold())
        if asks_for_all(template):
            lists[name] = template
        else:
            found.append(Paper(name, path, template, data))
    return OwnTemplates(found, lists)


def asks_for_all(template: AnyTemplate) -> bool:
    """Whether a template is filled once with all projects."""
    return any(name.partition(".")[0] in (PROJECTS, f"{PROJECTS}[]") for use in template.names() for name in use.names)


def list_context(edition: Edition, projects: Sequence[Context], day: dt.date) -> Context:
    """What a template can print that asks for all projects."""
    return {PROJECTS: projects, "版本": edition.id, "年度": edition.year, "标题": edition.title, "今天": day}
