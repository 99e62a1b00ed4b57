"""What runs on the GPU machine, in order of importance, and how long each step may take."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

# Of which end_to_end is measured; in a dry run, and of repeats of a benchmark.
SHEETS, DRY_SHEETS = 20_000, 12
# Where the rasterizer's tests are; names are of pytest's -k.
RASTERIZER_TESTS = "visibility or normals"


class Step(NamedTuple):
    """A step.

    Attributes:
        name: Of its files.
        words: After `python`.
        limit_s: After so many seconds it is ended.
        tool: A program that must be there; without it the step is left out.
    """

    name: str
    words: list[str]
    limit_s: float
    tool: str | None = None


def list_sheets_cases(device: str, cores: int) -> dict[str, list[str]]:
    """Settings of the runs from files to files, by name, in order of importance.

    Args:
        device: cuda or cpu.
        cores: That the machine lends.
    """
    on, threads = f"device={device}", f"threads={cores}"
    workers = {
        n: ["executor=processes", f"workers={n}", f"threads={max(1, cores // n)}"]
        for n in (4, 2, 8)
        if n <= cores
    }
    cases = {"threads": [on, threads], "cpu": ["device=cpu", threads]}
    if device == "cuda":
        # The settings of the first, and sheets that come to the CPU to be encoded; see `steps.sheets`.
        cases["encoded_on_cpu"] = [on, threads]
    cases |= {f"workers_{n}": [on, *words] for n, words in workers.items()}
    if device == "cuda":
        cases["decoder_gpu"] = [on, threads, "decoder=gpu"]
    cases |= {
        "eft": [on, threads, "preset=eft"],
        "threads_half": [on, f"threads={max(1, cores // 2)}"],
        "threads_double": [on, f"threads={2 * cores}"],
        "batch_128": [on, threads, "batch=128"],
        "batch_512": [on, threads, "batch=512"],
    }
    return cases


def list_steps(device: str, cores: int, workspace: Path, is_dry: bool) -> list[Step]:
    """The steps in their order.

    Args:
        device: cuda or cpu.
        cores: That the machine lends.
        workspace: Where the set and the sheets of the runs from files to files are.
        is_dry: Whether all is to be as small as it can be.
    """
    size = ["--dry-run"] if is_dry else []
    sheets = str(DRY_SHEETS if is_dry else SHEETS)

    def measure(
        name: str, limit_s: float, *words: str, module: str | None = None, tool: str | None = None
    ) -> Step:
        command = ["-m", f"tools.gpu.steps.{module or name}", f"--device={device}", *size, *words]
        return Step(name, command, limit_s, tool)

    runs = [
        measure(f"sheets_{name}", 60, str(workspace), sheets, name, *words, module="sheets")
        for name, words in list_sheets_cases(device, cores).items()
    ]
    sanitizers = [
        measure(
            name,
            90,
            f"--tool={name}",
            f"--only={RASTERIZER_TESTS}",
            module="cuda_tests",
            tool="compute-sanitizer",
        )
        for name in ("memcheck", "racecheck")
    ]
    return [
        measure("machine", 40),
        measure("kernels", 120),
        measure("cuda_tests", 150),
        measure("codecs", 60),
        measure("posing", 30),
        # The set is made first, and is no part of what is measured.
        measure("set", 60, str(workspace), sheets, module="make_set"),
        *runs[:7],
        measure("raster", 60),
        measure("raster_peers", 60),
        *sanitizers,
        *runs[7:],
        measure("starts", 90),
    ]
