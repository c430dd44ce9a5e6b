"""The command line: parse, call one library function, print, exit code. Heavy imports wait until a command needs them."""
from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from . import __version__

if TYPE_CHECKING:
    from .rules.model import Edition
    from .rules.problems import Problem

_PATH = click.Path(path_type=Path)
_edition_option = click.option("--edition", metavar="版本", help="指南版本，如 2026、2023，或一个指南工作簿的路径；不写就用最新版。")
_common_option = click.option("--common", is_flag=True, help="合用管理办法的共同条件（2024年12月1日起至2028年），条件号以“办法”开头。")


class _Output(click.ParamType):
    """A file to write, refused before any work: its ending says what it is, and its folder is there."""

    name = "path"

    def __init__(self, suffix: str, kind: str) -> None:
        self.suffix, self.kind = suffix, kind

    def convert(self, value: object, param: click.Parameter | None, context: click.Context | None) -> Path:
        path = Path(str(value))
        named = re.sub(r"\.[A-Za-z]{1,5}$", "", path.name) + self.suffix
        if path.is_dir():
            raise click.UsageError(f"{path} 是文件夹；请连文件名一起写，如 {path / ('结果' + self.suffix)}", context)
        if path.suffix.lower() != self.suffix:
            raise click.UsageError(f"{path}：写出来的是{self.kind}；请写成 {path.with_name(named)}", context)
        if not path.parent.is_dir():
            raise click.UsageError(f"{path}：没有文件夹 {path.parent}；请先建好，或写到别处", context)
        return path


class _Folder(click.ParamType):
    """A folder to write into, there already or made when it is needed."""

    name = "path"

    def convert(self, value: object, param: click.Parameter | None, context: click.Context | None) -> Path:
        path = Path(str(value))
        if path.exists() and not path.is_dir():
            raise click.UsageError(f"{path} 是文件，不是文件夹；请换一个名字", context)
        return path


_WORKBOOK, _CALENDAR, _FOLDER = _Output(".xlsx", " Excel 工作簿"), _Output(".ics", "日历文件"), _Folder()


class _Commands(click.Group):
    def invoke(self, context: click.Context) -> object:
        from .guideline.bundle import NotInForce
        from .rules.library import UnknownName
        from .rules.problems import ProblemsError, reason
        try:
            return super().invoke(context)
        except ProblemsError as error:
            _fail(error.problems)
        except (UnknownName, NotInForce) as error:
            raise click.ClickException(str(error)) from error
        except PermissionError as error:
            raise click.ClickException(f"不能写 {error.filename}：请先在 Excel 里关闭这个文件，或检查文件夹的权限") from error
        except OSError as error:
            raise click.ClickException(f"{error.filename or '磁盘'}：{reason(error)}") from error


def _city(context: click.Context, parameter: click.Parameter, value: str) -> str:
    """The official name of the 设区市 asked for."""
    if not value:
        return ""
    from .intake.regions import find_city, near_cities
    from .rules.library import UnknownName
    city = find_city(value)
    if city is None:
        raise UnknownName(value, "设区市", near_cities(value))
    return city.name


def _edition(name: str | None, common: bool = False) -> Edition:
    """The edition asked for, the newest by default, with the common conditions where they are asked for."""
    from .guideline.bundle import edition, edition_ids, under_common_conditions
    chosen = edition(name or edition_ids()[0])
    return under_common_conditions(chosen) if common else chosen


def _fail(problems: tuple[Problem, ...]) -> NoReturn:
    for problem in problems:
        click.echo(str(problem), err=True)
    click.echo(f"共 {len(problems)} 个问题，没有继续，没有写文件。", err=True)
    sys.exit(1)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="xltool", message="%(prog)s %(version)s", help="显示版本。")
def main() -> None:
    """江苏省工业类专项资金申报指南工具：查项目、核条件、算补助、生成汇总表和绩效表。"""


@main.group()
def guideline() -> None:
    """检查和查看指南工作簿。"""


