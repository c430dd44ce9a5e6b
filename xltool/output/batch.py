"""A city's project list turned into the official files, all or nothing.

Everything is written into a staging folder inside the target; only when the last file is whole do they move into place, files of
an earlier run that are no longer made disappear, and the manifest says what stands there and from which inputs.
"""
from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import platform
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from .. import __version__
from ..guideline.bundle import bundled
from ..intake.consistency import repeated
from ..intake.projects import Project, ProjectList, read_projects
from ..rules.model import Edition
from .checking import Checked, check_project
from .files import Names, safe_name
from .forms import book_sheet_name, form_context, form_problems
from .report import Report, render_report
from .summary import region_of, summary_context
from .template import Template

MANIFEST, REPORT, TABLES, FORMS = "manifest.json", "核查报告.xlsx", "汇总表", "绩效目标申报表"
FILES, BOOK, ZIP = "files", "book", "zip"  # how the forms come: a file each, one workbook, one archive

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Batch:
    """What a run made: files relative to the target folder, and the checked projects."""

    out: Path
    files: tuple[str, ...]
    report: Report


@dataclass
class _Staging:
    """The files of a run before they move into place."""

    folder: Path
    kinds: dict[str, str] = field(default_factory=dict)

    def path(self, relative: str, kind: str) -> Path:
        path = self.folder / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        self.kinds[relative] = kind
        return path

    def write(self, relative: str, kind: str, data: bytes) -> None:
        self.path(relative, kind).write_bytes(data)


def run_batch(source: Path, edition: Edition, out: Path, city: str = "", forms: str = FILES,
              progress: Progress = lambda step, done, total: None) -> Batch:
    """Fill the summary tables, forms and check report of a list into a folder.

    Raises ProblemsError when the list or a template cannot be used at all; then nothing in the folder has changed.
    """
    source, out = Path(source), Path(out)
    started = dt.datetime.now().astimezone()
    progress("读取清单", 0, 1)
    listed = read_projects(source, edition)
    listed.problems.extend(repeated(listed.projects))
    out.mkdir(parents=True, exist_ok=True)
    staging = _Staging(Path(tempfile.mkdtemp(prefix=".xltool-", dir=out)))
    try:
        run = _Run(edition, listed, city, started.date(), staging, progress)
        checked = run.forms(forms)
        run.summaries()
        report = Report(edition, checked, listed.problems, listed.skipped, _run_details(source, listed, edition, city, forms, started))
        progress("写核查报告", 0, 1)
        staging.write(REPORT, "report", render_report(report))
        _install(staging, out, _manifest(source, listed, edition, city, forms, started, staging, report))
    finally:
        shutil.rmtree(staging.folder, ignore_errors=True)
    return Batch(out, tuple(staging.kinds), report)


class _Run:
    def __init__(self, edition: Edition, listed: ProjectList, city: str, day: dt.date, staging: _Staging, progress: Progress) -> None:
        self.edition, self.listed, self.city, self.day = edition, listed, city, day
        self.staging, self.progress = staging, progress

    def summaries(self) -> None:
        """One table per direction that has projects."""
        template = Template.load(bundled("templates") / "summary-table.xlsx")
        for table in self.edition.tables:
            projects = [project for project in self.listed.projects if project.programme.direction == table.direction]
            if projects:
                context = summary_context(table, projects, self.edition, region_of(projects, self.city), self.day)
                name = safe_name(f"{table.number} {table.direction}")
                self.staging.write(f"{TABLES}/{name}.xlsx", "summary", template.render(context))

    def forms(self, mode: str) -> list[Checked]:
        """Check every project and write the form it has; returns the projects with what was written for them."""
        template = Template.load(bundled("templates") / "performance-form.xlsx")
        checked, pages = [], []
        names, total = Names(), len(self.listed.projects)
        for number, project in enumerate(self.listed.projects, 1):
            self.progress("核查和填表", number, total)
            item = check_project(project, self.city)
            form = self.edition.forms.get(project.programme.form)
            if form is not None:
                context = form_context(form, project)
                relative = names.unique(_form_path(number, project)) + ".xlsx"
                if mode == BOOK:
                    sheet = book_sheet_name(project, number)
                    pages.append((sheet, context))
                    relative = f"{FORMS}.xlsx：{sheet}"
                else:
                    pages.append((relative, template.render(context)))
                    relative = f"{FORMS}.zip：{relative}" if mode == ZIP else f"{FORMS}/{relative}"
                item = replace(item, form=relative, problems=(*item.problems, *form_problems(form, project)))
            checked.append(item)
        self.write_forms(mode, template, pages)
        return checked

    def write_forms(self, mode: str, template: Template, pages: list[tuple[str, object]]) -> None:
        if not pages:
            return
        if mode == BOOK:
            self.staging.write(f"{FORMS}.xlsx", "forms", template.book(pages))
        elif mode == ZIP:
            with zipfile.ZipFile(self.staging.path(f"{FORMS}.zip", "forms"), "w", zipfile.ZIP_STORED) as archive:
                for relative, data in pages:
                    archive.writestr(zipfile.ZipInfo(relative), data)
        else:
            for relative, data in pages:
                self.staging.write(f"{FORMS}/{relative}", "form", data)


