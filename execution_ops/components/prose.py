"""Words of the catalogue on the page: sentences with something in their places, nouns that follow a count."""

from __future__ import annotations

from string import Formatter

import reflex as rx


def said(sentence: str, **places: object) -> rx.Component:
    """A sentence of the catalogue with its `{named}` places filled: by a figure, a link, an instant."""
    parts: list[object] = []
    for text, name, _, _ in Formatter().parse(sentence):
        parts += [text] if text else []
        parts += [places[name]] if name else []
    return rx.fragment(*parts)


def noun(count: int | rx.Var[int], words: tuple[str, str]) -> rx.Var[str]:
    """The noun that fits a count; `words` is it for one and for many."""
    return rx.cond(count == 1, *words)


def muted(word: object) -> rx.Component:
    """A word in place of what is missing."""
    return rx.el.span(word, class_name="fg3")


def or_word(value: rx.Var[str], word: str, shown: object = None) -> rx.Component:
    """`value`, or `shown` where it is drawn as more than a text; the muted word where it is empty."""
    return rx.cond(value != "", value if shown is None else shown, muted(word))
