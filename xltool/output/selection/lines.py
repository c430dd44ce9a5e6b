"""What was selected, for the terminal."""
from __future__ import annotations

from ...rules.formula import number_text
from .candidates import MILLION
from .explanation import Span
from .selection import Selection

_MOST_LINES = 30  # of limits, and of projects that are as good; a province has hundreds


def selection_lines(selection: Selection) -> list[str]:
    """How many projects were chosen, their totals, which limits bind, what is in doubt."""
    lines = [f"{selection.edition.id}版：{headline(selection)}"]
    if not selection.options:
        return [*lines, "没有一个项目能选：为什么见方案里的“未入选”和“问题”。"]
    gains = {place: change.by for place, change in enumerate(selection.shadows) if change.by.high}
    binding = sorted(gains, key=lambda place: (not gains[place].exact, place))
    if binding:
        lines.append("卡住的限制（放宽一步，合计能多多少）：")
        lines += [f"  {selection.bounds[place].text}：放宽{step_text(selection, place)}多{gain_text(gains[place])}"
                  for place in binding[:_MOST_LINES]]
        lines += [f"  另有 {len(binding) - _MOST_LINES} 条，见方案里的“限制”表。"] * (len(binding) > _MOST_LINES)
    else:
        lines.append("没有一条限制放宽一步能使合计更多。")
    lines += [f"突破了提示性限制：{bound.text}（{bound.cite}）" for bound in selection.soft if bound.broken(selection.chosen)]
    free = [selection.options[each].number for each, change in selection.exchanges.items() if change.by == Span(0, 0)]
    if free:
        more = "……" if len(free) > _MOST_LINES else ""
        lines.append(f"换了也不少的项目 {len(free)} 个（序号）：{'、'.join(map(str, free[:_MOST_LINES]))}{more}")
    lines.append(f"{selection.tie_rule}。")
    return lines


def headline(selection: Selection) -> str:
    """One sentence: projects read, possible and chosen, and the totals."""
    options, chosen = selection.options, selection.chosen
    unsure = sum(options[each].checked.answer.verdict != "符合" for each in chosen)
    text = f"清单 {len(selection.candidates)} 个项目，能选 {len(options)} 个，选定 {len(chosen)} 个"
    text += f"（其中待核实 {unsure} 个）" if unsure else ""
    if selection.score:
        text += f"，{selection.measure} {points(selection.total_score)}"
    unknown = sum(options[each].amount is None for each in chosen)
    text += f"，金额合计 {points(selection.total_amount)} 万元"
    return text + (f"（{unknown} 个金额不知道，没有算进去）" if unknown else "") + "。"


def step_text(selection: Selection, place: int) -> str:
    """How far a bound is eased to see what it costs."""
    unit = selection.bounds[place].unit
    return "1个" if unit == 1 else f"{points(selection.budget_step)}万元"


def points(value: int) -> str:
    return number_text(value / MILLION)


def span_text(span: Span) -> str:
    """A number of millionths, or the bounds it lies between."""
    if span.exact:
        return points(span.low)
    return f"{points(span.low)}至{points(span.high)}" if span.high is not None else f"至少{points(span.low)}"


def gain_text(span: Span) -> str:
    """What easing a limit adds, or at most adds."""
    return span_text(span) if span.exact or span.low else f"至多{points(span.high)}"
