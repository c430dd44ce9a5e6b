"""Options and arguments several commands share: editions, files to write, folders, cities; JSON lines in and out."""
from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from ..rules.model import Edition

PATH = click.Path(path_type=Path)
edition_option = click.option("--edition", metavar="版本", help="指南版本，如 2026、2023，或一个指南工作簿的路径；不写就用最新版。")
common_option = click.option("--common", is_flag=True, help="合用管理办法的共同条件（2024年12月1日起至2028年），条件号以“办法”开头。")


class Output(click.ParamType):
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


class Folder(click.ParamType):
    """A folder to write into, there already or made when it is needed."""

    name = "path"

    def convert(self, value: object, param: click.Parameter | None, context: click.Context | None) -> Path:
        path = Path(str(value))
        if path.exists() and not path.is_dir():
            raise click.UsageError(f"{path} 是文件，不是文件夹；请换一个名字", context)
        return path


class Money(click.ParamType):
    """An amount in 万元."""

    name = "float"

    def convert(self, value: object, param: click.Parameter | None, context: click.Context | None) -> float:
        try:
            return float(str(value))
        except ValueError:
            self.fail(f"“{value}”应是一个数（万元），如 9000", param, context)


WORKBOOK, CALENDAR, FOLDER = Output(".xlsx", " Excel 工作簿"), Output(".ics", "日历文件"), Folder()


def city_name_of(context: click.Context, parameter: click.Parameter, value: str) -> str:
    """The official name of the 设区市 asked for."""
    if not value:
        return ""
    from ..intake.regions import find_city, near_cities
    from ..rules.library import UnknownName
    city = find_city(value)
    if city is None:
        raise UnknownName(value, "设区市", near_cities(value))
    return city.name


def chosen_edition(name: str | None, common: bool = False) -> Edition:
    """The edition asked for, the newest by default, with the common conditions where they are asked for."""
    from ..guideline.bundle import edition, edition_ids, under_common_conditions
    chosen = edition(name or edition_ids()[0])
    return under_common_conditions(chosen) if common else chosen
