"""Encoding on the device: our use of nvImageCodec, with a stand-in for it that works on the CPU.

The stand-in has OpenCV's encoder, so a run must give the same bytes as one that encodes on the CPU, whichever
pictures it cannot encode.
"""

import shutil

import cv2
import pytest
import torch

from render.write import device_encoder
from render.write.device_encoder import DeviceEncoder, open_device_encoder
from tests.helpers.nvimgcodec import StandIn
from tests.helpers.runs import files_below, run
from tests.helpers.small_set import SmallSet, make_small_set

CPU = torch.device("cpu")
# On the first five photos.
PEOPLE = 9


@pytest.fixture(scope="module")
def small(demo_set, tmp_path_factory) -> SmallSet:
    return make_small_set(demo_set.fit_file, tmp_path_factory.mktemp("small") / "set", PEOPLE)


@pytest.fixture
def on_device(monkeypatch):
    """Makes runs use an encoder of the device; returns what makes them."""

    def use(stand_in: StandIn) -> StandIn:
        monkeypatch.setattr(
            "render.run.opening.pipeline.open_device_encoder", lambda device: DeviceEncoder(stand_in, CPU)
        )
        return stand_in

    return use


@pytest.mark.parametrize("refuses", [(), (0, 3, 4), range(1000)])
def test_the_same_bytes_whatever_the_device_gives_up_on(small, tmp_path, on_device, refuses):
    run(*small.settings, f"output.dir={tmp_path}/host")
    stand_in = on_device(StandIn(refuses))
    report = run(*small.settings, f"output.dir={tmp_path}/device")
    assert (report.rendered, report.failed) == (PEOPLE, [])
    assert stand_in.encoded == PEOPLE
    assert {"decode", "upload", "encode", "write"} <= report.stage_seconds.keys()
    assert files_below(tmp_path / "device") == files_below(tmp_path / "host")


def test_photos_that_cannot_be_read(small, tmp_path, on_device):
    """A missing photo, one that is cut off, one that is no JPEG, one with a damaged header."""
    folder = tmp_path / "set"
    shutil.copytree(small.image_dir, folder)
    photos = sorted((folder / "part0").iterdir())
    photos[0].unlink()
    photos[1].write_bytes(photos[1].read_bytes()[:2000])
    picture = cv2.imread(str(photos[2]))
    photos[2].write_bytes(cv2.imencode(".png", picture)[1].tobytes())
    photos[3].write_bytes(b"\xff\xd8\xff and no more \xff\xd9")
    settings = [*small.settings, f"dataset.image_dir={folder}"]
    host = run(*settings, f"output.dir={tmp_path}/host")
    on_device(StandIn())
    device = run(*settings, f"output.dir={tmp_path}/device")
    assert [(p.row, p.reason) for p in device.failed] == [(p.row, p.reason) for p in host.failed]
    lost = {f"part0/{photos[k].name}" for k in (0, 1, 3)}
    assert {small.entries[p.row]["imageName"] for p in device.failed} == lost
    assert files_below(tmp_path / "device") == files_below(tmp_path / "host")


@pytest.mark.parametrize("panels", ["[side/geo, camera/normal/white]", "[camera/mask]"])
def test_panels_without_the_photo(small, tmp_path, on_device, panels):
    settings = [*small.settings, f"panels={panels}", "samples=0:5"]
    run(*settings, "output=png", f"output.dir={tmp_path}/png")
    stand_in = on_device(StandIn())
    is_label = "mask" in panels
    run(*settings, "output=png" if is_label else "output=jpg", f"output.dir={tmp_path}/device")
    assert stand_in.encoded == (0 if is_label else 5)


@pytest.mark.parametrize("setting", ["panels=[crop/geo]", "annotate=[bbox]", "output=png"])
def test_what_only_the_cpu_can_make_is_made_there(small, tmp_path, on_device, setting):
    stand_in = on_device(StandIn())
    report = run(*small.settings, "samples=0:3", setting, f"output.dir={tmp_path}/out")
    assert (report.rendered, stand_in.encoded) == (3, 0)


