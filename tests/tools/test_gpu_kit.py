"""The kit for GPU machines: what is packed comes out again, steps cost no other, and each runs on a CPU."""

import json
import os
import shutil
import struct
import subprocess
import sys
import zipfile
from importlib import import_module
from pathlib import Path

import pytest
import torch

from render.library.kernels import list_every_kernel
from tests.helpers.runs import configure
from tools.gpu import __main__ as gpu_kit
from tools.gpu import plan
from tools.gpu.errors import KitError
from tools.gpu.parts import pack, take, unpack
from tools.gpu.plan import Step, list_sheets_cases, list_steps
from tools.gpu.run import make_environment, run_all
from tools.gpu.slim import HEADER_BYTES, START, keep_architecture
from tools.gpu.steps import kernels
from tools.gpu.steps.sheets import hide_codec
from tools.gpu.wheels import unpack_wheels


@pytest.fixture
def packed(tmp_path) -> tuple[Path, Path, dict]:
    """What was packed, the pack in parts of 1,000 bytes, and its index."""
    root = tmp_path / "root"
    (root / "site" / "inner").mkdir(parents=True)
    (root / "site" / "inner" / "noise").write_bytes(os.urandom(2500))
    (root / "site" / "words.py").write_text("first = 1\n")
    return root, tmp_path / "pack", pack(root, ["site"], tmp_path / "pack", 1000, {"commit": "abc"}, 0)


def test_what_is_packed_comes_out_again(packed, tmp_path):
    root, folder, index = packed
    assert len(index["parts"]) == 3
    assert all(part["bytes"] <= 1000 for part in index["parts"])
    held = tmp_path / "held"
    take([folder / "part.0"], held)
    (folder / "part.0").unlink()
    assert unpack([folder, held], held)["commit"] == "abc"
    for path in root.rglob("*.*"):
        assert (held / path.relative_to(root)).read_bytes() == path.read_bytes()


def test_a_part_that_is_missing_or_damaged_is_named(packed, tmp_path):
    _, folder, _ = packed
    whole = (folder / "part.1").read_bytes()
    (folder / "part.1").write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    with pytest.raises(KitError, match=r"part\.1: its SHA-256"):
        unpack([folder], tmp_path / "held")
    (folder / "part.1").unlink()
    with pytest.raises(KitError, match=r"part\.1 is in none of"):
        unpack([folder], tmp_path / "held")


def test_code_for_other_gpus_becomes_zeros(tmp_path):
    def entry(architecture: int, code: bytes) -> bytes:
        return struct.pack("<IIQ", 0, 32, len(code)) + bytes(12) + struct.pack("<I", architecture) + code

    entries = entry(80, b"old" * 8) + entry(90, b"new" * 8)
    binary = START + struct.pack("<Q", len(entries)) + entries
    assert len(START) + 8 == HEADER_BYTES
    path = tmp_path / "lib.so"
    path.write_bytes(b"before" + binary + b"behind")
    assert keep_architecture(path, 90) == (24, 24)
    assert path.read_bytes() == b"before" + binary.replace(b"old" * 8, bytes(24)) + b"behind"
    with pytest.raises(KitError, match="no code for compute capability 75"):
        keep_architecture(path, 75)


def test_programs_of_a_pack_are_found(tmp_path):
    site, wheel = tmp_path / "site", tmp_path / "tool-1-py3-none-any.whl"
    program = "nvidia/cu13/compute-sanitizer/compute-sanitizer"
    with zipfile.ZipFile(wheel, "w") as archive:
        entry = zipfile.ZipInfo(program)
        entry.external_attr = 0o755 << 16
        archive.writestr(entry, "#!/bin/sh\n")
        archive.writestr(f"{Path(program).parent}/docs/page.html", "words")
    unpack_wheels(tmp_path, site, "3.12")
    path = make_environment(tmp_path, is_packed=True, is_dry=True, out=tmp_path)["PATH"]
    assert shutil.which("compute-sanitizer", path=path.rpartition(os.pathsep)[2]) == str(site / program)
    assert not list(site.rglob("*.html"))


def test_a_step_that_fails_or_hangs_costs_no_other(tmp_path):
    notes = "import sys; open(sys.argv[-1].partition('=')[2], 'w').write"
    steps = [
        Step("hangs", ["-c", "import time; time.sleep(600)"], 0.5),
        Step("fails", ["-c", "raise SystemExit(3)"], 30),
        Step("lacks", ["-c", ""], 30, "no-such-program"),
        Step("works", ["-c", notes + """('{"found": {"rate": 5}, "lines": ["5 a second"]}')"""], 30),
    ]
    ended = run_all(steps, 120, tmp_path, dict(os.environ), {"is_dry_run": True})
    assert [one.state for one in ended] == ["too long", "failed (3)", "left out: no no-such-program", "ok"]
    found = json.loads((tmp_path / "gpu.json").read_text())
    assert found["steps"]["works"]["found"] == {"rate": 5}
    assert {"commit", "gpus", "versions"} <= found["machine"].keys()


