"""A city's project list turned into the official files: summary tables, a form and letters per project, check report, manifest."""
from __future__ import annotations

import hashlib
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from ... import __version__
from ...guideline.bundle import bundled
from ...intake.merging import Inputs, read_list, uncollected
from ...intake.office import require, version
from ...intake.projects import Project
from ...rules.model import Edition
from ...rules.problems import Problem
from ..checking import Checked, check_project
from ..files import Names, safe_name
from ..page import render_page
from ..papers.context import project_context
from ..papers.forms import book_sheet_name
from ..papers.paper import FORMS, Context, Data, Paper, letters, list_context, own_templates, performance_form
from ..report import Report, render_report, run_details
from ..summary import region_of, summary_context
from ..template import AnyTemplate, Template
from .delivery import PIECE, Delivery
from .packages import NO_COUNTY, PACKAGES, Packed, packages, write_package
from .press import Copy, Press

REPORT, PAGE, TABLES = "核查报告.xlsx", "核查报告.html", "汇总表"
FILES, BOOK, ZIP = "files", "book", "zip"
_MODES = {FILES: "每个项目一个文件", BOOK: "一个工作簿，每个项目一张表", ZIP: "按县（市、区）和按方向的压缩包"}

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Order:
    """What is asked of a run, beside its list, edition and folder.

    `forms`: FILES (a file each), BOOK (a sheet each) or ZIP (packages). `letters`: numbers or names of the edition's letters.
    `templates`: the bureau's own. `pdf`: everything as PDFs, too, by `jobs` LibreOffices at once. `html`: the check report as a page,
    too. `resume`: go on with a run that was interrupted. `password` opens the submissions.
    """

    city: str = ""
    forms: str = FILES
    letters: tuple[str, ...] = ()
    templates: tuple[Path, ...] = ()
    pdf: bool = False
    jobs: int = 1
    html: bool = False
    resume: bool = False
    password: str | None = None


@dataclass(frozen=True)
class Batch:
    """What a run made: files relative to the target folder, the checked projects, and how many files an earlier run had made."""

    out: Path
    files: tuple[str, ...]
    report: Report
    papers: Mapping[str, int]  # how many of each kind
    resumed: int = 0

    @property
    def unprinted(self) -> int:
        """How many files could not be printed."""
        return sum(problem.code.startswith("office.") for problem in self.report.every_problem)


@dataclass(frozen=True)
class _Run:
    """What a run works on and with."""

    edition: Edition
    order: Order
    progress: Progress
    delivery: Delivery
    papers: list[Paper]
    lists: Mapping[str, AnyTemplate]  # the bureau's own templates that take all projects
    data: Data

    def kind(self, kind: str) -> str:
        """How the manifest calls a file of a paper: in packages it is only a piece of them."""
        return PIECE if self.order.forms == ZIP else kind

    def bound(self, paper: Paper) -> bool:
        """Whether a paper is a sheet of one workbook for all projects."""
        return self.order.forms == BOOK and paper.one_sheet


