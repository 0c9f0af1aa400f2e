"""A file as the body of a request, streamed to the disk: of a bounded size, and whole or not at all."""

from __future__ import annotations

from contextlib import AbstractContextManager

from fastapi import Request
from fastapi.concurrency import contextmanager_in_threadpool
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from execution_ops.domain.disk import DISK_FULL, is_disk_full
from execution_ops.domain.errors import InvalidInput, OpsError
from execution_ops.domain.sizes import CHUNK
from execution_ops.scanner.kit_store import Receiving, TooLarge, Upload, too_large
from execution_ops.settings import Settings


class DiskFull(OpsError):
    """No space is left for what is being sent."""

    code = "DISK_FULL"
    status = 507


async def receive(request: Request, upload: AbstractContextManager[Receiving], settings: Settings) -> Upload:
    """Write the body down. TooLarge before anything of it is read if it says so itself, else where it becomes so."""
    told = request.headers.get("content-length", "")
    if told and int(told) > settings.kit_max_bytes:
        raise TooLarge(too_large(settings.kit_max_bytes))
    try:
        # Beginning and ending it touch the disk: old uploads go, and what was cut off.
        async with contextmanager_in_threadpool(upload) as receiving:
            waiting = bytearray()
            async for data in request.stream():
                waiting += data
                if len(waiting) >= CHUNK:
                    await run_in_threadpool(receiving.write, bytes(waiting))
                    waiting.clear()
            await run_in_threadpool(receiving.write, bytes(waiting))
            return await run_in_threadpool(receiving.finish)
    except ClientDisconnect:
        raise InvalidInput("The upload was cut off. Nothing of it was kept: send it again.", code="CUT_OFF") from None
    except OSError as error:
        if is_disk_full(error):
            raise DiskFull(DISK_FULL.replace(", then retry this job", ", then send it again")) from error
        raise
