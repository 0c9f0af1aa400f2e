"""What jobs hand over is data: nothing runs it, a damaged row harms no other, and no browser keeps a secret."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

import execution_ops
from execution_ops.backends.embedded.engines import write
from execution_ops.domain.access import Scope
from tests.api.document import operations
from tests.furnished import Asking, Request, furnished, request_for

SOURCES = Path(execution_ops.__file__).parent
ASSETS = SOURCES.parent / "assets"
TENANT = "acme"
RUNNING = {"eval", "exec", "compile", "__import__"}
UNPACKING = {"pickle", "cPickle", "dill", "cloudpickle", "marshal", "shelve", "joblib", "yaml"}


def calls_and_imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield node.func.id
        elif isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield (node.module or "").partition(".")[0]


def test_nothing_here_runs_what_it_reads() -> None:
    found = {
        f"{path.relative_to(SOURCES)}: {name}"
        for path in SOURCES.rglob("*.py")
        for name in calls_and_imports(path)
        if name in RUNNING | UNPACKING
    }
    assert found == set()


def test_the_engine_stores_json_and_reads_nothing_else() -> None:
    for path in SOURCES.joinpath("backends", "embedded").rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        if "DBOSClient(" in source or "DBOSConfig" in source:
            assert "DBOSPortableJSONSerializer" in source, path


def test_only_preferences_are_kept_in_the_browser() -> None:
    keeping = {
        path.relative_to(ASSETS).as_posix()
        for path in ASSETS.rglob("*.js*")
        if re.search(r"localStorage|sessionStorage|indexedDB|document\.cookie", path.read_text(encoding="utf-8"))
    }
    assert keeping <= {"islands/prefs.js"}
    for path in SOURCES.rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        assert not re.search(r"\brx\.(LocalStorage|SessionStorage|Cookie)\b", source), path


@pytest.fixture
def asking(tmp_path: Path, sqlite_template: Path) -> Iterator[Asking]:
    with furnished(tmp_path, sqlite_template, (TENANT,)) as made:
        yield Asking(made)


async def test_a_row_that_is_damaged_breaks_no_list(asking: Asking) -> None:
    """As if a job, or whoever had the database at hand, had left anything at all in it."""
    things = asking.there.of[TENANT].ids
    with write(asking.there.bench.backend.engine) as connection:
        for statement in (
            "UPDATE job SET label = :odd, error_message = :odd, progress_total = -5, node_key = :odd WHERE id = :id",
            "UPDATE job_value SET body = :odd WHERE job_n = (SELECT n FROM job WHERE id = :id)",
        ):
            odd = '\u202e\x1b[2J{"not": json' + "x" * 5_000
            connection.execute(text(statement), {"odd": odd, "id": things["job_id"]})
    for name in ("list_jobs", "summarize_jobs", "export_jobs", "get_job", "get_dag_of_job"):
        [operation] = [one for one in operations() if one.id == name]
        wanted = request_for(operation, asking.there, TENANT)
        answer = await asking.send(Request(wanted.method, wanted.url, wanted.headers, None), frozenset(Scope))
        assert answer.status_code == 200, (name, answer.text[:300])
        if name in ("list_jobs", "export_jobs"):
            assert things["dead_job_id"] in answer.text
