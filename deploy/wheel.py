"""Makes a wheel that carries the compiled console: who installs it needs no Node.js.

    python deploy/wheel.py DIRECTORY

It compiles the console if its sources changed, stages a copy of the sources with it, and packs that with the tools
that are installed: nothing is fetched.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

from execution_ops import frontend

SOURCES = ("pyproject.toml", "README.md", "LICENSE")
PACKAGE = "execution_ops"
# With it Reflex starts without making any page: those that have states of their own.
BACKEND = Path(".web") / "backend"


def main(target: Path) -> Path:
    """Build the wheel into the directory; its path."""
    frontend.ensure()
    with tempfile.TemporaryDirectory() as directory:
        stage = Path(directory)
        for name in SOURCES:
            shutil.copy(frontend.ROOT / name, stage / name)
        shutil.copytree(frontend.ROOT / PACKAGE, stage / PACKAGE, ignore=shutil.ignore_patterns("__pycache__"))
        carry(stage / PACKAGE / "_console")
        pip = (sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index")
        subprocess.run([*pip, "--wheel-dir", str(target.resolve()), str(stage)], check=True)
    return max(target.glob("execution_ops-*.whl"), key=lambda path: path.stat().st_mtime)


def carry(console: Path) -> None:
    """Put the compiled console, and what Reflex reads at its start, into the package."""
    shutil.copytree(frontend.BUILD, console / "client")
    shutil.copy(frontend.ROOT / "rxconfig.py", console / "rxconfig.py")
    shutil.copytree(frontend.ROOT / BACKEND, console / BACKEND)
    (console / "reflex-version").write_text(version("reflex"))


if __name__ == "__main__":
    print(main(Path(sys.argv[1] if len(sys.argv) > 1 else "dist")))
