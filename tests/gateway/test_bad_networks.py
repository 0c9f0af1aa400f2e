"""What a bad network or a broken remote does becomes a typed error in plain words, soon and with little memory."""

from __future__ import annotations

import hashlib
import re
import resource
import socket
import time
from contextlib import suppress
from pathlib import Path

import pytest

from execution_ops.backends.gateway.failures import Garbled, Refused
from execution_ops.backends.gateway.transport import Limits
from execution_ops.domain.errors import Conflict, Forbidden, InvalidInput, NotFound, OpsError, Unavailable
from execution_ops.domain.filters import JobFilter
from execution_ops.domain.ids import new_id
from execution_ops.domain.verbs import Stamp
from tests.execution import STAMP
from tests.gateway.conftest import HASTY, PATIENT, Make, gateway_to
from tests.gateway.hostile import Answer, Flood, answer, drip, half, hang_up, head, refusal, silent

NOTHING = answer(200, {"items": [], "next_cursor": None, "searched": None})
KEYED = STAMP.model_copy(update={"idempotency_key": "k-1"})
ONE = answer(200, {"items": [{"id": "a", "done": True}], "done": 1, "refused": 0})


def listed(gateway: object) -> object:
    """Ask for the list of jobs."""
    return gateway.list_jobs(JobFilter(), tenants=None, cursor=None, limit=50)  # type: ignore[attr-defined]


def in_words(error: OpsError) -> None:
    """A sentence for a person: no class, no token, nothing of the way there but the host."""
    assert re.fullmatch(r"[A-Z].*\.", error.message, re.DOTALL), error.message
    for word in ("Traceback", "httpx", "Error(", "secret-token", "None"):
        assert word not in error.message


def test_a_port_that_nobody_listens_on(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        gateway = gateway_to(url, tmp_path)
        with pytest.raises(Unavailable, match="can't be reached") as caught:
            listed(gateway)
        assert caught.value.code == "REMOTE_UNREACHABLE"
        in_words(caught.value)
        # Nothing was sent, so it does no harm to try a change again.
        with pytest.raises(Unavailable):
            gateway.cancel([new_id()], STAMP)
        gateway.close()


def test_a_connection_that_is_not_taken(tmp_path: Path) -> None:
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        crowd = [socket.socket() for _ in range(4)]
        for one in crowd:
            one.setblocking(False)
            one.connect_ex(full.getsockname())
        limits = PATIENT.model_copy(update={"connect": 0.2, "total": 1.0})
        gateway = gateway_to(f"http://127.0.0.1:{full.getsockname()[1]}", tmp_path, limits=limits)
        with pytest.raises(Unavailable) as caught:
            listed(gateway)
        in_words(caught.value)
        gateway.close()
        for one in crowd:
            one.close()


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        pytest.param(hang_up, "broke off", id="no answer"),
        pytest.param(half, "broke off", id="half a body"),
        pytest.param(silent, "did not answer in time", id="silence"),
        pytest.param(drip, "too slowly", id="drip"),
        pytest.param(answer(200, "hello", kind="text/html"), "text/html where JSON", id="HTML"),
        pytest.param(answer(200, "hello", kind=""), "no type of content", id="no type"),
        pytest.param(answer(200, b'{"items": ['), "no JSON", id="cut JSON"),
        pytest.param(answer(200, b"\xff\xfe"), "no JSON", id="no text"),
        pytest.param(answer(200, "[" * 100_000), "no JSON", id="deep JSON"),
        pytest.param(answer(200, {"rows": []}), "than expected .at items", id="another shape"),
        pytest.param(answer(200, {"items": [{"id": 7}]}), "than expected .at items", id="other rows"),
        pytest.param(answer(200, [1, 2]), "than expected", id="a list"),
        pytest.param(answer(200, b"not gzip", Content_Encoding="gzip"), "unpacked", id="not gzip"),
        pytest.param(answer(500, "oops", kind="text/plain"), "HTTP 500", id="500"),
        pytest.param(refusal(500, "INTERNAL", "x"), "HTTP 500", id="500 in an envelope"),
        pytest.param(answer(502, "<html>", kind="text/html"), "HTTP 502", id="502"),
        pytest.param(answer(302, "", Location="http://127.0.0.1:1/steal"), "HTTP 302", id="redirect"),
        pytest.param(answer(429, "{}", Retry_After="86400"), "come back in 86,400 s", id="429"),
        pytest.param(answer(401, "{}"), "EXECUTION_OPS_BACKEND_TOKEN", id="401"),
    ],
)
def test_each_is_an_outage_in_words(make: Make, bad: Answer, words: str) -> None:
    gateway, server = make(bad, limits=HASTY)
    with pytest.raises(Unavailable, match=words) as caught:
        listed(gateway)
    in_words(caught.value)
    assert 1 <= len(server.asked) <= PATIENT.tries


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, "BAD_CURSOR", InvalidInput),
        (422, "INVALID_INPUT", InvalidInput),
        (403, "FORBIDDEN", Forbidden),
        (404, "NOT_FOUND", NotFound),
        (409, "CHANGED", Conflict),
        (503, "UNAVAILABLE", Unavailable),
    ],
)
def test_a_refusal_of_the_remote_is_the_same_refusal_here(
    make: Make, status: int, code: str, kind: type[OpsError]
) -> None:
    gateway, _ = make(refusal(status, code, "Because of that."))
    with pytest.raises(kind, match="Because of that") as caught:
        listed(gateway)
    assert (caught.value.code, caught.value.status if status != 422 else 422) == (code, status)


