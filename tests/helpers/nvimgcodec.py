"""A stand-in for nvidia.nvimgcodec that works on the CPU, with the signatures of 0.7 to 0.9.

As the real one has it (0.9 was tried without a GPU): without a list of backends the CPU's codecs are used
where there is no GPU; with a list of a GPU's backends there is no codec then, and that is an error.
"""

from types import SimpleNamespace

import cv2
import simplejpeg
import torch


class StandIn(SimpleNamespace):
    """The module.

    Args:
        refuses: Which of the pictures, counted through, are not encoded.
        has_gpu: Whether a GPU's codecs are found.
        undecoded: Which of the photos, counted through, are not decoded.
        off: What is added to each value of a photo.
    """

    QualityType = SimpleNamespace(QUALITY="quality")
    ChromaSubsampling = SimpleNamespace(CSS_420="420")
    BackendKind = SimpleNamespace(
        CPU_ONLY="CPU_ONLY",
        GPU_ONLY="GPU_ONLY",
        HYBRID_CPU_GPU="HYBRID_CPU_GPU",
        HW_GPU_ONLY="HW_GPU_ONLY",
    )

    ColorSpec = SimpleNamespace(SRGB="srgb")

    def __init__(self, refuses=(), has_gpu=True, undecoded=(), off=0):
        super().__init__(refuses=refuses, has_gpu=has_gpu, undecoded=undecoded, off=off)
        self.encoded = self.decoded = self.by_cpu = 0

    def Backend(self, kind):
        assert kind in vars(self.BackendKind).values()
        return SimpleNamespace(backend_kind=kind)

    def EncodeParams(self, *, quality_type, quality_value, chroma_subsampling):
        assert (quality_type, chroma_subsampling) == ("quality", "420")
        return quality_value

    def Encoder(self, *, device_id, backends=None):
        may_use_cpu = self._choose(backends, "encoder")

        def encode(images, codec, *, params, cuda_stream):
            self.by_cpu += len(images) * may_use_cpu
            return self._encode(images, codec, params)

        return SimpleNamespace(encode=encode)

    def DecodeParams(self, *, apply_exif_orientation, color_spec):
        assert (apply_exif_orientation, color_spec) == (False, "srgb")

    def CodeStream(self, content):
        assert isinstance(content, bytes)
        return content

    def Decoder(self, *, device_id, backends=None, options=""):
        assert options == ":fancy_upsampling=1"
        may_use_cpu = self._choose(backends, "decoder")

        def decode(streams, *, params, cuda_stream):
            self.by_cpu += len(streams) * may_use_cpu
            return self._decode(streams)

        return SimpleNamespace(decode=decode)

    def _decode(self, streams):
        images = []
        for content in streams:
            self.decoded += 1
            # Whatever is damaged: a GPU's decoder need not notice.
            pixels = simplejpeg.decode_jpeg(content, colorspace="RGB", strict=False)
            image = torch.from_numpy(pixels + self.off if self.off else pixels)
            images.append(None if self.decoded - 1 in self.undecoded else image)
        return images

    def _choose(self, backends, what):
        """Whether the CPU's codecs do the work."""
        kinds = [self.BackendKind.CPU_ONLY] if not backends else [one.backend_kind for one in backends]
        if not self.has_gpu and self.BackendKind.CPU_ONLY not in kinds:
            raise RuntimeError(f"Internal error - Could not create {what}. Code: 7")
        return self.BackendKind.CPU_ONLY in kinds

    def _encode(self, images, codec, quality):
        assert codec == "jpeg"
        files = []
        for image in images:
            self.encoded += 1
            assert image.is_contiguous()
            bgr = cv2.cvtColor(image.numpy(), cv2.COLOR_RGB2BGR)
            file = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()
            files.append(None if self.encoded - 1 in self.refuses else file)
        return files