def test_without_a_gpu_there_is_no_device_encoder(caplog):
    caplog.set_level("INFO")
    assert open_device_encoder(CPU) is None
    assert caplog.text == ""


@pytest.fixture
def on_cuda(monkeypatch):
    """Makes tensors for a GPU on the CPU; returns what installs a module, or says why there is none."""
    zeros = torch.zeros
    monkeypatch.setattr(torch, "zeros", lambda *size, device, **kw: zeros(*size, **kw))
    monkeypatch.setattr(device_encoder, "find_stream", lambda device: 0)

    def install(found: StandIn | Exception) -> None:
        def load() -> StandIn:
            if isinstance(found, Exception):
                raise found
            return found

        monkeypatch.setattr(device_encoder, "open_nvimgcodec", load)

    return install


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (ModuleNotFoundError("No module named 'nvidia'"), "No module named 'nvidia'"),
        (RuntimeError("CUDA Runtime failure: '#35'\nat device_utils.h"), "(CUDA Runtime failure: '#35')"),
        (StandIn(refuses=range(9)), "it gives no file"),
        (StandIn(has_gpu=False), "Could not create encoder"),
    ],
    ids=["not installed", "not loadable", "not working", "without nvJPEG"],
)
def test_an_encoder_that_does_not_work_is_said_and_not_used(on_cuda, caplog, found, said):
    caplog.set_level("INFO")
    on_cuda(found)
    assert open_device_encoder(torch.device("cuda:0")) is None
    (message,) = caplog.messages
    assert message.startswith("JPEG: encoded on the CPU")
    assert said in message


def test_the_cpu_of_nvimagecodec_never_encodes_in_the_name_of_the_gpu(on_cuda, caplog):
    caplog.set_level("INFO")
    stand_in = StandIn()
    on_cuda(stand_in)
    encoder = open_device_encoder(torch.device("cuda:0"))
    assert encoder is not None
    encoder.encode([torch.zeros(8, 8, 3, dtype=torch.uint8, device=CPU)], "jpeg", 95)
    assert (stand_in.encoded, stand_in.by_cpu) == (2, 0)
    assert caplog.messages == ["JPEG: encoded on the GPU, through nvImageCodec"]
    # The stand-in would tell: this is what nvImageCodec does of its own accord.
    sheet = torch.zeros(8, 8, 3, dtype=torch.uint8, device=CPU)
    stand_in.Encoder(device_id=0).encode([sheet], "jpeg", params=95, cuda_stream=0)
    assert stand_in.by_cpu == 1


def test_sheets_that_the_gpu_cannot_encode_are_said_once(caplog):
    encoder = DeviceEncoder(StandIn(refuses=(1, 2)), CPU)
    sheets = [torch.zeros(8, 8, 3, dtype=torch.uint8)] * 3
    assert [file is None for file in encoder.encode(sheets, "jpeg", 95)] == [False, True, True]
    assert encoder.encode(sheets, "jpeg", 95).count(None) == 0
    (message,) = caplog.messages
    assert "could not encode 2 of 3 sheets" in message


class Raising(StandIn):
    """As nvImageCodec is where the device has no memory left: every call of it fails as a whole."""

    def _encode(self, images, codec, quality):
        raise RuntimeError("CUDA Runtime failure: '#2'")


def test_calls_that_fail_as_a_whole_leave_all_to_the_cpu(small, tmp_path, on_device):
    run(*small.settings, f"output.dir={tmp_path}/host")
    on_device(Raising())
    report = run(*small.settings, f"output.dir={tmp_path}/device")
    assert (report.rendered, report.failed) == (PEOPLE, [])
    assert files_below(tmp_path / "device") == files_below(tmp_path / "host")
