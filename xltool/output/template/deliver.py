"""One context in, one file out; when that fails, a second, slower look that finds every cell at fault."""

from collections.abc import Mapping

from .compile import Compiled, Frame, Page
from .layout import Moves
from .package import Part, pack
from .problems import Problem, TemplateError, Where
from .render import Rendering, fill
from .values import Unfit

_LONG, _KEPT = 1000, 100  # pieces of a sheet that is long; shapes that are remembered


def deliver_file(compiled: Compiled, context: Mapping[str, object]) -> list[bytes]:
    """The filled workbook, to be written piece by piece; raises TemplateError."""
    variables = dict(context)
    renderings = [(page, render_page(compiled, page, variables)) for page in compiled.pages]
    layouts = {page.tab.name.casefold(): r.layout for page, r in renderings if page.program.structure.moves}
    return compiled.archive.pieces(changed_parts(compiled, renderings, Moves(layouts, {})))


def render_page(compiled: Compiled, page: Page, variables: dict, label: str = "") -> Rendering:
    """One page filled; raises TemplateError with every cell at fault."""
    try:
        return fill(page.program, variables, compiled.writers)
    except Exception as error:  # whatever an expression raises is the template's or the data's fault
        from .diagnose import diagnose

        raise TemplateError(diagnose(compiled, page, variables, error, label)) from error


def changed_parts(compiled: Compiled, renderings: list[tuple[Page, Rendering]], moves: Moves) -> list[Part]:
    """The parts that are written anew for these renderings."""
    try:
        frames, followers = _around(compiled, renderings, moves)
        return [*(page.part(page.tab.path, rendering, moves, frame) for (page, rendering), frame in zip(renderings, frames)), *followers]
    except Unfit as unfit:
        raise TemplateError([unfit_problem(compiled, unfit)]) from unfit


def _around(compiled: Compiled, renderings: list[tuple[Page, Rendering]], moves: Moves) -> tuple[list[Frame], list[Part]]:
    """What stands around the rows of each page, and the parts that follow them; remembered, but for long tables."""
    if sum(len(rendering.pieces) for _, rendering in renderings) > _LONG:
        return _write_around(compiled, renderings, moves)
    shape = tuple(rendering.shape for _, rendering in renderings)
    if shape not in compiled.framed:
        if len(compiled.framed) >= _KEPT:
            compiled.framed.clear()
        compiled.framed[shape] = _write_around(compiled, renderings, moves)
    return compiled.framed[shape]


def _write_around(compiled: Compiled, renderings: list[tuple[Page, Rendering]], moves: Moves) -> tuple[list[Frame], list[Part]]:
    frames = [page.frame(rendering, moves) for page, rendering in renderings]
    return frames, [pack(path, follower(moves).encode()) for path, follower in compiled.followers.items()]


def unfit_problem(compiled: Compiled, unfit: Unfit) -> Problem:
    """A formula or range that cannot follow the rows of these data, found while the parts were written."""
    where = Where(compiled.file, unfit.sheet, unfit.cell)
    return Problem("template.formula", unfit.found, unfit.expected, "", where)