@guideline.command()
@click.argument("workbooks", nargs=-1, type=_PATH)
def check(workbooks: tuple[Path, ...]) -> None:
    """检查指南工作簿的每个单元格，并运行全部用例；不写文件就检查自带的各版。"""
    from .guideline.bundle import bundled, edition_ids
    from .guideline.cases import run_cases
    from .guideline.lineage import unknown_predecessors
    from .guideline.read import read
    failed = False
    for path in workbooks or [bundled("workbooks") / f"guideline-{name}.xlsx" for name in edition_ids()]:
        edition, problems = read(path)
        problems = problems or [*unknown_predecessors(path), *run_cases(edition)]
        for problem in problems:
            click.echo(str(problem))
        computable = sum(programme.ceiling is not None for programme in edition.programmes.values())
        rules = sum(len(programme.conditions) for programme in edition.programmes.values())
        verdict = f"{len(problems)} 个问题" if problems else "没有问题"
        click.echo(f"{path.name}：{verdict}（{len(edition.programmes)} 个项目和组，{computable} 个可计算，{rules} 个条件，"
                   f"{len(edition.forms)} 张绩效表，{len(edition.cases)} 个用例）")
        failed |= bool(problems)
    sys.exit(failed)


@guideline.command()
@click.argument("workbook", type=_PATH)
def dump(workbook: Path) -> None:
    """把指南工作簿写成便于比较的文字（也是 git 比较工作簿时用的）。"""
    from .guideline.dump import dump_text
    click.echo(dump_text(workbook), nl=False)


@guideline.command()
@click.argument("workbook", type=_PATH)
def tidy(workbook: Path) -> None:
    """把改过的指南工作簿重新排好版：列宽、行高、筛选、下拉选项、表头批注。内容不变，有问题的不排。"""
    from io import BytesIO

    from .guideline.read import load
    from .guideline.write import rows, write
    from .output.files import write_whole
    load(workbook)
    data = BytesIO()
    write(rows(workbook), data)
    write_whole(workbook, data.getvalue())
    click.echo(f"已排好 {workbook}。")


@guideline.command()
@click.argument("old")
@click.argument("new")
@click.option("--list", "project_list", metavar="LIST.xlsx", type=_PATH, help="项目清单：再列出每个项目在两版下的结论和金额，差多少，差在哪里。")
@click.option("-o", "--out", metavar="OUT.xlsx", type=_WORKBOOK, help="同时写成工作簿：总览、变化、项目影响。")
def diff(old: str, new: str, project_list: Path | None, out: Path | None) -> None:
    """对照两版指南：哪些项目延续、改名、拆分、合并、新增、取消，门槛、比例、上限、名额、日期、绩效表各改了什么，出自哪一条。

    OLD、NEW 是版本（如 2024、2026），或一个指南工作簿的路径；谁先谁后都可以。
    """
    from .guideline.diff import compare
    from .guideline.lineage import linked_edition
    from .guideline.side_by_side import diff_lines
    from .output.comparison import impact_lines, render_comparison
    from .output.files import write_whole
    from .output.impact import assess_impact
    found = compare(linked_edition(old), linked_edition(new))
    impact = assess_impact(project_list, found) if project_list else None
    click.echo("\n".join([*diff_lines(found), *(["", *impact_lines(impact)] if impact else ())]))
    if out:
        write_whole(out, render_comparison(found, impact))
        click.echo(f"\n已写 {out}。")
    sys.exit(bool(impact and impact.problem_count))


@main.command()
@_edition_option
@click.option("--find", metavar="文字", help="只列编号、名称、方向里有这几个字的项目。")
def programs(edition: str | None, find: str | None) -> None:
    """列出各版指南的项目。"""
    from .guideline.show import programme_lines
    lines = programme_lines(edition, find or "")
    click.echo("\n".join(lines) if lines else "没有符合的项目。")
    sys.exit(not lines)


