"""What click says itself, in Chinese.

click hands every message of its own to gettext, which looks for a catalogue by the language of the computer; a clerk's may be set to
anything. So click's modules get this table in gettext's place. What is not in it stays as click says it; tests/test_cli_wording.py runs
the commands wrongly to see that nothing is missing. Refuses to name what only a programmer can get wrong.
"""
from __future__ import annotations

import click.core
import click.decorators
import click.exceptions
import click.formatting
import click.parser
import click.types

_CHINESE = {
    "Usage:": "用法:",
    "Options": "选项",
    "Commands": "命令",
    "Show this message and exit.": "显示这段说明。",
    "default: {default}": "默认：{default}",
    "required": "必填",
    "Try '{command} {option}' for help.": "用法说明请看：{command} {option}",
    "Aborted!": "已中止。",
    "Error: {message}": "错误：{message}",
    "Invalid value: {message}": "值不对：{message}",
    "Invalid value for {param_hint}: {message}": "{param_hint} 的值不对：{message}",
    "Missing argument": "缺少",
    "Missing option": "缺少选项",
    "Missing command.": "没有写命令。",
    "No such command {name!r}.": "没有命令“{name}”。",
    "No such option {name!r}.": "没有选项“{name}”。",
    "No such option: {name}": "没有选项“{name}”。",  # click before 8.4
    "Did you mean {possibility}?": "是不是 {possibility}？",
    "Got unexpected extra argument ({args})": "多写了：{args}",
    "Option {name!r} does not take a value.": "选项“{name}”后面不用写值。",
    "Option {name!r} requires an argument.": "选项“{name}”后面要写值。",
    "Choose from:\n\t{choices}": "可以写：\n\t{choices}",
    "{value!r} is not {choice}.": "“{value}”不在可以写的里面：{choice}",
    "{value!r} is not a valid {number_type}.": "“{value}”不是这里能写的数",
    "{value} is not in the range {range}.": "{value} 超出范围 {range}",
    "Could not open file {filename!r}: {message}": "打不开 {filename}：{message}",
}


def _translated(text: str) -> str:
    return _CHINESE.get(text, text)


def _translated_number(one: str, many: str, count: int) -> str:
    return _CHINESE.get(one, one if count == 1 else many)


def speak_chinese(command: click.Command) -> None:
    """From now on click says in Chinese what it says of its own, about this command and those below it."""
    for module in (click.core, click.decorators, click.exceptions, click.formatting, click.parser, click.types):
        vars(module).update(_=_translated, ngettext=_translated_number)
    _word(command)


def _word(command: click.Command) -> None:
    command.options_metavar = "[选项]"
    # click shortens a help text word by word, and takes a Chinese sentence for one word.
    command.short_help = (command.help or "").strip().partition("。")[0] + "。"
    if isinstance(command, click.Group):
        command.subcommand_metavar = "命令 [参数]..."
        for each in command.commands.values():
            _word(each)
