"""Pages of ours that are served elsewhere, and the pages of everybody else."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from execution_ops.api.app import create_api
from execution_ops.domain.ids import new_id
from execution_ops.routes import Rest
from execution_ops.services.container import Services
from tests.api.test_guard import JOBS, OWN, assert_envelope
from tests.doubles import MemoryBackend
from tests.job_samples import job_row

PAGES = "https://console.example.org"


@pytest.fixture
async def apart(services: Services) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a console whose pages are served elsewhere."""
    api = create_api(lambda: services, origins=lambda: (OWN, PAGES))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(api), base_url=OWN) as client:
        yield client


@pytest.mark.parametrize("site", ["same-site", "cross-site", None])
async def test_a_page_of_ours_from_elsewhere_changes_and_reads(
    apart: httpx.AsyncClient, backend: MemoryBackend, site: str | None
) -> None:
    row = backend.add(job_row())
    headers = {"Origin": PAGES} | ({"Sec-Fetch-Site": site} if site else {})
    answers = (
        await apart.post(f"{JOBS}/{row.id}:retry", headers=headers),
        await apart.get(JOBS, headers=headers),
        await apart.get(f"{JOBS}/{new_id()}", headers=headers),
        await apart.get(f"{JOBS}?limit=x", headers=headers),
    )
    assert [answer.status_code for answer in answers] == [200, 200, 404, 422]
    assert len(backend.stamps) == 1
    for answer in answers:
        assert answer.headers["access-control-allow-origin"] == PAGES
        assert answer.headers["access-control-allow-credentials"] == "true"
        assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
        assert "Content-Disposition" in answer.headers["access-control-expose-headers"]
        assert answer.headers["vary"] == "Origin"


@pytest.mark.parametrize(
    "origin",
    [
        *(
            "http://console.example.org",
            "https://console.example.org:8443",
            "https://console.example.org/",
            "null",
            "*",
        ),
        *(
            "https://console.example.org.evil.example",
            "https://evil.example",
            "HTTPS://CONSOLE.EXAMPLE.ORG",
            "http://[",
        ),
    ],
)
async def test_no_other_page_reads_or_changes_anything(
    apart: httpx.AsyncClient, backend: MemoryBackend, origin: str
) -> None:
    row = backend.add(job_row())
    for headers in ({"Origin": origin}, {"Origin": origin, "Sec-Fetch-Site": "cross-site"}):
        assert_envelope(await apart.post(f"{JOBS}/{row.id}:retry", headers=headers), 403, "CROSS_SITE")
        read = await apart.get(JOBS, headers=headers)
        asked = await apart.options(JOBS, headers={**headers, "Access-Control-Request-Method": "POST"})
        for answer in (read, asked):
            assert not [name for name in answer.headers if name.startswith("access-control-")]
            assert answer.headers["vary"] == "Origin"
        assert asked.status_code == 403
    assert backend.stamps == []


async def test_two_origins_are_none(apart: httpx.AsyncClient) -> None:
    answer = await apart.get(JOBS, headers=[("Origin", PAGES), ("Origin", PAGES)])
    assert "access-control-allow-origin" not in answer.headers


async def test_a_browser_is_told_what_it_may_send_before_anybody_signs_in(apart: httpx.AsyncClient) -> None:
    wanted = {
        "Access-Control-Request-Method": "PUT",
        "Access-Control-Request-Headers": "idempotency-key,x-stella-tenant",
    }
    answer = await apart.options(Rest.KITS_UPLOAD, headers={"Origin": PAGES, **wanted})
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["access-control-allow-origin"] == PAGES
    assert "PUT" in answer.headers["access-control-allow-methods"].split(", ")
    allowed = {name.lower() for name in answer.headers["access-control-allow-headers"].split(", ")}
    assert allowed >= {
        "idempotency-key",
        "x-stella-tenant",
        "x-stella-operator-reason",
        "content-type",
        "authorization",
    }
    assert "*" not in "".join(answer.headers.values())


async def test_a_program_gets_no_word_of_origins(client: httpx.AsyncClient) -> None:
    answer = await client.get(JOBS)
    assert not [name for name in answer.headers if name.startswith("access-control-")]