@main.command()
@click.argument("programme")
@_edition_option
@_common_option
def show(programme: str, edition: str | None, common: bool) -> None:
    """显示一个项目：条件、补助、名额、材料、评审要点、绩效表、需要的事实。PROGRAMME 是编号或全称。"""
    from .guideline.bundle import find_programme
    from .guideline.show import programme_page
    found = find_programme(programme, edition)
    chosen = _edition(edition if edition and edition.lower().endswith(".xlsx") else found.edition, common)
    click.echo(programme_page(chosen.programmes[found.id], chosen))


@main.command()
@click.argument("file", type=_PATH)
@click.option("--json", "as_json", is_flag=True, help="以JSON输出，供程序使用。")
@click.option("--password", metavar="密码", help="文件加了密时的密码。")
def read(file: Path, as_json: bool, password: str | None) -> None:
    """看一个文件里有哪些表：表头、数据、合计和说明各在第几行，每列的单位、类型和合计。

    .xlsx .xlsm .xls .xlsb .ods .et .csv 都能读，看内容不看后缀；列名是不是指南里的都行，文件不会改动。
    """
    import json

    from .intake.reading import read_file, reading_lines
    seen = read_file(file, password)
    click.echo(json.dumps(seen, ensure_ascii=False) if as_json else "\n".join(reading_lines(seen)))
    sys.exit(bool(seen["problems"]))


@main.command()
@click.argument("facts", type=_PATH)
@_edition_option
@_common_option
@click.option("-o", "--out", type=_WORKBOOK, help="FACTS 是工作簿时，结果工作簿写到哪里（默认在旁边加“-结果”）。")
def assess(facts: Path, edition: str | None, common: bool, out: Path | None) -> None:
    """核对条件、计算补助。FACTS 是 .jsonl（一行一个项目，- 为标准输入）或 .xlsx 项目清单。"""
    if facts.suffix.lower() == ".xlsx":
        from .output.answers import write_answers
        target = out or facts.with_name(f"{facts.stem}-结果.xlsx")
        problems = write_answers(facts, _edition(edition, common), target)
        click.echo(f"已写 {target}，问题 {problems} 个。")
        sys.exit(bool(problems))
    from .output.lines import assess_lines
    sys.exit(_stream(facts, lambda lines: assess_lines(lines, edition, common)))


@main.command()
@click.argument("enterprise", type=_PATH)
@_edition_option
@_common_option
@click.option("-o", "--out", type=_WORKBOOK, help="ENTERPRISE 是工作簿时，结果工作簿写到哪里（默认在旁边加“-可申报”）。")
@click.option("--ics", type=_CALENDAR, help="把还能申报的项目的申报时间写成日历文件（.ics）。")
def match(enterprise: Path, edition: str | None, common: bool, out: Path | None, ics: Path | None) -> None:
    """一户企业（或一个项目）能报哪些项目：结论、上限、首付、还缺什么、哪些不能同时报、最佳组合。

    ENTERPRISE 是 .xlsx（一户一行，或左边一列名称、右边一列数值）或 .jsonl（一行一户：{"id","facts"}，- 为标准输入）。
    """
    chosen = _edition(edition, common)
    possible: set[str] = set()
    if enterprise.suffix.lower() == ".xlsx":
        from .output.files import write_whole
        from .output.matches import match_text, match_workbook, render_matches, summary
        target = out or enterprise.with_name(f"{enterprise.stem}-可申报.xlsx")
        matches = match_workbook(enterprise, chosen)
        write_whole(target, render_matches(matches))
        for found in matches.found[:1] if len(matches.found) == 1 else ():
            click.echo("\n".join(match_text(*found, chosen)))
        click.echo(f"{summary(matches)}\n已写 {target}。")
        possible.update(programme.id for programme in matches.programmes)
        failed = bool(matches.problem_count)
    else:
        from .output.lines import match_lines, possible_programmes
        failed = _stream(enterprise, lambda lines: possible_programmes(match_lines(lines, chosen), possible))
    if ics:
        _write_ics(ics, [chosen], possible)
    sys.exit(failed)


