"""What Warp's library writes when it starts: the line about a missing driver is left out, others are not."""

import os
import pwd
import tempfile

import pytest

from render.compute import kernels

NO_DRIVER = b"Warp CUDA warning: Could not find or load the NVIDIA CUDA driver. GPU execution ...\n"


@pytest.mark.parametrize(
    ("written", "passed"),
    [
        ([NO_DRIVER], b""),
        ([b"Warp error: a fault\n"], b"Warp error: a fault\n"),
        ([b"one\n", NO_DRIVER, b"two\n"], b"one\ntwo\n"),
    ],
)
def test_only_the_line_about_the_driver_is_left_out(monkeypatch, capfd, written, passed):
    monkeypatch.setattr(kernels, "_is_started", False)
    monkeypatch.setattr(kernels.wp, "init", lambda: [os.write(2, line) for line in written])
    kernels.start_warp()
    assert capfd.readouterr().err == passed.decode()


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        # Warp's own place, which is full already.
        ({"HOME": "/home/a"}, None),
        ({"HOME": "/home/a", "XDG_CACHE_HOME": "/cache"}, None),
        # What Warp would take for a folder of the current one.
        ({}, "{nobody}/kernels"),
        ({"XDG_CACHE_HOME": "~/cache"}, "{nobody}/kernels"),
        ({"HOME": "relative"}, "{nobody}/kernels"),
        ({"HOME": ""}, "{nobody}/kernels"),
        ({"HOME": "/home/a", "XDG_CACHE_HOME": ""}, "/home/a/.cache/smpl-render/kernels"),
        ({"HOME": "/home/a", "XDG_CACHE_HOME": "cache"}, "/home/a/.cache/smpl-render/kernels"),
        ({"HOME": "/home/a", "XDG_CACHE_HOME": "~/cache"}, "/home/a/cache/smpl-render/kernels"),
        ({"HOME": "/home/a", "WARP_CACHE_PATH": ""}, "/home/a/.cache/smpl-render/kernels"),
        # The user's own words.
        ({"WARP_CACHE_PATH": "/kernels"}, "/kernels"),
        ({"WARP_CACHE_PATH": "kernels"}, "kernels"),
        ({"HOME": "/home/a", "WARP_CACHE_PATH": "~/kernels"}, "/home/a/kernels"),
        ({"WARP_CACHE_PATH": "~/kernels"}, "{nobody}/kernels"),
    ],
)
def test_where_kernels_are_kept(monkeypatch, tmp_path, variables, expected):
    """Nowhere is a folder made that is called `~`."""
    for name in ("HOME", "XDG_CACHE_HOME", "WARP_CACHE_PATH"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    def find_user(_uid: int) -> None:
        raise KeyError("a user whom the system does not know")

    monkeypatch.setattr(pwd, "getpwuid", find_user)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    nobody = tmp_path / f"smpl-render-{os.getuid()}"
    found = kernels.choose_kernel_dir()
    assert found == (None if expected is None else expected.format(nobody=nobody))


def test_a_place_that_is_chosen_already_stays(monkeypatch):
    monkeypatch.setattr(kernels.wp, "init", lambda: None)
    monkeypatch.setattr(kernels.wp.config, "kernel_cache_dir", "/chosen")
    monkeypatch.setenv("WARP_CACHE_PATH", "/other")
    kernels.start_warp()
    assert kernels.wp.config.kernel_cache_dir == "/chosen"
