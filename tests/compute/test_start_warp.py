"""What Warp's library writes when it starts: the line about a missing driver is left out, others are not."""

import os

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
