"""Where a template's expressions run: jinja2's immutable sandbox, with bounds on what they may build and how often loops may turn.

A template from a stranger must not hang the run or fill the memory. No clock is used: the same template is refused or not on every
machine. What one expression builds has at most LONGEST characters or items, all loops of a file together turn at most MOST_TURNS times.
"""

import re

from jinja2 import nodes, pass_context, pass_eval_context
from jinja2.filters import do_center, do_format, do_indent, do_join, do_replace, make_attrgetter
from jinja2.nativetypes import NativeCodeGenerator
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment, SecurityError

LONGEST = 10_000_000  # of a text or list an expression builds
MOST_TURNS = 10_000_000  # a sheet full of rows, each with a loop of its own
_LARGEST = 1_000_000
_WIDEST = 10_000  # letters that a text is padded to
# Widths beyond _WIDEST, or that come with the data, in the two ways to lay out a text.
_WIDE_PERCENT = re.compile(r"%(?:\([^)]*\))?[-#0 +]*(?:\d*\.)?(?:\d{5}|\*)")
_WIDE_BRACES = re.compile(r"\{[^{}]*:[^{}]*(?:\d{5}|\{)")
_DICT_ATTRIBUTES = frozenset(dir(dict))
COUNTED = "_counted"


class _Context(Context):
    turns = 0


class _Generator(NativeCodeGenerator):
    def visit_Getattr(self, node: nodes.Getattr, frame) -> None:
        """Looks a member up without a call where most are: in a plain dict that a variable holds."""
        if not isinstance(node.node, nodes.Name) or node.attr in _DICT_ATTRIBUTES:
            super().visit_Getattr(node, frame)
            return
        name = repr(node.attr)
        for before in ("(", f"[{name}] if ", f".__class__ is dict and {name} in "):
            self.write(before)
            self.visit(node.node, frame)
        self.write(" else ")
        super().visit_Getattr(node, frame)
        self.write(")")

    def visit_Concat(self, node: nodes.Concat, frame) -> None:
        self.write("environment.concatenated((")
        for each in node.nodes:
            self.visit(each, frame)
            self.write(", ")
        self.write("))")


class Sandbox(ImmutableSandboxedEnvironment):
    """The sandbox, yielding values instead of text."""

    code_generator_class = _Generator
    context_class = _Context
    intercepted_binops = frozenset(("*", "**", "+", "%"))

    def getattr(self, obj, attribute):
        # Most data are plain dicts; the sandbox would look for an attribute first and fail with an exception.
        if obj.__class__ is dict and attribute not in _DICT_ATTRIBUTES:
            try:
                return obj[attribute]
            except KeyError:
                return self.undefined(obj=obj, name=attribute)
        return super().getattr(obj, attribute)

    def call_binop(self, context, operator, left, right):
        if operator == "**" and (abs(right) > 1000 or abs(left) > _LARGEST):
            raise SecurityError("乘方太大")
        if operator == "*":
            for many, times in ((left, right), (right, left)):
                repeats = isinstance(many, (str, bytes, list, tuple)) and isinstance(times, int)
                if repeats and len(many) * times > _LARGEST:
                    raise SecurityError("重复太多")
        if operator == "+" and isinstance(left, (str, bytes, list, tuple)) and isinstance(right, (str, bytes, list, tuple)):
            _within(len(left) + len(right))
        if operator == "%" and isinstance(left, str):
            _not_wide(left, _WIDE_PERCENT)
        return super().call_binop(context, operator, left, right)

    def concatenated(self, values) -> str:
        """What `a ~ b` makes."""
        texts = [str(value) for value in values]
        _within(sum(map(len, texts)))
        return "".join(texts)

    @staticmethod
    def concat(pieces) -> str:
        """What a cell with loops, or a set of a whole block, makes."""
        pieces = list(pieces)
        _within(sum(map(len, pieces)))
        return "".join(pieces)

    def call(self, context, obj, *args, **kwargs):
        owner, name = getattr(obj, "__self__", None), getattr(obj, "__name__", "")
        if isinstance(owner, str):
            if name in ("center", "expandtabs", "ljust", "rjust", "zfill") and any(isinstance(each, int) and each > _WIDEST for each in args):
                raise SecurityError("宽度太大")
            if name == "replace" and len(args) > 1:
                _within_replaced(owner, *args[:2])
            if name == "join" and args:
                args = ([*args[0]],)
                _within_joined(args[0], owner)
            if name == "translate":
                raise SecurityError("请用 replace")
        return super().call(context, obj, *args, **kwargs)

    def wrap_str_format(self, value):
        wrapped = super().wrap_str_format(value)
        if wrapped is not None:
            _not_wide(value.__self__, _WIDE_BRACES)
        return wrapped


def bounded(body: list[nodes.Node]) -> list[nodes.Node]:
    """The same statements, every turn of a loop counted; `a if b` without an else is nothing where b does not hold."""
    whole = nodes.Template(body)
    for loop in whole.find_all(nodes.For):
        if not (isinstance(loop.iter, nodes.Filter) and loop.iter.name == COUNTED):
            loop.iter = nodes.Filter(loop.iter, COUNTED, [], [], None, None)
    for choice in whole.find_all(nodes.CondExpr):
        choice.expr2 = choice.expr2 or nodes.Const(None)
    return body


@pass_context
def _counted(context: _Context, items):
    for item in items:
        context.turns += 1
        if context.turns > MOST_TURNS:
            raise SecurityError(f"循环的次数太多，一份文件最多 {MOST_TURNS // 10_000} 万次")
        yield item


def _within(length: int) -> None:
    if length > LONGEST:
        raise SecurityError("文字或列表太长")


def _within_replaced(text: str, old: object, new: object) -> None:
    _within(len(text) + text.count(str(old)) * len(str(new)))


def _within_joined(texts: list, between: str) -> None:
    _within(sum(len(each) if isinstance(each, str) else 1 for each in texts) + len(between) * len(texts))


def _not_wide(layout: str, wide: re.Pattern) -> None:
    if wide.search(layout):
        raise SecurityError("宽度太大")


def _center(value, width=80):
    if width > _WIDEST:
        raise SecurityError("宽度太大")
    return do_center(value, width)


def _format(value, *args, **kwargs):
    _not_wide(str(value), _WIDE_PERCENT)
    return do_format(value, *args, **kwargs)


def _indent(s, width=4, first=False, blank=False):
    if isinstance(width, int) and width > _WIDEST:
        raise SecurityError("宽度太大")
    text = str(s)
    _within(len(text) + (text.count("\n") + 1) * (width if isinstance(width, int) else len(width)))
    return do_indent(text, width, first, blank)


@pass_eval_context
def _join(context, value, d="", attribute=None):
    texts = list(value)
    if attribute is not None:
        texts = [*map(make_attrgetter(context.environment, attribute), texts)]
    _within_joined(texts, str(d))
    return do_join(context, texts, d)


@pass_eval_context
def _replace(context, s, old, new, count=None):
    _within_replaced(str(s), old, new)
    return do_replace(context, s, old, new, count)


BOUNDED = {COUNTED: _counted, "center": _center, "format": _format, "indent": _indent, "join": _join, "replace": _replace}
