"""The documents and the code agree."""

from __future__ import annotations

from pathlib import Path

from execution_ops.settings import PREFIX, Settings

README = (Path(__file__).parents[2] / "README.md").read_text()


def test_the_readme_lists_every_setting_with_its_default_and_meaning() -> None:
    for name, field in Settings.model_fields.items():
        default = ",".join(field.default) if isinstance(field.default, tuple) else str(field.default)
        shown = f"`{default}`" if default else "(empty)"
        assert f"| `{PREFIX}{name.upper()}` | {shown} | {field.description} |" in README