@pytest.mark.parametrize(("told", "field"), [("name", "name"), (None, ""), ("n" * 100, "n" * 64), ("a\x1b[2J", None)])
def test_the_field_at_fault_comes_along(make: Make, told: str | None, field: str | None) -> None:
    error = {"code": "EXISTS", "message": "There is one of this name.", "trace_id": "t-1"}
    gateway, _ = make(answer(409, {"error": error | ({"field": told} if told else {})}))
    with pytest.raises(Conflict) as caught:
        listed(gateway)
    assert "\x1b" not in caught.value.field
    if field is not None:
        assert caught.value.field == field


def test_what_the_remote_says_can_not_steer_a_terminal(make: Make) -> None:
    gateway, _ = make(refusal(409, "CON\x1bFLICT", "a\x1b[2Jb\u202e" + "x" * 5000))
    with pytest.raises(Conflict) as caught:
        listed(gateway)
    assert "\x1b" not in caught.value.message + caught.value.code
    assert "\u202e" not in caught.value.message
    assert len(caught.value.message) <= 1000


@pytest.mark.parametrize("told", [True, False])
def test_a_body_of_a_gigabyte_is_not_read(make: Make, told: bool) -> None:
    flood = Flood(told=told)
    gateway, _ = make(flood, limits=PATIENT.model_copy(update={"body": 1 << 20}))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(Garbled, match="more than 1 MiB"):
        listed(gateway)
    grown_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown_kib < 100 << 10
    assert flood.sent < 64 << 20


def test_an_error_of_a_gigabyte_is_not_read(make: Make) -> None:
    def flood(connection: socket.socket, gone: object) -> None:
        connection.sendall(head(500, {"Content-Type": "application/json", "Content-Length": str(1 << 30)}))

    gateway, _ = make(flood)
    with pytest.raises(Unavailable, match="more than"):
        listed(gateway)


def test_a_read_is_tried_again_with_growing_pauses(make: Make) -> None:
    pauses: list[float] = []
    limits = PATIENT.model_copy(update={"backoff": 0.1, "backoff_max": 2.0})
    gateway, server = make(hang_up, answer(503, "{}"), NOTHING, limits=limits, pauses=pauses)
    assert listed(gateway).rows == ()  # type: ignore[attr-defined]
    assert len(server.asked) == 3
    first, second = pauses
    assert 0.05 <= first <= 0.2
    assert 0.1 <= second <= 0.4


def test_retry_after_is_kept_up_to_a_bound(make: Make) -> None:
    pauses: list[float] = []
    gateway, server = make(answer(429, "{}", Retry_After="2"), NOTHING, pauses=pauses)
    listed(gateway)
    assert pauses == [2.0]
    pauses.clear()
    gateway, server = make(answer(429, "{}", Retry_After="3600"), NOTHING, pauses=pauses)
    with pytest.raises(Unavailable, match="3,600 s"):
        listed(gateway)
    assert (pauses, len(server.asked)) == ([], 1)


def test_a_remote_that_asks_for_a_long_rest_gets_it(make: Make) -> None:
    limits = PATIENT.model_copy(update={"rest": 0.5})
    gateway, server = make(answer(429, "{}", Retry_After="3600"), NOTHING, limits=limits)
    for _ in range(3):
        with pytest.raises(Unavailable, match="3,600 s") as caught:
            listed(gateway)
        assert caught.value.code == "REMOTE_BUSY"
    with pytest.raises(Unavailable, match="3,600 s"):
        gateway.cancel([new_id()], KEYED)
    assert len(server.asked) == 1
    deadline = time.monotonic() + 60
    while len(server.asked) == 1:
        assert time.monotonic() < deadline
        with suppress(Unavailable):
            listed(gateway)
    assert len(server.asked) == 2


@pytest.mark.parametrize("bad", [hang_up, half, answer(502, "{}"), answer(503, "{}"), answer(429, "{}")])
def test_a_change_is_never_sent_twice_without_a_key(make: Make, bad: Answer) -> None:
    gateway, server = make(bad, ONE)
    with pytest.raises(Unavailable):
        gateway.cancel([new_id()], STAMP)
    assert len(server.asked) == 1


