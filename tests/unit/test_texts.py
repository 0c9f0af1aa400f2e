"""What the console says on screen stands in the catalogues of `execution_ops/texts`, and nowhere else."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

PACKAGE = Path(__file__).parents[2] / "execution_ops"
TEXTS = sorted((PACKAGE / "texts").glob("*.py"))
PAGES = sorted((PACKAGE / "pages").glob("*.py"))
SPEAKING = [
    path for folder in ("pages", "state", "components", "shell") for path in sorted((PACKAGE / folder).glob("*.py"))
]
# Two words, or one that begins a sentence: the first letter alone is a capital.
SENTENCE = re.compile(r"[A-Za-z]{2,}[,.:;]? +[A-Za-z]|^[A-Z][a-z]|[A-Za-z].*[.…?] *$")
# Arguments that take what the browser or the code reads: classes, names, tones, addresses, numbers of a format.
CODE = {"class_name", "look", "trigger", "tone", "custom_attrs", "style", "auto_complete", "content", "app_wraps"}
# What the compiler reads of a component.
COMPILED = {"tag", "alias", "library"}
# Calls whose texts are for who reads the log or for the browser, or say what an address does that no page can show.
NOT_SHOWN = {"debug", "info", "warning", "error", "exception", "InvalidInput", "compile", "sample", "Var"}
# Names that no language translates, and what stands on keys.
NAMES = {"PostgreSQL", "SQLite", "Ctrl K", "Enter", "Esc"}


def literals(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """The texts of a module but its docstrings and what no reader of a page sees, each with its line."""
    unseen = {part for node in ast.walk(tree) for hidden in unseen_of(node) for part in ast.walk(hidden)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in unseen:
            yield node.lineno, node.value


def unseen_of(node: ast.AST) -> list[ast.AST]:
    """The parts of a node that no reader of a page sees."""
    match node:
        case ast.Module() | ast.ClassDef() | ast.FunctionDef() | ast.AsyncFunctionDef():
            return [node.body[0]] if isinstance(node.body[0], ast.Expr) and text_of(node.body[0].value) else []
        case ast.keyword() if node.arg in CODE:
            return [node.value]
        case ast.Dict():
            return [value for key, value in zip(node.keys, node.values, strict=True) if text_of(key) in CODE]
        case ast.Assign() if getattr(node.targets[0], "id", "") in COMPILED:
            return [node.value]
        case ast.Subscript() if getattr(node.value, "id", "") == "Literal":
            return [node.slice]
        case ast.Call() if called(node) in NOT_SHOWN:
            return [*node.args]
        case ast.FormattedValue() if node.format_spec is not None:
            return [node.format_spec]
        case ast.AnnAssign():
            return [node.annotation]
        case _:
            return []


def text_of(node: ast.expr | None) -> str:
    """The text that a node is, "" if it is none."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def called(node: ast.Call) -> str:
    """The name of what is called."""
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def sentences(source: str) -> list[tuple[int, str]]:
    """What is said in a module: its line and its text."""
    found = literals(ast.parse(source))
    return sorted((line, text) for line, text in found if SENTENCE.search(text) and text not in NAMES)


@pytest.mark.parametrize("path", SPEAKING, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_what_stands_on_a_page_is_taken_from_the_catalogues(path: Path) -> None:
    assert sentences(path.read_text()) == []


@pytest.mark.parametrize(
    "source",
    [
        'rx.el.p("No job yet")',
        'rx.el.h2("Queues")',
        'rx.el.span(f"{count} jobs wait")',
        'empty("", f"Nothing of {name}.")',
        'self.summary = "nothing waits"',
    ],
)
def test_a_sentence_is_found(source: str) -> None:
    assert sentences(source)


@pytest.mark.parametrize(
    "source",
    [
        'table(TABLE, rows, key="id", label=words.JOBS)',
        'rx.el.span(row.id, class_name="sub mono trunc")',
        'log.warning("reading %r failed", name)',
        'raise InvalidInput("This address is too long.")',
        'icon("triangle-alert")',
    ],
)
def test_what_is_no_word_of_a_page_is_not(source: str) -> None:
    assert sentences(source) == []


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_a_catalogue_has_nothing_but_words(path: Path) -> None:
    kinds = (ast.Import, ast.ImportFrom, ast.AnnAssign, ast.FunctionDef)
    first, *rest = ast.parse(path.read_text()).body
    assert isinstance(first, ast.Expr)
    assert [ast.unparse(node) for node in rest if not isinstance(node, kinds)] == []


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_each_word_of_a_catalogue_is_used(path: Path) -> None:
    said = {
        node.attr
        for module in [*SPEAKING, PACKAGE / "execution_ops.py", PACKAGE / "api" / "auth.py"]
        for node in ast.walk(ast.parse(module.read_text()))
        if isinstance(node, ast.Attribute)
    }
    tree = ast.parse(path.read_text())
    inside = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    own = [
        node.name if isinstance(node, ast.FunctionDef) else node.target.id
        for node in tree.body
        if isinstance(node, ast.FunctionDef) or (isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name))
    ]
    assert [name for name in own if name not in said | inside] == []
    assert len(own) == len(set(own))


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_a_sentence_gets_what_it_has_places_for(path: Path) -> None:
    tree = ast.parse(path.read_text())
    modules = {
        alias.asname or alias.name: f"{node.module}.{alias.name}"
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.module == "execution_ops.texts"
        for alias in node.names
    }
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and called(node) == "said" and isinstance(node.args[0], ast.Attribute)):
            continue
        sentence = node.args[0]
        assert isinstance(sentence.value, ast.Name)
        catalogue = __import__(modules[sentence.value.id], fromlist=[""])
        places = {name for _, name, _, _ in Formatter().parse(getattr(catalogue, sentence.attr)) if name}
        assert {keyword.arg for keyword in node.keywords} == places, f"{path.name}:{node.lineno}"
