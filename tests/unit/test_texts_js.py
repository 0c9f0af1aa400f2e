"""What the islands say stands in their catalogue, `assets/islands/words.js`, and nowhere else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.unit.test_texts import SENTENCE

ASSETS = Path(__file__).parents[2] / "assets"
WORDS = ASSETS / "islands" / "words.js"
# How times and sizes are written is a catalogue of its own; shapes of icons and looks of edges say nothing.
APART = {"words.js", "format.js", "icon-table.js", "graph_paths.js"}
SOURCES = [path for path in sorted(ASSETS.rglob("*.js*")) if path.name not in APART]
CLASSES = {name for path in ASSETS.rglob("*.css") for name in re.findall(r"\.([a-z][a-z0-9-]*)", path.read_text())}
KEYS = {"Tab", "Enter", "Esc", "Escape", "Home", "End", "Ctrl K", "Control+K"}
# Calls and attributes whose texts the browser reads.
FOR_THE_BROWSER = re.compile(r"(?:closest|matches|querySelector|querySelectorAll|matchMedia)(?:\?\.)?\($")
# Comments, regular expressions, strings: what of a source is not code.
NOT_CODE = re.compile(
    r"""/\*.*?\*/|//[^\n]*
    |(?<=[=(,&|?:])\s*/(?![*/])(?:\\.|\[(?:\\.|[^\]\\])*\]|[^/\\\n\[])+/[a-z]*
    |"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`""",
    re.DOTALL | re.VERBOSE,
)
# Words between tags, or between a tag and an expression.
BETWEEN_TAGS = re.compile(r"(?<!=)[>}]([^<>{}=()&|;\[\]]*[A-Za-z]{2}[^<>{}=()&|;\[\]]*)[<{]")
CODE_BETWEEN = re.compile(r"\s*(?:else|catch|finally)\s*|\s*,\s*\w+:\s*")


def is_said(text: str) -> bool:
    """Whether a string is words, and not classes, a key or an address."""
    if text in KEYS or text.startswith(("Arrow", "Page", "$/")) or all(word in CLASSES for word in text.split()):
        return False
    return bool(SENTENCE.search(text))


def sentences(source: str) -> list[tuple[int, str]]:
    """What is said in a source: its line and its text."""
    found = []

    def take(match: re.Match[str]) -> str:
        text, before = match[0], source[max(0, match.start() - 40) : match.start()]
        if text.strip()[0] in "\"'`" and not FOR_THE_BROWSER.search(before):
            parts = re.split(r"\$\{.*?(?:\}|$)", text[1:-1])
            found.extend((source.count("\n", 0, match.start()) + 1, part) for part in parts if is_said(part))
        return re.sub(r"[^\n]", " ", text)

    code = re.sub(r"^import .*$", "", NOT_CODE.sub(take, source), flags=re.MULTILINE)
    for match in BETWEEN_TAGS.finditer(code):
        if match[1].strip() not in KEYS and not CODE_BETWEEN.fullmatch(match[1]):
            found.append((code.count("\n", 0, match.start()) + 1, match[1].strip()))
    return sorted(found)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_an_island_takes_its_words_from_the_catalogue(path: Path) -> None:
    assert sentences(path.read_text()) == []


@pytest.mark.parametrize(
    "source",
    [
        "return <p>Nothing here</p>;",
        "<button>\n  Undo\n</button>",
        "<span>{sent} of {size}</span>",
        '<Menu label="Columns" icon="columns-3">',
        'const why = lost ? "Not connected" : "";',
        "setProblem(`The server answered ${status}.`);",
        'title={late ? "less than a minute left" : ""}',
    ],
)
def test_a_sentence_is_found(source: str) -> None:
    assert sentences(source)


@pytest.mark.parametrize(
    "source",
    [
        'import { useId } from "react";\nimport { Icon } from "$/public/islands/icon.jsx";',
        'return <p className="help bad">{words.SAY_WHY}</p>;',
        'const row = document.querySelector("main h1"); // The head of the page.',
        'if (event.key === "ArrowDown" || text.replace(/ "ago"$/, "") === text) return null;',
        "<kbd>Enter</kbd>",
        'const look = on ? "opt on" : "opt";',
        "if (a > b) {\n  go();\n} else {\n  stop();\n}",
    ],
)
def test_what_is_no_word_of_an_island_is_not(source: str) -> None:
    assert sentences(source) == []


def test_the_catalogue_has_nothing_but_words() -> None:
    code = NOT_CODE.sub(lambda match: "" if match[0][0] == "/" else '""', WORDS.read_text())
    value = r'(?:""|\{[^{}]*\}|\([\w, ]*\) =>\s[^;]*)'
    assert re.sub(rf"export const \w+ =\s{value};", "", code).split() == []


def test_each_word_of_the_catalogue_is_used() -> None:
    text = WORDS.read_text()
    names = re.findall(r"^export const (\w+)", text, re.MULTILINE)
    used = {name for path in SOURCES for name in re.findall(r"\bwords\.(?!js\b)(\w+)", path.read_text())}
    assert [name for name in names if name not in used and len(re.findall(rf"\b{name}\b", text)) == 1] == []
    assert used - set(names) == set()
    assert len(names) == len(set(names))