@main.command()
@_edition_option
@click.option("--ics", type=_CALENDAR, help="写成日历文件（.ics），可以导入手机和电脑的日历。")
def calendar(edition: str | None, ics: Path | None) -> None:
    """列出各版文件写明的申报时间，截止早的在前。不写版本就列全部。"""
    from .guideline.bundle import edition_ids
    from .guideline.calendar import calendar_lines
    chosen = [_edition(name) for name in ([edition] if edition else edition_ids())]
    click.echo("\n".join(line for each in chosen for line in calendar_lines(each)))
    if ics:
        _write_ics(ics, chosen)


def _write_ics(path: Path, editions: list[Edition], only: set[str] | None = None) -> None:
    from .guideline.calendar import ics
    from .output.files import write_whole
    write_whole(path, ics(editions, only))
    click.echo(f"已写 {path}。", err=True)


@main.command()
@click.argument("cases", type=_PATH)
@_edition_option
def quota(cases: Path, edition: str | None) -> None:
    """计算名额剩余。CASES 是 .jsonl，一行一个：{"id","program","selected":[{"part","n"}]}（- 为标准输入）。"""
    from .output.lines import quota_lines
    sys.exit(_stream(cases, lambda lines: quota_lines(lines, edition)))


def _stream(path: Path, answer) -> bool:
    """Print one JSON line per input line; True when any line was an error."""
    import json
    failed = False
    with click.open_file(str(path), encoding="utf-8-sig") as lines:
        for result in answer(lines):
            failed |= "error" in result
            click.echo(json.dumps(result, ensure_ascii=False))
    return failed


@main.command()
@_edition_option
@click.option("--programs", metavar="项目", default="", help="只要这些项目：编号或全称，用逗号分开；组就是组里的全部项目。不写就是能申报的全部项目。")
@click.option("--city", metavar="设区市", default="", callback=_city, help="县（市、区）的下拉选项只列这个市的；不写就列全省的。")
@click.option("--rows", metavar="行数", default=100, show_default=True, type=click.IntRange(1, 2000), help="每张表可填几个项目。")
@click.option("-o", "--out", metavar="OUT.xlsx", type=_WORKBOOK, required=True, help="填报模板写到哪里。")
@_common_option
def template(edition: str | None, programs: str, city: str, rows: int, out: Path, common: bool) -> None:
    """生成发给县（市、区）的填报模板：一个项目类别一张表，有下拉选项、填写提示和随填随算的核对。"""
    from .output.files import write_whole
    from .output.submission import chosen_programmes, regions, submission_workbook
    chosen = _edition(edition, common)
    programmes = chosen_programmes(chosen, re.split("[,，;；]", programs))
    write_whole(out, submission_workbook(chosen, programmes, rows, regions(city)))
    click.echo(f"已写 {out}：{len(programmes)} 张表，每张可填 {rows} 个项目。")


