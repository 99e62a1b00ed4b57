"""A stand-in for nvidia.nvimgcodec that works on the CPU, with the signatures of 0.7 to 0.9.

As the real one has it (0.9 was tried without a GPU): without a list of backends the CPU's codecs are used
where there is no GPU; with a list of a GPU's backends there is no codec then, and that is an error.
"""

from types import SimpleNamespace

import cv2


class StandIn(SimpleNamespace):
    """The module.

    Args:
        refuses: Which of the pictures, counted through, are not encoded.
        has_gpu: Whether a GPU's codecs are found.
    """

    QualityType = SimpleNamespace(QUALITY="quality")
    ChromaSubsampling = SimpleNamespace(CSS_420="420")
    BackendKind = SimpleNamespace(
        CPU_ONLY="CPU_ONLY",
        GPU_ONLY="GPU_ONLY",
        HYBRID_CPU_GPU="HYBRID_CPU_GPU",
        HW_GPU_ONLY="HW_GPU_ONLY",
    )

    def __init__(self, refuses=(), has_gpu=True):
        super().__init__(refuses=refuses, has_gpu=has_gpu, encoded=0, by_cpu=0)

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
