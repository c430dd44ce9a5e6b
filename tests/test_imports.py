"""What may import what: rules runs inside every host, and arrows between the packages go one way."""
from __future__ import annotations

import ast
import doctest
import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import xltool

PACKAGE = Path(xltool.__file__).parent
LAYERS = ["rules", "guideline", "intake", "output", ("hosts", "cli")]  # later ones may import earlier ones
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in ([names] if isinstance(names, str) else names)}
MODULES = sorted(PACKAGE.rglob("*.py"))


def imported(module: Path) -> Iterator[tuple[str, ...]]:
    """The modules of xltool that a module names in an import, as paths below the package."""
    here = module.relative_to(PACKAGE).with_suffix("").parts
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = here[:len(here) - node.level]
            yield from ((*base, *(node.module or alias.name).split(".")) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (tuple(f"{node.module}.{alias.name}".split(".")[1:]) for alias in node.names
                        if node.module.split(".")[0] == "xltool")
        elif isinstance(node, ast.Import):
            yield from (tuple(alias.name.split(".")[1:]) for alias in node.names if alias.name.split(".")[0] == "xltool")


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_no_package_imports_a_later_one(module):
    own = LEVEL.get(module.relative_to(PACKAGE).with_suffix("").parts[0])
    for target in imported(module):
        if own is not None and target and target[0] in LEVEL:
            assert LEVEL[target[0]] <= own, f"{module.name} imports {'.'.join(target)}"


def test_the_import_reader_sees_every_way_to_write_an_import(tmp_path, monkeypatch):
    monkeypatch.setattr(sys.modules[__name__], "PACKAGE", tmp_path)
    (tmp_path / "rules").mkdir()
    module = tmp_path / "rules" / "a.py"
    module.write_text("from ..guideline import read\nfrom . import serial\nimport xltool.cli\nfrom xltool import hosts\n"
                      "def late():\n    from ..output.pdf import write\n")
    assert set(imported(module)) == {("guideline",), ("rules", "serial"), ("cli",), ("hosts",), ("output", "pdf")}


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_a_module_fits_in_the_head(module):
    assert len(module.read_text(encoding="utf-8").splitlines()) <= 500


def fresh(program: str, *options: str) -> str:
    """What a new interpreter prints that sees the repository and the standard library only."""
    start = f"import sys; sys.path.insert(0, {str(PACKAGE.parent)!r}); "
    done = subprocess.run([sys.executable, "-I", *options, "-c", start + program], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_rules_needs_the_standard_library_only():
    program = ("before = set(sys.modules); import xltool.rules; "
               "print(sorted({name.split('.')[0] for name in set(sys.modules) - before} - set(sys.stdlib_module_names)))")
    assert fresh(program, "-S") == "['xltool']"


def test_rules_can_assess_without_site_packages():
    program = ("from xltool.rules import Condition, Programme, Formula, assess; "
               "p = Programme('P1', '1', 't', ceiling=Formula.parse('MIN(投入*10%,200)'), "
               "conditions=(Condition('1', '投入', Formula.parse('投入>=1000')),)); "
               "a = assess(p, {'投入': 1500.0}); print(a.verdict, a.ceiling)")
    assert fresh("sys.stdout.reconfigure(encoding='utf-8'); " + program.replace("Condition, ", "")
                 .replace("from xltool", "from xltool.rules.model import Condition; from xltool", 1), "-S") == "符合 150.0"


def test_loading_an_edition_does_not_import_numpy_or_openpyxl():
    # Not isolated from site-packages: the guideline reader needs calamine.
    program = ("import sys; sys.path.insert(0, {!r}); import xltool.guideline.read; "
               "print([name for name in ('numpy', 'pandas', 'openpyxl', 'click') if name in sys.modules])")
    done = subprocess.run([sys.executable, "-c", program.format(str(PACKAGE.parent))], capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "[]", done.stderr


@pytest.mark.parametrize("module", sorted((PACKAGE / "rules").glob("*.py")), ids=lambda path: path.name)
def test_rules_keep_to_python_3_10_syntax(module):
    tree = ast.parse(module.read_text(encoding="utf-8"), feature_version=(3, 10))
    assert not [node for node in ast.walk(tree) if type(node).__name__ in ("TryStar", "TypeAlias")]


@pytest.mark.parametrize("name", ["arithmetic", "formula", "native"])
def test_the_examples_in_docstrings_are_true(name):
    result = doctest.testmod(importlib.import_module(f"xltool.rules.{name}"))
    assert result.attempted and not result.failed