def test_with_a_key_it_is_sent_again_as_the_same_request(make: Make) -> None:
    gateway, server = make(hang_up, answer(502, "{}"), ONE)
    assert gateway.cancel([new_id()], KEYED)[0].done
    assert len(server.asked) == 3
    assert len({(one.method, one.target, one.body, one.headers["idempotency-key"]) for one in server.asked}) == 1


def test_a_change_that_is_under_way_is_waited_for(make: Make) -> None:
    gateway, server = make(hang_up, refusal(409, "IN_PROGRESS", "Still under way."), ONE)
    assert gateway.cancel([new_id()], KEYED)[0].done
    assert len(server.asked) == 3


def test_what_goes_out_says_who_and_why(make: Make) -> None:
    gateway, server = make(ONE)
    actor = STAMP.actor.model_copy(update={"name": "Ånn\nX-Evil: 1", "tenants": frozenset({"acme", "globex"})})
    gateway.cancel(["a"], Stamp(actor=actor, reason="wrong\r\nbranch · ü", ticket="OPS-1", idempotency_key="k"))
    (asked,) = server.asked
    told = {name: value.encode("latin-1").decode() for name, value in asked.headers.items()}
    assert told["x-stella-operator"] == "Ånn X-Evil: 1"
    assert told["x-stella-operator-reason"] == "wrong branch · ü"
    assert told["x-stella-operator-ticket"] == "OPS-1"
    assert told["x-stella-tenant"] == "acme,globex"
    assert told["authorization"] == "Bearer secret-token"
    assert told["x-stella-trace-id"]
    assert "x-evil" not in told


def test_a_redirect_is_not_followed_with_the_token(make: Make) -> None:
    _, thief = make(NOTHING)
    gateway, _ = make(answer(307, "", Location=f"{thief.url}/jobs"))
    with pytest.raises(Unavailable, match="HTTP 307"):
        listed(gateway)
    assert thief.asked == []


def test_who_belongs_to_no_tenant_asks_for_one_that_nobody_is(make: Make) -> None:
    gateway, server = make(NOTHING)
    gateway.list_jobs(JobFilter(), tenants=frozenset(), cursor=None, limit=1)
    assert re.fullmatch("nobody-[0-9a-f-]{36}", server.asked[0].headers["x-stella-tenant"])


def test_an_export_that_is_cut_off_says_so(make: Make) -> None:
    def cut(connection: socket.socket, gone: object) -> None:
        connection.sendall(head(200, {"Content-Type": "application/x-ndjson", "Connection": "close"}) + b'{"id": "a')

    gateway, _ = make(cut)
    with pytest.raises(Garbled, match="cut off in the middle"):
        list(gateway.iterate_jobs(JobFilter(), tenants=None))
    gateway, _ = make(answer(200, '{"id": 1}\n', kind="application/x-ndjson"))
    with pytest.raises(Garbled, match="no row"):
        list(gateway.iterate_jobs(JobFilter(), tenants=None))
    gateway, _ = make(half)
    with pytest.raises(Unavailable, match="broke off"):
        list(gateway.iterate_jobs(JobFilter(), tenants=None))


def test_a_line_without_an_end_is_not_kept(make: Make) -> None:
    flood = Flood(told=False)
    gateway, _ = make(flood, limits=PATIENT.model_copy(update={"line": 1 << 20}))
    with pytest.raises(Garbled, match="more than 1 MiB"):
        list(gateway.iterate_jobs(JobFilter(), tenants=None))
    assert flood.sent < 64 << 20


def test_a_file_is_taken_only_if_it_is_the_one(make: Make, tmp_path: Path) -> None:
    content = b"the report"
    digest = hashlib.sha256(content).hexdigest()
    gateway, server = make(answer(200, b"another", kind="text/plain"), half, answer(200, content, kind="text/plain"))
    with pytest.raises(Garbled, match="not the one"):
        gateway.artifact(digest, tenants=None, job_id=new_id())
    with pytest.raises(Unavailable):
        gateway.artifact(digest, tenants=None, job_id=new_id())
    path = gateway.artifact(digest, tenants=None, job_id=new_id())
    assert path is not None
    assert path.read_bytes() == content
    assert [one.name for one in path.parent.iterdir()] == [digest]
    assert gateway.artifact(digest, tenants=None, job_id=new_id()) == path
    assert len(server.asked) == 3
    assert gateway.artifact("../../etc/passwd", tenants=None) is None


def test_a_refused_token_is_no_lost_connection(make: Make) -> None:
    gateway, server = make(answer(401, "{}"))
    with pytest.raises(Refused):
        listed(gateway)
    assert len(server.asked) == 1


def test_limits_are_in_order() -> None:
    limits = Limits()
    assert limits.connect < limits.read < limits.total
    assert limits.backoff < limits.backoff_max < limits.total
