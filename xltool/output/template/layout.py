"""Where each row of a template went, and what a reference to it becomes.

A sheet is cut into blocks of rows that stay together; a layout lists, per block, the rows its copies start at. A
reference to rows that are gone (a loop over nothing) points at the sheet's last row, which is empty: SUM gives 0 and
the formula stays valid.
"""

from array import array
from bisect import bisect_left
from dataclasses import dataclass, replace

from .reference import MAX_ROW, Reference, scan, sheet_prefix

MAX_ARGUMENTS = 30

# A loop iteration's output rows: [first row, row after the last]; the end is known once the iteration is over.
Scope = list


class Layout:
    """The output rows of one rendered sheet."""

    def __init__(self, bounds: tuple[tuple[int, int], ...]):
        self._bounds = bounds
        self.starts = [array("i") for _ in bounds]
        self._spans: dict[tuple[int, int], tuple[int, int] | None] = {}

    def span(self, top: int, bottom: int, scope: Scope | None = None) -> tuple[int, int] | None:
        """First and last output row of these template rows, within a loop iteration if one is given."""
        if scope is not None:
            return self._span(top, bottom, scope)
        key = top, bottom
        if key not in self._spans:
            self._spans[key] = self._span(top, bottom, None)
        return self._spans[key]

    def _span(self, top: int, bottom: int, scope: Scope | None) -> tuple[int, int] | None:
        low, high = MAX_ROW + 1, 0
        for (first, last), starts in zip(self._bounds, self.starts):
            if last < top or first > bottom or not starts:
                continue
            i, j = (0, len(starts)) if scope is None else (bisect_left(starts, scope[0]), bisect_left(starts, scope[1]))
            if i < j:
                low = min(low, starts[i] + max(top - first, 0))
                high = max(high, starts[j - 1] + min(bottom, last) - first)
        return (low, min(high, MAX_ROW)) if low <= min(high, MAX_ROW) else None

    def runs(self, top: int, bottom: int, scope: Scope | None = None) -> list[tuple[int, int]]:
        """The output rows of these template rows as the fewest unbroken runs."""
        pieces = []
        for (first, last), starts in zip(self._bounds, self.starts):
            if last < top or first > bottom or not starts:
                continue
            if scope is not None:
                starts = starts[bisect_left(starts, scope[0]) : bisect_left(starts, scope[1])]
                if not starts:
                    continue
            low, high = max(top, first) - first, min(bottom, last) - first
            if starts[-1] - starts[0] == (len(starts) - 1) * (high - low + 1):
                pieces.append((starts[0] + low, starts[-1] + high))
            else:
                pieces += [(start + low, start + high) for start in starts]
        merged: list[tuple[int, int]] = []
        for low, high in sorted(pieces):
            if low > MAX_ROW:
                break
            if merged and low <= merged[-1][1] + 1:
                merged[-1] = merged[-1][0], max(merged[-1][1], high)
            else:
                merged.append((low, high))
        return [(low, min(high, MAX_ROW)) for low, high in merged]

    def row(self, row: int) -> int:
        """Where something anchored at a template row now stands: its first copy, else the next row that is left."""
        span = self.span(row, row) or self.span(row, MAX_ROW)
        return span[0] if span else min(row, MAX_ROW)


@dataclass(frozen=True, slots=True)
class Moves:
    """What happened to the rows of every sheet that moved, and to the names of sheets that were copied.

    Sheet names are keys in folded case.
    """

    layouts: dict[str, Layout]
    renamed: dict[str, str]

    def layout(self, sheet: str) -> Layout | None:
        return self.layouts.get(sheet.casefold())

    def prefix(self, reference: Reference) -> str:
        name = self.renamed.get(reference.sheet.casefold()) if reference.sheet else None
        return reference.prefix if name is None else sheet_prefix(name)


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula or list of ranges whose references follow the rows.

    `home` is the sheet that references without a sheet name mean. `depths` says for each piece how many of the loops
    around the formula also hold the rows it refers to: within those it means its own iteration.
    """

    pieces: tuple[str | Reference, ...]
    home: str
    depths: tuple[int, ...] = ()

    @classmethod
    def of(cls, text: str, home: str, grows: bool = False) -> "Formula":
        """A formula outside all loops; with `grows` a single cell stands for all copies of its row."""
        pieces = scan(text)
        if grows:
            pieces = tuple(replace(p, grows=True, listed=False) if isinstance(p, Reference) else p for p in pieces)
        return cls(pieces, home)

    @property
    def references(self) -> tuple[Reference, ...]:
        return tuple(piece for piece in self.pieces if isinstance(piece, Reference))

    def concerns(self, sheets) -> bool:
        """Whether a reference leads to one of these sheets (names in folded case)."""
        return any(end in sheets for r in self.references for end in (r.sheet or self.home).casefold().split(":"))

    def text(self, moves: Moves, scopes: tuple[Scope, ...] = ()) -> str:
        """The formula after the rows moved."""
        depths = self.depths or (0,) * len(self.pieces)
        return "".join(
            piece if isinstance(piece, str) else self._moved(piece, moves, scopes[depth - 1] if depth else None)
            for piece, depth in zip(self.pieces, depths)
        )

    def _moved(self, reference: Reference, moves: Moves, scope: Scope | None) -> str:
        layout = moves.layout(reference.sheet or self.home)
        spans = [reference.rows] if layout is None else self.spans(reference, layout, scope)
        prefix = moves.prefix(reference)
        texts = [reference.at(top, bottom, prefix) for top, bottom in spans]
        # A function takes 255 arguments; ranges joined in brackets are one.
        return ",".join(texts) if len(texts) <= MAX_ARGUMENTS else f"({','.join(texts)})"

    @staticmethod
    def spans(reference: Reference, layout: Layout, scope: Scope | None = None) -> list[tuple[int, int]]:
        """The output rows a reference covers, as one range unless it is `listed`.

        A $ row means the first copy, a range with two $ rows all copies.
        """
        top, bottom = reference.rows
        fixed = reference.fixed
        whole = layout.span(top, bottom)
        own = whole if scope is None or all(fixed) else layout.span(top, bottom, scope)
        if not whole or not own:
            return [(MAX_ROW, MAX_ROW)]
        if reference.listed and (scope is None or fixed[0] == fixed[1]):
            return layout.runs(top, bottom, None if all(fixed) else scope)
        return [((whole[0] if fixed[0] else own[0]), (whole[1] if fixed[1] else own[1]))]

    def anchored(self, moves: Moves, distance: int) -> str:
        """The formula of a format or validation, whose relative rows count from its first cell, moved by `distance`."""

        def end(row: int, dollar: str) -> int:
            if not dollar:
                return (row + distance - 1) % MAX_ROW + 1
            span = layout.span(row, row)
            return span[0] if span else MAX_ROW

        texts = []
        for piece in self.pieces:
            layout = None if isinstance(piece, str) else moves.layout(piece.sheet or self.home)
            if isinstance(piece, str):
                texts.append(piece)
            elif layout is None or piece.sheet or all(piece.fixed):
                texts.append(self._moved(piece, moves, None))
            else:
                top = end(piece.first[2], piece.first[1])
                bottom = end(piece.last[2], piece.last[1]) if piece.last else top
                texts.append(piece.at(top, bottom, moves.prefix(piece)))
        return "".join(texts)