def _form_path(number: int, project: Project) -> str:
    county = safe_name(str(project.column("县（市、区）") or ""), "未填县区")
    return f"{county}/{safe_name(f'{number:03d} {project.unit_name} {project.title}')}"


def _run_details(source: Path, listed: ProjectList, edition: Edition, city: str, forms: str, started: dt.datetime) -> list[tuple[str, str]]:
    return [
        ("xltool版本", __version__), ("Python", platform.python_version()), ("运行时间", started.isoformat(timespec="seconds")),
        ("项目清单", source.name), ("清单校验值（SHA-256）", listed.sha256), ("指南版本", f"{edition.id} {edition.title}"),
        ("指南来源", edition.source), ("指南校对日期", edition.checked), ("指南工作簿", edition.file), ("指南校验值（SHA-256）", edition.sha256),
        ("设区市", city or "（未指定）"), ("绩效表形式", {FILES: "每个项目一个文件", BOOK: "一个工作簿", ZIP: "一个压缩包"}[forms]),
        ("读到的项目", f"{len(listed.projects)}"), ("跳过的行", f"{len(listed.skipped)}"),
    ]


def _manifest(source: Path, listed: ProjectList, edition: Edition, city: str, forms: str, started: dt.datetime, staging: _Staging,
              report: Report) -> dict[str, object]:
    templates = sorted(bundled("templates").glob("*.xlsx"))
    return {
        "xltool": __version__, "python": platform.python_version(), "created": started.isoformat(timespec="seconds"),
        "edition": edition.id, "city": city, "forms": forms,
        "inputs": [{"file": source.name, "sha256": listed.sha256}],
        "guideline": {"file": edition.file, "sha256": edition.sha256},
        "templates": [{"file": path.name, "sha256": _sha256(path)} for path in templates],
        "counts": {"projects": len(report.checked), "skipped": len(report.skipped),
                   "problems": report.problem_count},
        "files": [{"path": relative, "kind": kind, "sha256": _sha256(staging.folder / relative)}
                  for relative, kind in sorted(staging.kinds.items())],
    }


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _install(staging: _Staging, out: Path, manifest: dict[str, object]) -> None:
    """Move the whole files into place, remove those of the last run that are gone, write the manifest last."""
    stale = _earlier_files(out) - set(staging.kinds)
    for relative in staging.kinds:
        (out / relative).parent.mkdir(parents=True, exist_ok=True)
        os.replace(staging.folder / relative, out / relative)
    for relative in stale:
        (out / relative).unlink(missing_ok=True)
    for folder in sorted({(out / relative).parent for relative in stale}, reverse=True):
        _remove_empty(folder, out)
    text = json.dumps(manifest, ensure_ascii=False, indent=1)
    temporary = staging.folder / MANIFEST
    temporary.write_text(text + "\n", encoding="utf-8")
    os.replace(temporary, out / MANIFEST)


def _earlier_files(out: Path) -> set[str]:
    """The files an earlier run's manifest lists; only plain paths inside the folder count."""
    try:
        listed = json.loads((out / MANIFEST).read_text(encoding="utf-8"))["files"]
        paths: Iterable[str] = [str(item["path"]) for item in listed]
    except (OSError, ValueError, KeyError, TypeError):
        return set()
    root = out.resolve()
    return {path for path in paths if (root / path).resolve().is_relative_to(root) and Path(path).suffix in (".xlsx", ".zip")}


def _remove_empty(folder: Path, root: Path) -> None:
    while folder != root and folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent
