"""Job types of other packages come in by entry point."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from execution_ops import job_types
from execution_ops.domain.errors import InvalidInput
from execution_ops.domain.job_types import REGISTRY
from execution_ops.domain.schedules import ScheduleSpec
from execution_ops.services.run_targets import dag_for

MODULE = """
from pydantic import BaseModel
from execution_ops.domain.job_types import job_type

class Payload(BaseModel):
    city: str

@job_type("weather.fetch", queue="weather", payload=Payload, max_attempts=7)
def fetch(job, payload):
    "Fetches the weather."
    return {"city": payload.city}
"""


def test_an_installed_package_brings_its_job_types(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "weather_jobs.py").write_text(MODULE)
    info = tmp_path / "weather_jobs-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: weather-jobs\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[execution_ops.job_types]\nweather = weather_jobs\n")
    # The built-in ones first: their modules register once, and would do so into the copy.
    job_types.load()
    monkeypatch.setattr(REGISTRY, "_types", dict(REGISTRY._types))
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "weather_jobs", raising=False)
    assert REGISTRY.get("weather.fetch") is None
    job_types.load()
    entry = REGISTRY.get("weather.fetch")
    assert entry is not None
    assert (entry.queue, entry.max_attempts, entry.description) == ("weather", 7, "Fetches the weather.")
    sys.modules.pop("weather_jobs")


def test_the_built_in_job_types_are_there() -> None:
    job_types.load()
    names = {entry.name for entry in REGISTRY.all()}
    assert {"ops.bulk", "scan.inspect", "scan.merge"} <= names


def test_of_the_consoles_own_a_schedule_starts_only_scans() -> None:
    job_types.load()
    own = [entry for entry in REGISTRY.all() if entry.is_own]
    assert {"kit.activate", "kit.export", "ops.bulk", "bench.run", "scan.catalog"} <= {entry.name for entry in own}
    assert [entry.name for entry in own if entry.for_schedules] == ["scan.inspect"]
    for entry in own:
        if not entry.for_schedules:
            spec = ScheduleSpec(name="forged", job_type=entry.name, cron="@daily", payload={"asked": {"actor": "ann"}})
            with pytest.raises(InvalidInput, match="the console's own: no schedule starts them"):
                dag_for(spec, "")
