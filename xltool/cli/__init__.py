"""The command line: parse, call one library function, print, exit code. Heavy imports wait until a command needs them."""
from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NoReturn

import click

from .. import __version__
from . import answers, guideline, hosts, outputs, submissions
from .wording import speak_chinese

if TYPE_CHECKING:
    from ..rules.problems import Problem


class _Commands(click.Group):
    def invoke(self, context: click.Context) -> object:
        from ..guideline.bundle import NotInForce
        from ..rules.library import UnknownName
        from ..rules.problems import ProblemsError, reason
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


def _fail(problems: tuple[Problem, ...]) -> NoReturn:
    for problem in problems:
        click.echo(str(problem), err=True)
    click.echo(f"共 {len(problems)} 个问题，没有继续，没有写文件。", err=True)
    sys.exit(1)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="xltool", message="%(prog)s %(version)s", help="显示版本。")
def main() -> None:
    """江苏省工业类专项资金申报指南工具：查项目、核条件、算补助、生成汇总表和绩效表。"""


for command in (
    guideline.guideline, answers.programs, answers.show, submissions.read, answers.assess, answers.match, answers.calendar, answers.quota,
    submissions.template, submissions.merge, outputs.select, outputs.batch, outputs.demo, hosts.estimator, hosts.addin, hosts.serve,
):
    main.add_command(command)

speak_chinese(main)
