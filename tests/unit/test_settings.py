"""Settings: defaults that work, refusals that name the variable."""

from __future__ import annotations

from pathlib import Path

import pytest

from execution_ops.settings import PREFIX, Settings, settings


@pytest.fixture(autouse=True)
def fresh_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(PREFIX + name.upper(), raising=False)
    settings.cache_clear()


def test_the_defaults_need_no_configuration() -> None:
    found = settings()
    assert (found.host, found.port) == ("127.0.0.1", 8420)
    assert found.url().startswith("sqlite:////")
    assert found.roots() == (Path.cwd().resolve(),)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HOST", "0.0.0.0"),
        ("HOST", "::"),
        ("HOST", "console.example"),
        ("PORT", "0"),
        ("PORT", "http"),
        ("DATABASE_URL", "mysql://localhost/x"),
        ("POLL_INTERVAL", "0"),
        ("LOG_LEVEL", "loud"),
        ("WORKER_CONCURRENCY", "-1"),
        ("ENVIRONMENT_COLOR", "pink"),
        ("ENVIRONMENT_COLOR", "red; background: url(x)"),
    ],
)
def test_a_bad_value_stops_the_start_and_names_its_variable(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(PREFIX + name, value)
    with pytest.raises(SystemExit) as refusal:
        settings()
    assert PREFIX + name in str(refusal.value)


def test_a_worker_is_not_lost_before_it_could_have_beaten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PREFIX + "LOST_AFTER", "6")
    with pytest.raises(SystemExit, match="LOST_AFTER"):
        settings()


def test_lists_are_split_and_links_resolved(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    monkeypatch.setenv(PREFIX + "SCAN_ROOTS", f"{tmp_path / 'link'}:{tmp_path}")
    monkeypatch.setenv(PREFIX + "REDACT_KEYS", "Pin, secret")
    assert settings().roots() == (tmp_path / "real", tmp_path)
    assert settings().redact_keys == ("pin", "secret")


def test_postgresql_is_spoken_through_psycopg(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PREFIX + "DATABASE_URL", "postgresql://ops@localhost/ops")
    assert settings().url() == "postgresql+psycopg://ops@localhost/ops"


def test_a_person_is_told_where_the_jobs_are_and_no_password(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert settings().place() == str(tmp_path / ".data")
    monkeypatch.setenv(PREFIX + "DATABASE_URL", "postgresql://ops:hunter2@localhost/ops")
    settings.cache_clear()
    assert settings().place() == f"the database of {PREFIX}DATABASE_URL"


@pytest.mark.parametrize(
    ("name", "color", "expected"),
    [
        ("local", "", "neutral"),
        ("Production", "", "red"),
        ("production", "violet", "violet"),
        ("staging", "amber", "amber"),
    ],
)
def test_the_badge_is_red_in_production_unless_told_otherwise(
    monkeypatch: pytest.MonkeyPatch, name: str, color: str, expected: str
) -> None:
    monkeypatch.setenv(PREFIX + "ENVIRONMENT", name)
    monkeypatch.setenv(PREFIX + "ENVIRONMENT_COLOR", color)
    assert settings().badge_color() == expected