@pytest.mark.parametrize("device", ["cpu", "cuda"])
def test_the_settings_of_all_runs_exist(device, tmp_path):
    for words in list_sheets_cases(device, 16).values():
        configure(*words)


def test_all_steps_are_there(tmp_path):
    steps = list_steps("cuda", 16, tmp_path, False)
    assert len({step.name for step in steps}) == len(steps)
    for step in steps:
        assert callable(import_module(step.words[1]).main)


@pytest.mark.parametrize("name", ["codecs", "posing", "raster", "kernels", "raster_peers"])
def test_steps_run_on_a_cpu(name, tmp_path):
    path = tmp_path / f"{name}.json"
    import_module(f"tools.gpu.steps.{name}").main([f"--notes={path}", "--device=cpu", "--dry-run"])
    assert json.loads(path.read_text())["lines"]


def test_each_device_has_kernels_of_its_own_loaded(tmp_path, monkeypatch):
    """Those that pose are others on a GPU."""
    loaded = {}

    def load(modules, device, *_):
        loaded[device.type] = set(modules)
        return {}

    monkeypatch.setattr(kernels, "open_device", torch.device)
    monkeypatch.setattr(kernels, "make_modules", lambda makes: (makes, {}))
    monkeypatch.setattr(kernels, "find_missing", lambda modules, device: {})
    monkeypatch.setattr(kernels, "compile_side_by_side", load)
    kernels.main([f"--notes={tmp_path / 'kernels.json'}", "--device=cuda"])
    assert loaded["cuda"] == set(list_every_kernel("warp", "cuda"))
    assert "skinning abreast" in loaded["cpu"] - loaded["cuda"]


def test_steps_run_on_what_came_in_the_parts(tmp_path, monkeypatch, capsys):
    """As on a machine to which one part comes after the other, and where nothing is installed."""
    root, folder, held = tmp_path / "root", tmp_path / "pack", tmp_path / "held"
    for name in ("site/only_in_the_pack.py", "kernels/1.0/module.sm90.cubin"):
        (root / name).parent.mkdir(parents=True)
        (root / name).write_bytes(os.urandom(900))
    (root / "site" / "only_in_the_pack.py").write_text("NUMBER = 5\n")
    index = pack(root, ["site", "kernels"], folder, 600, {"commit": "abc"})
    *first, last = [folder / part["name"] for part in index["parts"]]
    for part in first:
        gpu_kit.main(["take", f"--held={held}", str(part)])
        part.unlink()
    assert last.is_file()
    said = """
import json, os, sys
from pathlib import Path
from only_in_the_pack import NUMBER
kernels = [path.name for path in Path(os.environ["WARP_CACHE_PATH"]).rglob("*.cubin")]
notes = {"found": {"kernels": kernels}, "lines": [str(NUMBER)]}
Path(sys.argv[-1].partition("=")[2]).write_text(json.dumps(notes))
"""
    # The command adds the pack to it.
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setattr(plan, "list_steps", lambda *_: [Step("says", ["-c", said], 30)])
    gpu_kit.main(["run", "--dry-run", f"--pack={folder}", f"--held={held}", f"--out={tmp_path / 'out'}"])
    found = json.loads((tmp_path / "out" / "gpu.json").read_text())
    assert found["pack"]["commit"] == "abc"
    assert found["steps"]["says"]["state"] == "ok"
    assert found["steps"]["says"]["found"] == {"kernels": ["module.sm90.cubin"]}
    # A second call finds it unpacked, though no part is there any more.
    shutil.rmtree(folder)
    gpu_kit.main(["run", "--dry-run", f"--pack={folder}", f"--held={held}", f"--out={tmp_path / 'out'}"])
    assert "there is no pack" not in capsys.readouterr().out


def test_a_codec_that_is_installed_can_be_hidden(tmp_path, monkeypatch):
    """So that sheets which the GPU has drawn are encoded on the CPU."""
    (tmp_path / "site" / "nvidia").mkdir(parents=True)
    (tmp_path / "site" / "nvidia" / "nvimgcodec.py").touch()
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "site"))
    command = [sys.executable, "-c", "import nvidia.nvimgcodec"]
    for added, code in (({}, 0), (hide_codec(tmp_path), 1)):
        done = subprocess.run(command, env=os.environ | added, capture_output=True, text=True)
        assert done.returncode == code
    assert "No module named 'nvidia.nvimgcodec'" in done.stderr
