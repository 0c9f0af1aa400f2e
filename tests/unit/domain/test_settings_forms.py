"""The form of the scanner's settings: texts to values and back, ranges in words, differences."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from execution_ops.domain.scanner_settings import (
    GIB,
    MIB,
    BenchBudget,
    CacheLimits,
    Determinism,
    ScanLimits,
    ScannerSettings,
    SettingsValues,
    Staleness,
    Timeouts,
    TrustKey,
    TrustUse,
)
from execution_ops.domain.settings_changes import all_changes, changes, rebase
from execution_ops.domain.settings_forms import (
    SECTIONS,
    fields_by_name,
    form_fields,
    form_texts,
    problems_of,
    read_form,
    value_of,
)

DEFAULTS = SettingsValues()
TEXTS = form_texts(DEFAULTS)
_LINE = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=100).map(str.strip)
_SIZE = st.integers(MIB, 1024 * GIB)

VALUES = st.builds(
    SettingsValues,
    determinism=st.builds(
        Determinism,
        fixed_instant=st.integers(0, 200 * 365 * 86_400_000).map(
            lambda ms: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms)
        ),
        seed=st.integers(0, 2**31 - 1),
        concurrency_limit=st.integers(1, 64),
        feed_snapshot_id=_LINE,
        policy_snapshot_id=_LINE,
    ),
    limits=st.builds(ScanLimits, files_max=st.integers(1, 10_000_000), unpacked_max=_SIZE),
    timeouts=st.builds(Timeouts, inspect_s=st.integers(10, 86_400), catalog_s=st.integers(10, 86_400)),
    cache=st.builds(CacheLimits, enabled=st.booleans(), ttl_days=st.integers(1, 365), max_bytes=_SIZE),
    staleness=st.integers(1, 8000).flatmap(
        lambda amber: st.builds(Staleness, amber_h=st.just(amber), red_h=st.integers(amber + 1, 8760))
    ),
    bench=st.builds(BenchBudget, max_ms=st.integers(1, 3_600_000), worse_percent=st.integers(1, 1000)),
)


def test_every_value_has_a_field_with_label_help_and_range() -> None:
    assert {field.section for field in form_fields()} == set(SECTIONS) == set(SettingsValues.model_fields)
    for field in form_fields():
        assert field.label
        assert field.help
        assert field.range.endswith(".")
        assert field.kind == "flag" or field.high is not None


@given(VALUES)
def test_what_the_form_shows_reads_back_as_the_same(values: SettingsValues) -> None:
    assert read_form(form_texts(values)) == (values, {})


@given(VALUES, VALUES)
def test_differences_name_exactly_what_differs(before: SettingsValues, after: SettingsValues) -> None:
    found = changes(before, after)
    differing = [f.name for f in form_fields() if value_of(before, f.name) != value_of(after, f.name)]
    assert [one.field for one in found] == differing
    assert all(one.before != one.after for one in found)
    assert changes(before, before) == []


@given(st.dictionaries(st.sampled_from([field.name for field in form_fields()]), st.text(max_size=1200)))
def test_any_text_is_read_or_told_at_its_field(typed: dict[str, str]) -> None:
    values, problems = read_form({**TEXTS, **typed})
    assert (values is None) == bool(problems)
    assert set(problems) <= set(fields_by_name())
    assert all(problems.values())


@given(VALUES, VALUES, VALUES)
def test_a_draft_on_top_of_another_save_keeps_both(
    seen: SettingsValues, now: SettingsValues, draft: SettingsValues
) -> None:
    was, saved, mine = form_texts(seen), form_texts(now), form_texts(draft)
    result = rebase(was, saved, mine)
    for name in result:
        assert result[name] == (mine[name] if mine[name] != was[name] else saved[name])


@pytest.mark.parametrize(
    ("name", "typed", "told"),
    [
        ("determinism.concurrency_limit", "65", "Between 1 and 64 threads."),
        ("determinism.concurrency_limit", "0", "Between 1 and 64 threads."),
        ("determinism.concurrency_limit", "many", "A whole number. Between 1 and 64 threads."),
        ("determinism.concurrency_limit", "1.5", "A whole number. Between 1 and 64 threads."),
        ("determinism.concurrency_limit", "٣", "A whole number. Between 1 and 64 threads."),
        ("determinism.fixed_instant", "1969-12-31T23:59:59Z", "Between 1970-01-01 and 2199-12-31."),
        ("determinism.feed_snapshot_id", "x" * 101, "At most 100 characters on one line."),
        ("determinism.feed_snapshot_id", "a\x00b", "At most 100 characters on one line."),
        ("limits.unpacked_max", "1025", "Between 1 MiB and 1,024 GiB."),
        ("cache.ttl_days", "366", "Between 1 and 365 days."),
        ("cache.enabled", "perhaps", "On or off."),
        ("staleness.amber_h", "72", "Amber comes before red: fewer than 72 hours."),
    ],
)
def test_what_is_out_of_range_is_told_with_the_range(name: str, typed: str, told: str) -> None:
    assert read_form({**TEXTS, name: typed}) == (None, {name: told})


@pytest.mark.parametrize(
    ("typed", "size"),
    [
        ("5", 5 * GIB),
        ("0.5", GIB // 2),
        ("512 MiB", GIB // 2),
        ("1 TiB", 1024 * GIB),
        ("5,000,000,000 bytes", 5 * 10**9),
    ],
)
def test_sizes_are_gib_unless_they_name_their_unit(typed: str, size: int) -> None:
    values, _ = read_form({**TEXTS, "cache.max_bytes": typed})
    assert values is not None
    assert values.cache.max_bytes == size


def test_an_instant_without_a_zone_is_utc_and_another_zone_is_converted() -> None:
    for typed, hour in (("2024-05-01T12:00", 12), ("2024-05-01T12:00:00+02:00", 10)):
        values, _ = read_form({**TEXTS, "determinism.fixed_instant": typed})
        assert values is not None
        assert values.determinism.fixed_instant == datetime(2024, 5, 1, hour, tzinfo=UTC)


def test_a_naive_instant_is_no_setting() -> None:
    with pytest.raises(ValidationError):
        Determinism.model_validate({"fixed_instant": "2024-01-01T00:00:00"})


def test_what_the_model_refuses_is_told_in_the_words_of_the_form() -> None:
    with pytest.raises(ValidationError) as caught:
        SettingsValues.model_validate(
            {"cache": {"ttl_days": 0}, "staleness": {"amber_h": 9, "red_h": 3}, "bench": {"wrong": 1}}
        )
    told = problems_of(caught.value)
    assert told["cache.ttl_days"] == "Between 1 and 365 days."
    assert told["staleness.amber_h"] == "Amber comes before red: fewer than 3 hours."
    assert "bench.wrong" in told


def test_keys_are_told_of_with_what_they_are_trusted_for() -> None:
    key = TrustKey(
        name="release",
        use=TrustUse.KIT,
        pem="",
        fingerprint="ab" * 32,
        algorithm="Ed25519",
        added_at=datetime(2024, 1, 1, tzinfo=UTC),
    )
    none, some = ScannerSettings(), ScannerSettings(trust=(key,))
    off = ScannerSettings(trust=(key.model_copy(update={"enabled": False}),))
    [added] = all_changes(none, some)
    assert (added.label, added.before) == ("Key release", "not there")
    assert added.after == "trusted for offline kits (Ed25519, abababababababab…)"
    [disabled] = all_changes(some, off)
    assert disabled.after.startswith("disabled for offline kits")
    assert [one.after for one in all_changes(some, none)] == ["not there"]


def test_values_and_trust_roots_are_apart() -> None:
    settings = ScannerSettings(cache=CacheLimits(ttl_days=7))
    assert settings.values().cache.ttl_days == 7
    assert settings.with_values(DEFAULTS).cache.ttl_days == 30
