"""A city's project list turned into the official files: summary tables, performance forms, check report, manifest."""
from __future__ import annotations

import datetime as dt
import hashlib
import platform
import zipfile
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path

from .. import __version__
from ..guideline.bundle import bundled
from ..intake.collisions import collisions
from ..intake.lists import read_projects
from ..intake.merging import merge, submission_files
from ..intake.projects import Project, ProjectList
from ..rules.model import Edition
from .checking import Checked, check_project
from .delivery import Delivery
from .files import Names, safe_name
from .forms import book_sheet_name, form_context, form_problems
from .page import render_page
from .report import Report, render_report, run_details
from .summary import region_of, summary_context
from .template import Template

REPORT, PAGE, TABLES, FORMS = "核查报告.xlsx", "核查报告.html", "汇总表", "绩效目标申报表"
FILES, BOOK, ZIP = "files", "book", "zip"
_MODES = {FILES: "每个项目一个文件", BOOK: "一个工作簿，每个项目一张表", ZIP: "一个压缩包"}

Progress = Callable[[str, int, int], None]
Inputs = Sequence[tuple[str, str]]  # files with their SHA-256


@dataclass(frozen=True)
class Batch:
    """What a run made: files relative to the target folder, and the checked projects."""

    out: Path
    files: tuple[str, ...]
    report: Report


@dataclass(frozen=True)
class _Run:
    """What a run works on and with."""

    edition: Edition
    city: str
    forms: str
    progress: Progress
    started: dt.datetime = field(default_factory=lambda: dt.datetime.now().astimezone())

    def details(self, inputs: Inputs) -> list[tuple[str, str]]:
        """The run's details as the check report lists them."""
        return [*run_details(self.edition, inputs), ("运行时间", self.started.isoformat(timespec="seconds")),
                ("设区市", self.city or "（未指定）"), ("绩效表形式", _MODES[self.forms])]

    def manifest(self, inputs: Inputs, report: Report) -> dict[str, object]:
        """The run's inputs, versions and counts."""
        templates = sorted(path for path in bundled("templates").iterdir() if path.suffix in (".xlsx", ".html"))
        return {
            "xltool": __version__, "python": platform.python_version(), "created": self.started.isoformat(timespec="seconds"),
            "edition": self.edition.id, "city": self.city, "forms": self.forms,
            "inputs": [{"file": name, "sha256": sha256} for name, sha256 in inputs],
            "guideline": {"file": self.edition.file, "sha256": self.edition.sha256},
            "templates": [{"file": path.name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()} for path in templates],
            "counts": {"projects": len(report.checked), "skipped": len(report.skipped), "problems": report.problem_count},
        }


def run_batch(source: Path, edition: Edition, out: Path, city: str = "", forms: str = FILES,
              progress: Progress = lambda step, done, total: None, html: bool = False, password: str | None = None) -> Batch:
    """Fill the summary tables, forms and check report of a list, or of a folder of submissions, into a folder.

    `forms`: FILES (a file each), BOOK (a sheet each) or ZIP. `html`: the check report as a page, too. `password` opens the
    submissions. Raises ProblemsError when the list or a template cannot be used at all; then, as after any other failure, the folder
    holds what it held before.
    """
    run = _Run(edition, city, forms, progress)
    progress("读取清单", 0, 1)
    listed, inputs = _read(Path(source), edition, Path(out), password)
    with Delivery(Path(out)) as delivery:
        checked = _write_forms(run, listed.projects, delivery)
        _write_summaries(run, listed.projects, delivery)
        report = Report(edition, checked, listed.problems, listed.skipped, run.details(inputs))
        progress("写核查报告", 0, 1)
        delivery.write(REPORT, "report", render_report(report))
        if html:
            delivery.write(PAGE, "report", render_page(report).encode())
        delivery.finish(run.manifest(inputs, report))
    return Batch(delivery.out, tuple(delivery.kinds), report)


def _read(source: Path, edition: Edition, out: Path, password: str | None) -> tuple[ProjectList, Inputs]:
    """The projects of a list, or of all submissions in a folder (but for what runs have written there), and the files read."""
    if source.is_dir():
        merged = merge(submission_files([source], leave_out=[out]), edition, password)
        return merged.listed, [(each.name, each.listed.sha256) for each in merged.submissions]
    listed = read_projects(source, edition, password=password)
    listed.problems.extend(collisions(listed.projects, edition))
    return listed, [(source.name, listed.sha256)]


def _write_summaries(run: _Run, projects: list[Project], delivery: Delivery) -> None:
    """One table per direction that has projects."""
    template = Template.load(bundled("templates") / "summary-table.xlsx")
    for table in run.edition.tables:
        own = [project for project in projects if project.programme.direction == table.direction]
        if own:
            context = summary_context(table, own, region_of(own, run.city), run.started.date())
            name = safe_name(f"{table.number} {table.direction}")
            delivery.write(f"{TABLES}/{name}.xlsx", "summary", template.render(context))


def _write_forms(run: _Run, projects: list[Project], delivery: Delivery) -> list[Checked]:
    """Check every project and write the form it has; returns the projects with what was written for them."""
    template = Template.load(bundled("templates") / "performance-form.xlsx")
    checked, names, pages = [], Names(), []
    zipped = run.forms == ZIP and any(project.programme.form for project in projects)
    archive_path = delivery.path(f"{FORMS}.zip", "forms") if zipped else None
    with zipfile.ZipFile(archive_path, "w", zipfile.ZIP_STORED) if archive_path else nullcontext() as archive:
        for number, project in enumerate(projects, 1):
            run.progress("核查和填表", number, len(projects))
            item = check_project(project, run.city)
            form = run.edition.forms.get(project.programme.form)
            if form is not None:
                context = form_context(form, project)
                relative = names.unique(_form_path(number, item)) + ".xlsx"
                if run.forms == BOOK:
                    pages.append((book_sheet_name(project, number), context))
                    written = f"{FORMS}.xlsx：{pages[-1][0]}"
                elif run.forms == ZIP:
                    archive.writestr(zipfile.ZipInfo(relative), template.render(context))
                    written = f"{FORMS}.zip：{relative}"
                else:
                    written = f"{FORMS}/{relative}"
                    delivery.write(written, "form", template.render(context))
                item = replace(item, form=written, problems=(*item.problems, *form_problems(form, project)))
            checked.append(item)
    if pages:
        delivery.write(f"{FORMS}.xlsx", "forms", template.book(pages))
    return checked


def _form_path(number: int, item: Checked) -> str:
    project = item.project
    return f"{safe_name(item.county, '未填县区')}/{safe_name(f'{number:03d} {project.unit_name} {project.title}')}"
