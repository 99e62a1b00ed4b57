"""A CUDA device that is not there: see `late_streams`, `late_memory`, `late_tensors` and `late_warp`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from types import SimpleNamespace
from typing import Any

import pytest
import torch
import warp as wp

from render.body.family import body
from render.compute import kernels, warm
from render.library.bodies import load_body
from render.photos.gpu import device_decoder
from render.rasterize import choose
from render.rasterize.edge_pixels import edge_pixels
from render.run.executor import ThreadExecutor
from render.run.opening import bodies, inputs
from render.shade import resolve
from tests.helpers.late_streams import LateEvent, LateStream
from tests.helpers.late_tensors import LateMode, LateTensor, LateTensors
from tests.helpers.late_warp import LateWarp
from tests.helpers.nvimgcodec import StandIn

# As much as a large GPU has.
GPU_BYTES = 80_000_000_000


@contextmanager
def late_device() -> Iterator[LateTensors]:
    """Until the end of the block torch and Warp have one GPU, and it is this one."""
    # A GPU that is there is started first, for torch does so once.
    if torch.cuda.is_available():
        torch.cuda.init()
    late = LateTensors()
    streams, memory = late.streams, late.memory
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {
            "_lazy_init": lambda: None,
            "is_available": lambda: True,
            "device_count": lambda: 1,
            "get_device_name": lambda device=None: "late",
            "Stream": lambda device=None: LateStream(streams),
            "Event": lambda **_: LateEvent(streams),
            "stream": streams.use,
            "current_stream": lambda device=None: streams.current,
            "default_stream": lambda device=None: streams.default,
            "synchronize": lambda device=None: streams.drain(),
            "empty_cache": memory.release,
            "mem_get_info": lambda device=None: (GPU_BYTES, GPU_BYTES),
        }.items():
            patch.setattr(torch.cuda, name, value)
        for name in ("tensor", "as_tensor"):
            patch.setattr(torch, name, _made_on_host(getattr(torch, name)))
        patch.setattr(torch, "from_dlpack", _share)
        patch.setattr(device_decoder, "keep_freed", lambda device: None)
        late_warp = LateWarp(late)
        patch.setattr(kernels, "wp", late_warp)
        # Of the modules that make structures for kernels, too.
        patch.setattr(wp, "from_torch", late_warp.from_torch)
        patch.setattr(wp, "to_torch", late_warp.to_torch)
        patch.setattr(resolve, "tensor_device", lambda array: array._tensor.device)
        patch.setattr(kernels, "_streams", {})
        patch.setattr(kernels, "_loaded", set(kernels._loaded))
        # They are compiled for the CPU, at their first launch.
        for module in (kernels, warm):
            patch.setattr(module, "is_compiled", lambda module, device: True)
        # What is the same for all sizes of batches takes little time, and little of the memory.
        for sizes in (body.CHUNK, edge_pixels.MOST_SLOTS, edge_pixels.FIRST_PLACES):
            patch.setitem(sizes, "cuda", sizes["cpu"])
        patch.setattr(ThreadExecutor, "_work", _in_mode(ThreadExecutor._work, late))
        # What others keep of it must not outlive it.
        kept = cache(load_body)
        for module in (inputs, bodies):
            patch.setattr(module, "load_body", kept)
        patch.setattr(choose, "choose_rasterizer", choose.choose_rasterizer.__wrapped__)
        with LateMode(late):
            yield late
            streams.drain()
    choose.choose_rasterizer.cache_clear()


class LateCodec(StandIn):
    """nvImageCodec: it waits for the stream that it is told, and works on one of its own."""

    def __init__(self, late: LateTensors) -> None:
        super().__init__()
        self._late, self._own = late, LateStream(late.streams)

    def Encoder(self, **_: Any) -> SimpleNamespace:
        """Encodes when it is the pictures' turn, and waits for it: files are on the host."""
        encode = super()._encode
        streams, own = self._late.streams, self._own

        def encode_late(
            images: list[LateTensor], codec: str, *, params: int, cuda_stream: int
        ) -> list[bytes]:
            files: list[bytes] = []
            memories = [image.memory for image in images]
            own.wait_event(streams.find(cuda_stream).record_event())
            streams.give(own, lambda: files.extend(encode(memories, codec, params)))
            own.synchronize()
            return files

        return SimpleNamespace(encode=encode_late)

    def Decoder(self, **options: Any) -> SimpleNamespace:
        """Decodes late, into memory of its own: who lets go of a picture has it spoilt in no order of theirs.

        The stream that it is told waits for the pictures, and nobody else does.
        """
        decode = super().Decoder(**options).decode
        late, own = self._late, self._own

        def decode_late(photos: list[bytes], *, params: None, cuda_stream: int) -> list[LateTensor | None]:
            told = late.streams.find(cuda_stream)
            own.wait_event(told.record_event())
            # How large they are is in their headers; the rest is only seen in its turn.
            found = decode(photos, params=params, cuda_stream=cuda_stream)
            with late.streams.use(own):
                pictures = [None if one is None else late.move(one) for one in found]
            told.wait_event(own.record_event())
            return pictures

        return SimpleNamespace(decode=decode_late)


def _made_on_host(make: Callable[..., torch.Tensor]) -> Callable[..., torch.Tensor]:
    """Torch, too, makes what comes out of lists on the CPU, and waits for its copy."""

    def made(data: Any, *, device: torch.device | None = None, **kwargs: Any) -> torch.Tensor:
        tensor = make(data, **kwargs)
        return tensor if device is None else tensor.to(device)

    return made


def _share(picture: LateTensor) -> LateTensor:
    """Another tensor of the same memory, which is kept for as long as one of both is there."""
    return LateTensor(picture.late, picture.memory, picture.block)


def _in_mode(work: Callable[[ThreadExecutor], None], late: LateTensors) -> Callable[[ThreadExecutor], None]:
    def work_in_mode(executor: ThreadExecutor) -> None:
        with LateMode(late):
            work(executor)

    return work_in_mode
