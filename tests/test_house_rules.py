"""What holds for the whole house, whoever works in it."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.pofile import read_po
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "clinic_desk"
SOURCES = sorted(PACKAGE.rglob("*.py")) + sorted((ROOT / "installer").glob("*.py"))
CATALOGUES = sorted(PACKAGE.glob("resources/locale/*/LC_MESSAGES/*.po"))

LONGEST = 400


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def test_qt_gives_back_every_reference_to_none(qtbot):
    """PySide6 6.12.0 loses one per call on Python 3.11 and aborts after some 5,000 calls."""
    from PySide6.QtWidgets import QWidget

    widget = QWidget()
    qtbot.addWidget(widget)
    before = sys.getrefcount(None)

    for _call in range(10_000):
        widget.update()

    assert abs(sys.getrefcount(None) - before) < 1_000


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_a_file_can_be_read_in_one_sitting(path):
    assert len(path.read_text("utf-8").splitlines()) <= LONGEST


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_what_others_may_use_is_described(path):
    tree = _tree(path)
    told = {  # what a class of the same file promises, its kinds need not tell again
        f"{kind.name}.{method.name}"
        for parent in tree.body
        if isinstance(parent, ast.ClassDef)
        for kind in tree.body
        if isinstance(kind, ast.ClassDef) and parent.name in {ast.unparse(b) for b in kind.bases}
        for method in parent.body
        if isinstance(method, ast.FunctionDef) and ast.get_docstring(method) is not None
    }
    bare = [
        f"{_name(path)}:{node.lineno} {name}"
        for name, node in _public(tree)
        if ast.get_docstring(node) is None and name not in told
    ]

    assert bare == []


Described = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def _public(module: ast.Module) -> Iterator[tuple[str, Described]]:
    """What is public in a module, without what somebody else's manual describes."""
    classes = {node.name: node for node in module.body if isinstance(node, ast.ClassDef)}
    for node in module.body:
        if not isinstance(node, Described) or node.name.startswith("_"):
            continue
        yield node.name, node
        if isinstance(node, ast.ClassDef):
            foretold = _virtual_names() | _of_bases(node, classes)
            for method in node.body:
                if isinstance(method, ast.FunctionDef | ast.AsyncFunctionDef) and not (
                    method.name.startswith("_") or method.name in foretold or _overloaded(method)
                ):
                    yield f"{node.name}.{method.name}", method


def _of_bases(node: ast.ClassDef, classes: dict[str, ast.ClassDef]) -> set[str]:
    """The methods that a base class in the same file describes."""
    bases = [classes[b.id] for b in node.bases if isinstance(b, ast.Name) and b.id in classes]
    return {
        method.name
        for base in bases
        for method in base.body
        if isinstance(method, ast.FunctionDef | ast.AsyncFunctionDef) and ast.get_docstring(method)
    }


def _overloaded(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any(ast.unparse(decorator) == "overload" for decorator in function.decorator_list)


@cache
def _virtual_names() -> frozenset[str]:
    """The methods of Qt, peewee, click and the standard library's files that classes answer."""
    import io

    import click
    import peewee
    from PySide6 import QtCore, QtGui, QtWidgets

    found = {"paint"}
    for module in (QtCore, QtGui, QtWidgets):
        for name in dir(module):  # not vars(): the classes are made when they are first asked for
            kind = getattr(module, name)
            if isinstance(kind, type):
                found.update(method for method in dir(kind) if not method.islower())
    for kind in (
        peewee.Field,
        peewee.Database,
        click.Group,
        io.RawIOBase,
        QtGui.QAccessibleInterface,
    ):
        found.update(dir(kind))
    found.update(dir(QtCore.QAbstractItemModel))
    return frozenset(found)


_NAIVE = {"date.today"} | {
    f"datetime.{name}" for name in ("now", "today", "utcnow", "utcfromtimestamp")
}


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_nobody_asks_for_a_time_without_a_zone(path):
    naive = [
        f"{_name(path)}:{node.lineno}"
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in _NAIVE
        if not (node.args or node.keywords) or "utc" in ast.unparse(node.func)
    ]

    assert naive == []


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=_name)
def test_the_package_never_prints(path):
    """A packaged program on Windows has nowhere to print to, and would stop."""
    printing = [
        f"{_name(path)}:{node.lineno}"
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "print"
    ]

    assert printing == []


