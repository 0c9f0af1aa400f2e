"""The wheel with the compiled console, installed where there is no Node.js."""

from __future__ import annotations

import os
import runpy
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

from execution_ops.settings import PREFIX, Settings

DEPLOY = Path(__file__).parents[1] / "deploy"
# What only a checkout has: ourselves as sources, Node.js, and what makes packages.
_LEFT_OUT = ("__editable__", "execution_ops", "nodejs", "__pycache__", "pip", "setuptools")


def build_wheel(folder: Path) -> Path:
    """What `make wheel` makes."""
    folder.mkdir()
    made: Path = runpy.run_path(str(DEPLOY / "wheel.py"))["main"](folder)
    return made


def _as_installed() -> dict[str, str]:
    """Our environment without what keeps Python from writing bytecode, which an installed package has."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


class Installed:
    """A virtual environment with the wheel in it, and beside it what it needs, as links: to install takes minutes."""

    def __init__(self, folder: Path, wheel: Path) -> None:
        self.folder = folder
        venv.create(folder / "venv", with_pip=False)
        self.python = folder / "venv" / "bin" / "python"
        self.packages = next((folder / "venv" / "lib").glob("python*")) / "site-packages"
        pip = (sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target")
        subprocess.run([*pip, str(self.packages), str(wheel)], check=True, env=_as_installed())
        for path in Path(sysconfig.get_path("purelib")).iterdir():
            if not path.name.startswith(_LEFT_OUT) and not (self.packages / path.name).exists():
                (self.packages / path.name).symlink_to(path)
        # Nothing at all is on PATH, so neither is `node`.
        (folder / "bin").mkdir()

    def environment(self, data_dir: Path, **settings: str) -> dict[str, str]:
        """The environment of its processes."""
        known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
        rest = {name: value for name, value in _as_installed().items() if name not in known}
        own = {f"{PREFIX}{name}": value for name, value in ({"DATA_DIR": str(data_dir)} | settings).items()}
        return rest | own | {"PATH": str(self.folder / "bin")}

    def command(self, *arguments: str) -> list[str]:
        """A command of the installed program."""
        return [str(self.python), "-m", "execution_ops", *arguments]

    def console_files(self) -> set[str]:
        """What of the console lies in the package."""
        console = self.packages / "execution_ops" / "_console"
        return {path.relative_to(console).as_posix() for path in console.rglob("*") if "__pycache__" not in path.parts}