@main.command()
@click.argument("sources", metavar="FILES|FOLDER", nargs=-1, required=True, type=_PATH)
@_edition_option
@_common_option
@click.option("-o", "--out", metavar="汇总.xlsx", type=_WORKBOOK, required=True, help="汇总写到哪里；可以直接用于 batch。")
@click.option("--returns", metavar="DIR", type=_FOLDER, help="把有问题的报送件标好错误写到这个文件夹，退给县（市、区）。")
@click.option("--history", metavar="历年立项.xlsx", type=_PATH, help="以前立过项的项目：列出重复的。")
@click.option("--allotment", metavar="名额.xlsx", type=_PATH, help="各县（市、区）的名额：列出超额的。")
@click.option("--city", metavar="设区市", default="", callback=_city, help="报送件应属于哪个设区市。")
@click.option("--password", metavar="密码", help="报送件加了密时的密码。")
@click.option("--every-cell", is_flag=True, help="另加一张“逐格来源”：每个值出自哪个文件的哪一格，原文是什么。")
def merge(sources: tuple[Path, ...], edition: str | None, common: bool, out: Path, returns: Path | None, history: Path | None,
          allotment: Path | None, city: str, password: str | None, every_cell: bool) -> None:
    """把各县（市、区）的报送件汇成一份清单：什么格式都读，每行写明出处，重复的、超额的、读不出的都列出来。"""
    from .intake.merging import merge as merge_files
    from .intake.merging import submission_files
    from .intake.registers import read_allotments, read_history
    from .output.files import write_whole
    from .output.merged import check_merged, keep_originals, merged_lines, merged_workbook, returned
    from .output.returns import clear_earlier
    chosen = _edition(edition, common)
    keep_originals(out, sources)
    files = submission_files(sources, leave_out=filter(None, (out, returns)))
    merged = merge_files(files, chosen, password, read_history(history, chosen) if history else (),
                         read_allotments(allotment, chosen) if allotment else ())
    report = check_merged(merged, city)
    write_whole(out, merged_workbook(report, every_cell))
    click.echo("\n".join([*merged_lines(report), f"已写 {out}。"]))
    if returns:
        sent = returned(report, returns, password)
        click.echo(f"退回 {len(sent)} 个文件，写在 {returns}。")
        earlier = clear_earlier(returns, sent)
        if earlier.removed:
            click.echo(f"以前退回、这次没有问题的，已删去副本：{'、'.join(earlier.removed)}")
        if earlier.left:
            click.echo(f"{returns} 里还有不是这次写的（以前的，或改动过的），没有动，请核对：{'、'.join(earlier.left)}")
    sys.exit(any(not each.reader for each in merged.submissions))


@main.command()
@click.argument("project_list", metavar="LIST.xlsx", type=_PATH)
@click.option("--edition", metavar="版本", required=True, help="指南版本，如 2026、2023，或一个指南工作簿的路径。")
@click.option("--out", metavar="DIR", type=_FOLDER, required=True, help="写到哪个文件夹；再次运行会替换上次的结果。")
@click.option("--city", metavar="设区市", default="", callback=_city, help="汇总表的地区，如 盐城市；不写就用清单里的设区市。")
@click.option("--book", "forms", flag_value="book", help="绩效表放进一个工作簿，每个项目一张表。")
@click.option("--zip", "forms", flag_value="zip", help="绩效表放进一个压缩包。")
@click.option("--html", is_flag=True, help="核查报告另写一份网页，用浏览器打开，可以筛选、排序。")
@click.option("--password", metavar="密码", help="清单或报送件加了密时的密码。")
@_common_option
def batch(project_list: Path, edition: str, out: Path, city: str, forms: str | None, html: bool, password: str | None,
          common: bool) -> None:
    """由项目清单生成汇总表、绩效目标申报表、核查报告和 manifest.json。"""
    from .output.batch import FILES, run_batch
    from .output.console import batch_lines, progress_bar
    with progress_bar() as progress:
        made = run_batch(project_list, _edition(edition, common), out, city, forms or FILES, progress, html, password)
    click.echo("\n".join(batch_lines(made)))


@main.command()
@click.argument("folder", type=_FOLDER, default=Path("xltool-demo"))
def demo(folder: Path) -> None:
    """用自带的虚构样例跑一遍：两版指南，一个市九个县（市、区）的项目清单。"""
    from .output.console import progress_bar
    from .output.demo import run_demo
    with progress_bar() as progress:
        lines = run_demo(folder, progress)
    click.echo("\n".join(lines))


@main.command()
@_edition_option
@click.option("-o", "--out", metavar="OUT.xlsx", type=_WORKBOOK, required=True, help="测算工作簿写到哪里。")
def estimator(edition: str | None, out: Path) -> None:
    """生成测算工作簿：不用装插件、不用宏，填上数就看到每个项目的结论、差额和补助；Excel 2010 以上、WPS、LibreOffice 都能用。"""
    from .hosts.estimator import estimator_workbook
    from .output.files import write_whole
    chosen = _edition(edition)
    write_whole(out, estimator_workbook(chosen))
    click.echo(f"已写 {out}：{chosen.title}。")


