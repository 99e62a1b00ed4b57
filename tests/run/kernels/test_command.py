"""Kernels are compiled ahead, for the device that is there or for GPUs that are not."""

import pytest
import torch
import warp as wp

from render.compute import kept_kernels, warm
from render.errors import ConfigError
from render.run.kernels import build
from render.run.kernels.architectures import parse_architectures
from tests.helpers.commands import call
from tests.helpers.made_kernels import compiled, make_module

__all__ = ["compiled"]


@pytest.fixture
def listed(monkeypatch) -> dict:
    """What a run launches, and what any run may."""
    makes = {f"times {i}": lambda i=i: make_module(float(i)) for i in range(3)}
    monkeypatch.setattr(build, "list_run_kernels", lambda config, device_type: dict(list(makes.items())[:2]))
    monkeypatch.setattr(build, "list_every_kernel", lambda rasterizer, device_type: makes)
    return makes


@pytest.fixture
def ahead(monkeypatch, compiled, tmp_path) -> list[tuple[str, int]]:
    """What is compiled for which architecture; it leaves a file and no code."""
    found = []

    def compile_one(module: wp.Module, arch: list[int], use_ptx: bool) -> None:
        assert not use_ptx
        (number,) = arch
        found.append((module.name, number))
        kept = tmp_path / module.get_module_identifier()
        kept.mkdir(exist_ok=True)
        (kept / f"{module.get_module_identifier()}.cu").touch()
        (kept / f"{module.get_module_identifier()}.sm{number}.cubin").touch()

    monkeypatch.setattr(warm.wp, "compile_aot_module", compile_one)
    return found


def test_architectures_are_read_in_the_ways_that_they_are_written():
    assert parse_architectures("sm_90") == parse_architectures("90") == parse_architectures("sm90") == [90]
    assert parse_architectures("sm_80, sm_120,80") == [80, 120]


@pytest.mark.parametrize("text", ["", "9.0", "sm_", "hopper", "sm_90;rm", "sm_9000", "sm_90,"])
def test_what_is_no_architecture_is_refused(text):
    with pytest.raises(ConfigError, match="arch: expected a GPU's architecture such as sm_90"):
        parse_architectures(text)
    assert call("kernels", f"arch={text}").code == 1


def test_kernels_of_a_run_are_compiled_for_gpus_that_are_not_there(listed, ahead):
    done = call("kernels", "arch=sm_90", "threads=2")
    assert done.code == 0
    assert len(ahead) == 2
    assert "2 kernels for sm_90, 2 of them compiled now, in " in done.out
    # Those are there now; with `all` one is not, nor is any for another architecture.
    done = call("kernels", "all", "arch=sm_90,sm_80", "threads=2")
    assert done.code == 0
    assert [number for _, number in ahead[2:]] == [90, 80, 80, 80]
    assert "3 kernels for sm_90, 1 of them compiled now" in done.out


def test_kernels_of_a_run_are_compiled_for_the_device_that_is_there(listed, compiled):
    done = call("kernels", "device=cpu", "threads=2")
    assert done.code == 0
    assert len(compiled) == 2
    assert done.out.startswith("2 kernels for cpu, 2 of them compiled now, in ")


def test_what_cannot_be_compiled_is_said(listed, ahead, monkeypatch):
    def fail(module: wp.Module, **_) -> None:
        raise RuntimeError("the compiler gives up")

    monkeypatch.setattr(warm.wp, "compile_aot_module", fail)
    done = call("kernels", "arch=sm_90")
    assert done.code == 1
    assert "the kernel 'times 1 (sm_90)' cannot be compiled: RuntimeError: the compiler gives up" in done.err


def test_an_architecture_that_the_compiler_does_not_know_is_refused(listed, ahead):
    done = call("kernels", "arch=sm_42")
    assert done.code == 1
    assert "arch: expected one of sm_75, sm_80" in done.err
    assert ahead == []


def test_settings_are_checked_and_help_is_there():
    assert call("kernels", "panels=[nowhere/geo]").code != 0
    done = call("kernels", "--help")
    assert done.code == 0
    assert "smpl-render kernels arch=sm_90" in done.out


@pytest.mark.parametrize(("architecture", "kind", "is_there"), [(90, "cubin", True), (80, "cubin", False)])
def test_code_for_another_gpu_is_not_taken_for_that_of_this_one(
    compiled, tmp_path, monkeypatch, architecture, kind, is_there
):
    """Nor is its source: a GPU's kernels lie in one folder with those of all others."""

    class Device:
        def get_cuda_compile_arch(self) -> int:
            return architecture

        def get_cuda_output_format(self) -> str:
            return kind

    module = make_module(2.0)
    kept = tmp_path / module.get_module_identifier()
    kept.mkdir()
    (kept / "kernel.cu").touch()
    (kept / "kernel.sm90.cubin").touch()
    monkeypatch.setattr(kept_kernels.wp, "get_device", lambda name: Device())
    assert kept_kernels.is_compiled(module, "cuda:0") == is_there
    monkeypatch.setattr(warm, "device_name", lambda device: "cuda:0")
    missing = warm.find_missing({"times 2": module}, torch.device("cuda:0"))
    assert list(missing) == ([] if is_there else ["times 2"])


@pytest.mark.slow
def test_a_real_kernel_is_compiled_where_a_gpu_would_look_for_it(tmp_path, monkeypatch):
    """With Warp's own compiler, which needs no GPU."""
    warm.start_warp()
    monkeypatch.setattr(wp.config, "kernel_cache_dir", str(tmp_path))
    modules = {"half": make_module(0.5)}
    assert list(warm.find_missing_for(modules, 90)) == ["half"]
    steps = []
    assert warm.compile_ahead(modules, 90, 2, lambda: steps.append(1)) == {}
    assert warm.find_missing_for(modules, 90) == {}
    assert list(warm.find_missing_for(modules, 80)) == ["half"]
    # What Warp would load on such a GPU; no way to ask for that name without one is public.
    module = modules["half"]
    name = module._get_compile_output_name(None, output_arch=90, use_ptx=False)
    content = (tmp_path / module.get_module_identifier() / name).read_bytes()
    assert content.startswith(b"\x7fELF")
    assert steps == [1]


def test_warp_is_told_to_make_machine_code():
    """Of its own accord it makes PTX where the driver is new, and what was built ahead is not used."""
    warm.start_warp()
    assert wp.config.cuda_output == "cubin"