def test_babels_core_is_never_the_first_that_is_loaded_of_it():
    """One thread in its core and one at its top would wait for each other, and Python then gives
    one of them a half-loaded module.
    """
    wanting = {
        _name(path)
        for path in PACKAGE.rglob("*.py")
        for core in re.findall(
            r"(.*)\n *from babel\.(?:core|localedata|plural) import", path.read_text("utf-8")
        )
        if not core.strip().startswith("import babel")
    }

    assert wanting == set()


@pytest.mark.parametrize("path", CATALOGUES, ids=_name)
def test_a_translation_has_the_places_of_its_text(path):
    with path.open("rb") as stream:
        texts = read_po(stream, abort_invalid=True)

    wrong = []
    for message in texts:
        singular = message.id if isinstance(message.id, str) else message.id[-1]
        said = [message.string] if isinstance(message.string, str) else list(message.string or ())
        for translation in filter(None, said if message.id else []):
            # A plural form for exactly one or two may leave its number out.
            missing = _places(singular) - _places(translation)
            if _places(translation) - _places(singular) or (missing and len(said) == 1):
                wrong.append((singular, translation))

    assert wrong == []


def _places(text: str) -> set[str]:
    return {name for _text, name, _spec, _conversion in Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("path", CATALOGUES, ids=_name)
def test_a_translation_into_plural_forms_has_all_of_them(path):
    with path.open("rb") as stream:
        texts = read_po(stream, locale=path.parts[-3], abort_invalid=True)

    halves = [
        message.id
        for message in texts
        if message.id and isinstance(message.string, tuple | list) and any(message.string)
        if len(message.string) != texts.num_plurals or not all(message.string)
    ]

    assert halves == []


def test_there_is_a_catalogue_for_every_language_that_we_promise():
    assert {path.parts[-3] for path in CATALOGUES} == {"ar", "de", "es", "fr", "hu", "pt_BR"}


_MACHINE = re.compile(
    r"(?<![\w.])/(work|root|Users|home/\w+)/|[A-Z]:\\Users|\b(?!127\.|0\.0\.0\.0|203\.0\.113\.|192\.0\.2\.)"
    r"(10\.\d{1,3}|192\.168|172\.(1[6-9]|2\d|3[01]))(\.\d{1,3}){2}\b"
)


def test_no_file_names_a_machine_that_it_was_made_on():
    found = []
    for name in _tracked():
        path = ROOT / name
        if path.suffix in {".png", ".mo", ".ico"} or not path.is_file():
            continue
        for number, line in enumerate(path.read_text("utf-8", "replace").splitlines(), 1):
            if _MACHINE.search(line) and path != Path(__file__):
                found.append(f"{name}:{number}: {line.strip()}")

    assert found == []


def _tracked() -> list[str]:
    """The files of the repository; of the folder, where there is no git."""
    if shutil.which("git") and (ROOT / ".git").exists():
        done = subprocess.run(
            ["git", "-c", "safe.directory=*", "ls-files"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.splitlines()
    return [
        path.relative_to(ROOT).as_posix()
        for path in ROOT.rglob("*")
        if path.is_file()
        and all(part in {".github", ".ci"} or part[0] not in "._" for part in _parts(path))
    ]


def _parts(path: Path) -> tuple[str, ...]:
    return path.relative_to(ROOT).parts[:-1]


def test_whoever_reads_the_readme_finds_what_it_names():
    for file in ("README.md", ".github/CONTRIBUTING.md", ".github/SECURITY.md"):
        text = (ROOT / file).read_text("utf-8")
        links = re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", text)
        gone = [link for link in links if not (ROOT / file).parent.joinpath(link).exists()]

        assert gone == [], file


_PACKAGES = {
    "argon2": "argon2-cffi",
    "babel": "Babel",
    "charset_normalizer": "charset-normalizer",
    "email_validator": "email-validator",
    "playhouse": "peewee",
    "PySide6": "PySide6-Essentials",
    "shiboken6": "PySide6-Essentials",
}


def test_whatever_is_imported_is_asked_for_in_the_projects_own_list():
    """A package that only happens to be there is gone one day."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    asked = {Requirement(line).name for line in project["project"]["dependencies"]}

    imported = {
        name.partition(".")[0]
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(_tree(path))
        for name in _imports(node)
    }
    foreign = {
        _PACKAGES.get(name, name) for name in imported - sys.stdlib_module_names - {"clinic_desk"}
    }

    assert foreign - asked == set()


def _imports(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module and not node.level:
        return [node.module]
    return []
