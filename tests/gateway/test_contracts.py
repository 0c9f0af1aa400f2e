"""The recorded contracts of each profile: what is sent is what was recorded, what comes back is understood."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from execution_ops.backends.gateway.backend import GatewayBackend
from execution_ops.backends.gateway.files import FileCache
from execution_ops.backends.gateway.profile import NOTHING, OURS, PROFILES, STELLA, Profile
from execution_ops.backends.gateway.transport import Transport
from execution_ops.domain.capabilities import CONTRACT, FEATURES, CapabilityDocument
from execution_ops.domain.errors import Conflict
from execution_ops.domain.job_verbs import SCAN
from execution_ops.domain.letter_verbs import REPLAY
from execution_ops.domain.quota_verbs import QUOTA_PAUSE
from execution_ops.domain.quotas import QuotaState
from execution_ops.domain.schedule_verbs import RUN_CANCEL, SCHEDULE_PAUSE
from execution_ops.domain.states import JobState, RunState
from execution_ops.domain.worker_verbs import WORKER_DRAIN
from tests.contracts.calls import CALLS
from tests.contracts.exchanges import ROOT, Replay, read

NOTHING_ASKED = CapabilityDocument(contract=CONTRACT, features=FEATURES)
RECORDED = [
    (profile, path.stem)
    for profile in PROFILES
    for path in sorted((ROOT / profile).glob("*.json"))
    if path.stem != "ids"
]


def replayed(profile: Profile, name: str, folder: Path) -> Any:
    """What the gateway makes of the recorded answers to the call of that name."""
    wire = Replay(read(profile.name, name))
    known = name != "capabilities"
    taken = profile.model_copy(update={"capabilities": "", "offers": NOTHING_ASKED}) if known else profile
    gateway = GatewayBackend(Transport("http://127.0.0.1", taken, transport=wire), FileCache(folder), follows=False)
    ids = json.loads((ROOT / profile.name / "ids.json").read_text())
    found = CALLS[name](gateway, ids)
    wire.check_all_asked()
    return found


@pytest.mark.parametrize(("profile", "name"), RECORDED)
def test_what_is_sent_is_what_was_recorded(profile: str, name: str, tmp_path: Path) -> None:
    assert replayed(PROFILES[profile], name, tmp_path) is not None


def test_every_call_is_recorded_of_ours_and_each_profile_has_some() -> None:
    assert {name for profile, name in RECORDED if profile == OURS.name} == set(CALLS)
    assert {name for profile, name in RECORDED if profile == STELLA.name} >= {"quotas", "quota-pause", "runs"}


def test_another_spelling_means_the_same(tmp_path: Path) -> None:
    quotas = replayed(STELLA, "quotas", tmp_path)
    assert [(quota.job_type, quota.limits.max_active) for quota in quotas] == [("scan", 5), ("export", None)]
    assert replayed(STELLA, "quota-pause", tmp_path).state is QuotaState.PAUSED
    assert replayed(STELLA, "runs", tmp_path).rows[0].state is RunState.CANCELED
    assert replayed(STELLA, "run-cancel", tmp_path).state is RunState.CANCELED
    assert replayed(OURS, "job-cancel", tmp_path)[0].state is JobState.CANCELED


def test_what_a_profile_does_not_have_is_not_asked_for(tmp_path: Path) -> None:
    gateway = GatewayBackend(Transport("http://127.0.0.1", STELLA, transport=Replay([])), FileCache(tmp_path))
    for ask in (gateway.kit_place, gateway.scanner_settings, lambda: gateway.schedules(tenants=None)):
        with pytest.raises(Conflict, match="nothing of this kind"):
            ask()
    with pytest.raises(Conflict, match="older version"):
        gateway.last_change()


def test_a_deviation_is_noticed(tmp_path: Path) -> None:
    (exchange,) = read(OURS.name, "job-cancel")
    replay = Replay([exchange])
    other = httpx.Request("POST", f"http://127.0.0.1{exchange['request']['path']}", json={"ids": []})
    with pytest.raises(AssertionError):
        replay.handle_request(other)


def test_every_file_says_where_it_is_from() -> None:
    for profile, name in RECORDED:
        whole = json.loads((ROOT / profile / f"{name}.json").read_text())
        assert whole["source"]


def test_what_a_gateway_of_that_style_does_not_have_is_off_before_anything_is_asked(tmp_path: Path) -> None:
    gateway = GatewayBackend(Transport("http://127.0.0.1", STELLA, transport=Replay([])), FileCache(tmp_path))
    unable = gateway.capabilities.unable()
    assert unable.keys() >= {SCAN.name, SCHEDULE_PAUSE.name, WORKER_DRAIN.name}
    assert unable.keys().isdisjoint({QUOTA_PAUSE.name, RUN_CANCEL.name, REPLAY.name, "cancel"})
    assert set(unable.values()) == {NOTHING}