def run_batch(source: Path, edition: Edition, out: Path, order: Order = Order(),
              progress: Progress = lambda step, done, total: None) -> Batch:
    """Fill the summary tables, the papers of every project and the check report of a list, or of a folder of submissions, into a folder.

    Raises ProblemsError when the list or a template cannot be used at all; then, as after any other failure, the folder holds what it
    held before.
    """
    progress("读取清单", 0, 1)
    out = Path(out)
    listed, inputs = read_list(Path(source), edition, leave_out=[out], password=order.password)
    with uncollected(), Delivery(out, _about(edition, order, inputs), order.resume) as delivery:
        headings = tuple(dict.fromkeys(name for project in listed.projects for name in project.others))

        last: tuple[int, Context] = 0, {}

        def data(item: Checked, number: int) -> Context:
            nonlocal last
            kept, context = last  # a project's papers follow one another
            if kept != number:
                context = project_context(edition, item, number, delivery.created.date(), order.city, headings)
                last = number, context
            return context
        papers = [performance_form(edition), *letters(edition, order.letters, data)]
        own = own_templates(order.templates, data, [TABLES, PACKAGES, Path(REPORT).stem, *(paper.name for paper in papers)])
        if order.pdf:
            require(".xlsx", *(template.suffix for template in (*(paper.template for paper in (*papers, *own.papers)), *own.lists.values())))
        run = _Run(edition, order, progress, delivery, [*papers, *own.papers], own.lists, data)
        alone = [paper for paper in run.papers if not run.bound(paper)]
        expected = len(listed.projects) * len(alone)
        with Press(delivery, run.kind("paper"), alone, expected, order.jobs, partial(progress, "填表")) as press:
            checked, packed = _check(run, listed.projects)
            press.fill(_copies(alone, packed))
            tables = _write_summaries(run, listed.projects)
            lists = _write_lists(run, checked)
            _write_books(run, packed)
            problems = listed.problems
            if order.pdf:
                press.finish()
                problems = [*problems, *_print(run, checked, packed, [*tables.values(), *lists])]
            report = Report(edition, checked, problems, listed.skipped, _details(run, inputs))
            progress("写核查报告", 0, 1)
            delivery.write(REPORT, "report", lambda: render_report(report))
            if order.html:
                delivery.write(PAGE, "report", lambda: render_page(report).encode())
        if order.forms == ZIP:
            _write_packages(run, packed, tables)
        delivery.finish({"counts": {"projects": len(report.checked), "skipped": len(report.skipped), "problems": report.problem_count}})
    counts = {paper.name: sum(paper.name in each.papers for each in packed) for paper in run.papers}
    return Batch(out, tuple(sorted(path for path, kind in delivery.kinds.items() if kind != PIECE)), report, counts, delivery.resumed)