@main.group()
def addin() -> None:
    """表格软件的插件：函数 SUBSIDY、ELIGIBLE、WHY、FIRST_PAYMENT、QUOTA_LEFT、PROGRAM、MATCH_PROGRAMS。"""


@addin.command("build")
@click.option("--host", metavar="软件", type=click.Choice(["libreoffice", "excel"]), required=True, help="libreoffice（.oxt）或 excel（.xlam）。")
@click.option("-o", "--out", metavar="FILE", type=click.Path(path_type=Path), help="写到哪里；不写就是当前文件夹的 xltool.oxt 或 xltool.xlam。")
def build_addin(host: str, out: Path | None) -> None:
    """生成插件文件，规则和各版指南都在里面（Excel 的规则在 Python 里）。"""
    from .output.files import write_whole
    if host == "excel":
        from .hosts.excel.build import build
    else:
        from .hosts.libreoffice.build import build
    suffix = ".xlam" if host == "excel" else ".oxt"
    out = out or Path(f"xltool{suffix}")
    if out.suffix.lower() != suffix:
        raise click.UsageError(f"这种插件的文件名要以 {suffix} 结尾，如 {out.stem}{suffix}")
    write_whole(out, build())
    click.echo(f"已写 {out}。")


@addin.command("install")
@click.argument("file", metavar="FILE", type=_PATH)
def install_addin(file: Path) -> None:
    """把 .xlam 装进 Excel 的启动文件夹，或把 .oxt 装进 LibreOffice。"""
    from .hosts.install import install
    click.echo("\n".join(install(file)))


@addin.command("doctor")
def check_addin() -> None:
    """检查插件要用的东西：Python、xlwings、启动文件夹、配置、LibreOffice；每个毛病都写明怎么修。"""
    from .hosts.doctor import examine
    found = examine()
    click.echo("\n".join(map(str, found)))
    sys.exit(any(not each.well for each in found))


@addin.command("rename")
@click.argument("file", metavar="FILE", type=_PATH)
@click.option("--to", "host", metavar="软件", type=click.Choice(["libreoffice", "excel", "officejs"]), required=True,
              help="libreoffice、excel（Windows 插件）或 officejs（网页版、Mac、365）。")
@click.option("-o", "--out", metavar="OUT", type=click.Path(path_type=Path), required=True, help="改好的工作簿写到哪里；原文件不动。")
def rename_addin(file: Path, host: str, out: Path) -> None:
    """把工作簿里的函数改成另一种软件的写法，算出的值原样留着。"""
    from .hosts.rename import rename
    from .output.files import write_whole
    if out.resolve() == file.resolve():
        raise click.UsageError(f"{out} 就是原来的工作簿；请换一个名字，原文件不动")
    if out.suffix.lower() != file.suffix.lower():
        raise click.UsageError(f"{out} 和原来的工作簿不是一种文件；函数的写法换了，文件还是 {file.suffix}，请把名字写成 {out.stem}{file.suffix}")
    data, count = rename(file, host)
    write_whole(out, data)
    click.echo(f"已写 {out}：改了 {count} 个公式。")


@main.command()
@click.option("--host", "address", metavar="地址", default="127.0.0.1", show_default=True, help="在哪个地址上听；默认只有本机能用。")
@click.option("--port", metavar="端口", default=8000, show_default=True, type=click.IntRange(1, 65535), help="端口。")
@click.option("--cert", metavar="CERT.pem", type=_PATH, help="HTTPS 证书；Excel 只认 HTTPS。")
@click.option("--key", metavar="KEY.pem", type=_PATH, help="证书的私钥。")
def serve(address: str, port: int, cert: Path | None, key: Path | None) -> None:
    """给网页版、Mac 版和 365 的 Excel 提供同样的函数和功能按钮（要装 server 附加包）。"""
    from .hosts.server.run import run
    run(address, port, cert, key)
