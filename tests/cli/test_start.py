"""Help and wrong usage are answered at once."""

from __future__ import annotations

import subprocess
import sys

HEAVY = ("alembic", "dbos", "httpx", "reflex", "sqlalchemy", "uvicorn")


def test_the_command_line_starts_without_engine_and_server() -> None:
    code = f"import sys, execution_ops.cli; print(*sorted(set({HEAVY}) & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