def _about(edition: Edition, order: Order, inputs: Inputs) -> dict[str, object]:
    """What the bytes of a run's files depend on: versions, inputs, guideline, templates and options."""
    templates = [path for path in bundled("templates").iterdir() if path.suffix in (".xlsx", ".docx", ".html")]
    return {
        "xltool": __version__, "python": platform.python_version(), "edition": edition.id, "city": order.city, "forms": order.forms,
        "letters": list(order.letters), "pdf": order.pdf, "html": order.html, "libreoffice": version() if order.pdf else "",
        "inputs": [{"file": name, "sha256": sha256} for name, sha256 in inputs],
        "guideline": {"file": edition.file, "sha256": edition.sha256},
        "conditions": sum(len(programme.conditions) for programme in edition.programmes.values()),
        "templates": [{"file": path.name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
                      for path in (*sorted(templates), *order.templates)],
    }


def _details(run: _Run, inputs: Inputs) -> list[tuple[str, str]]:
    """The run's details as the check report lists them."""
    return [*run_details(run.edition, inputs), ("运行时间", run.delivery.created.isoformat(timespec="seconds")),
            ("设区市", run.order.city or "（未指定）"), ("绩效表形式", _MODES[run.order.forms]),
            ("另写的文书", "、".join(paper.name for paper in run.papers[1:]) or "（没有）")]


def _write_summaries(run: _Run, projects: list[Project]) -> dict[str, str]:
    """One table per direction that has projects; returns the file of each direction."""
    template = Template.load(bundled("templates") / "summary-table.xlsx")
    written = {}
    for table in run.edition.tables:
        own = [project for project in projects if project.programme.direction == table.direction]
        if own:
            path = f"{TABLES}/{safe_name(f'{table.number} {table.direction}')}.xlsx"
            context = summary_context(table, own, region_of(own, run.order.city), run.delivery.created.date())
            run.delivery.write(path, "summary", partial(template.render, context))
            written[table.direction] = path
    return written


def _check(run: _Run, projects: list[Project]) -> tuple[list[Checked], list[Packed]]:
    """Check every project; returns them with the papers each gets."""
    checked, packed, names = [], [], Names()
    for number, project in enumerate(projects, 1):
        run.progress("核查", number, len(projects))
        item = check_project(project, run.order.city)
        called = " ".join(filter(None, (f"{number:03d}", project.unit_name, project.title)))
        place = names.unique(f"{safe_name(item.county, NO_COUNTY)}/{safe_name(called)}")
        papers = [paper for paper in run.papers if paper.applies(item)]
        problems = [problem for paper in papers for problem in paper.problems(item)]
        paths = {paper.name: f"{paper.name}/{place}{paper.template.suffix}" for paper in papers}
        item = replace(item, form=_found(run, item, number, paths), problems=(*item.problems, *problems))
        checked.append(item)
        packed.append(Packed(item, number, paths))
    return checked, packed


def _copies(papers: Sequence[Paper], packed: Sequence[Packed]) -> list[Copy]:
    """The copies of papers that become a file each."""
    return [Copy(each.papers[paper.name], paper, each.item, each.number) for each in packed for paper in papers if paper.name in each.papers]


def _write_books(run: _Run, packed: Sequence[Packed]) -> None:
    """The papers that become a sheet each of one workbook."""
    for paper in filter(run.bound, run.papers):
        own = [each for each in packed if paper.name in each.papers]
        pages = [(book_sheet_name(each.item.project, each.number), paper.context(each.item, each.number)) for each in own]
        if pages:
            run.delivery.write(f"{paper.name}.xlsx", "book", partial(paper.template.book, pages))


def _print(run: _Run, checked: list[Checked], packed: list[Packed], wholes: Sequence[str]) -> list[Problem]:
    """Print what was written. What cannot be printed becomes a problem of its project; returns the problems of `wholes`, the files of
    all projects.
    """
    from ..pdf import Converter
    from .printing import Printout, bind, print_out
    bound = run.order.forms == BOOK
    with Converter(run.delivery.created, run.order.jobs) as converter:
        for paper in run.papers:
            own = [each for each in packed if paper.name in each.papers]
            sheets = [Printout(each.papers[paper.name], book_sheet_name(each.item.project, each.number), each.item.county or NO_COUNTY,
                            partial(paper.context, each.item, each.number)) for each in own]
            failed = print_out(sheets, paper.template.book if paper.one_sheet else None, PIECE if bound else run.kind("pdf"),
                                  run.delivery, converter, partial(run.progress, f"打印{paper.name}"))
            for place, problem in failed.items():
                index = own[place].number - 1
                checked[index] = replace(checked[index], problems=(*checked[index].problems, problem))
            if bound:
                bind(paper.name, sheets, run.delivery)
            elif run.order.forms == ZIP:
                for each, sheet in zip(own, sheets):
                    each.papers.update({f"{paper.name} PDF": sheet.pdf} if sheet.pdf in run.delivery.kinds else {})
        failed = print_out([Printout(path) for path in wholes], None, "pdf", run.delivery, converter, partial(run.progress, f"打印{TABLES}"))
        return list(failed.values())


def _found(run: _Run, item: Checked, number: int, written: Mapping[str, str]) -> str:
    """Where the report says the project's form is."""
    path = written.get(FORMS, "")
    if run.order.forms == BOOK and path:
        return f"{FORMS}.xlsx：{book_sheet_name(item.project, number)}"
    return f"{PACKAGES}里的 {path}" if path and run.order.forms == ZIP else path


def _write_lists(run: _Run, checked: list[Checked]) -> list[str]:
    """The bureau's own templates that ask for all projects; returns their files."""
    projects = [run.data(item, number) for number, item in enumerate(checked, 1)] if run.lists else []
    context = list_context(run.edition, projects, run.delivery.created.date())
    written = {f"{name}{template.suffix}": template for name, template in run.lists.items()}
    for path, template in written.items():
        run.delivery.write(path, "list", partial(template.render, context))
    return [*written]


def _write_packages(run: _Run, packed: list[Packed], tables: dict[str, str]) -> None:
    written = run.delivery.kinds
    beside = {direction: {TABLES: path, f"{TABLES} PDF": str(Path(path).with_suffix(".pdf"))} for direction, path in tables.items()}
    made = packages(packed, {direction: {name: path for name, path in files.items() if path in written} for direction, files in beside.items()})
    for number, package in enumerate(made, 1):
        run.progress("打包", number, len(made))
        run.delivery.stream(package.path, "package", partial(write_package, package, run.delivery.staging, run.delivery.created))
