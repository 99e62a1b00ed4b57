"""Mistakes of the host's CUDA code, for tests on a device that is not there: it must show each of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from render.compute.transfer import DeviceQueue, PixelPool, upload
from render.photos.gpu import device_decoder
from render.run import pipelines


def forget_to_wait(monkeypatch) -> None:
    monkeypatch.setattr(DeviceQueue, "wait", lambda queue: None)


def give_buffers_back_early(monkeypatch) -> None:
    """While the device copies from them and into them."""

    @contextmanager
    def lend(pool: PixelPool, count: int) -> Iterator[torch.Tensor]:
        buffer = pool._buffers.take(count)
        pool._buffers.give_back(buffer)
        yield buffer[:count]

    monkeypatch.setattr(PixelPool, "lend", lend)


def upload_in_no_queue(monkeypatch) -> None:
    """Photos, on the default stream, which no queue waits for."""

    def upload_elsewhere(*args) -> torch.Tensor:
        with torch.cuda.stream(torch.cuda.default_stream()):
            return upload(*args)

    monkeypatch.setattr(pipelines, "upload", upload_elsewhere)


def download_beside(monkeypatch) -> None:
    """On a stream that does not wait for what is drawn, though the host waits for both."""
    beside = torch.cuda.Stream()
    wait = DeviceQueue.wait

    def download(queue: DeviceQueue, source: torch.Tensor, pinned: torch.Tensor | None = None):
        with torch.cuda.stream(beside):
            return source.to("cpu", non_blocking=True) if pinned is None else pinned.copy_(source, True)

    def wait_for_both(queue: DeviceQueue) -> None:
        beside.synchronize()
        wait(queue)

    monkeypatch.setattr(DeviceQueue, "download", download)
    monkeypatch.setattr(DeviceQueue, "wait", wait_for_both)


def decode_in_no_queue(monkeypatch) -> None:
    """The decoder is told the default stream, and no queue waits for that."""
    monkeypatch.setattr(
        device_decoder, "find_stream", lambda device: torch.cuda.default_stream(device).cuda_stream
    )


def let_go_of_photos_early(monkeypatch) -> None:
    """Of what nvImageCodec has decoded, while it is yet to be copied."""
    paint = pipelines.DevicePipeline._paint

    def paint_and_drop(*args):
        found, _ = paint(*args)
        return found, {}

    monkeypatch.setattr(pipelines.DevicePipeline, "_paint", paint_and_drop)
