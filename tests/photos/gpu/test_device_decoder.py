"""Photos decoded on the GPU: our use of nvImageCodec, with a stand-in for it that works on the CPU.

The stand-in has the CPU's pixels, so a run must give the same sheets as one that decodes on the CPU, and say
the same of photos that are damaged.
"""

import random
import shutil
from pathlib import Path

import cv2
import pytest
import simplejpeg
import torch

from render.compute import nvimgcodec
from render.errors import ConfigError
from render.photos.files import PhotoFile
from render.photos.gpu import device_decoder
from render.photos.gpu.checked_jpeg import check_jpeg
from render.photos.gpu.device_decoder import DeviceDecoder, open_device_decoder
from render.write.device_encoder import DeviceEncoder
from tests.helpers.nvimgcodec import StandIn
from tests.helpers.runs import configure, files_below, run, sheets_below
from tests.helpers.small_set import SmallSet, make_small_set

CPU, CUDA = torch.device("cpu"), torch.device("cuda:0")
# On the first five photos.
PEOPLE, PHOTOS = 9, 5
ON_GPU = ["decoder=gpu", "device=auto"]


@pytest.fixture(scope="module")
def small(demo_set, tmp_path_factory) -> SmallSet:
    return make_small_set(demo_set.fit_file, tmp_path_factory.mktemp("small") / "set", PEOPLE)


@pytest.fixture
def on_device(monkeypatch):
    """Makes runs use the codecs of a device; returns what makes them."""

    def use(stand_in: StandIn) -> StandIn:
        where = "render.run.opening.pipeline"
        monkeypatch.setattr(f"{where}.open_device_encoder", lambda _: DeviceEncoder(stand_in, CPU))
        monkeypatch.setattr(f"{where}.open_device_decoder", lambda _: DeviceDecoder(stand_in, CPU))
        return stand_in

    return use


@pytest.mark.parametrize("undecoded", [(), (0, 3), range(1000)])
def test_the_same_sheets_whatever_the_device_gives_up_on(small, tmp_path, on_device, undecoded):
    run(*small.settings, f"output.dir={tmp_path}/host")
    stand_in = on_device(StandIn(undecoded=undecoded))
    report = run(*small.settings, *ON_GPU, f"output.dir={tmp_path}/device")
    assert (report.rendered, report.failed) == (PEOPLE, [])
    assert (stand_in.decoded, stand_in.by_cpu) == (PHOTOS, 0)
    assert sheets_below(tmp_path / "device") == sheets_below(tmp_path / "host")
    # Other pixels are possible, so they are other sheets to a run that goes on.
    assert files_below(tmp_path / "device") != files_below(tmp_path / "host")


def test_the_pixels_are_the_device_s(small, tmp_path, on_device):
    run(*small.settings, f"output.dir={tmp_path}/host")
    on_device(StandIn(off=1))
    run(*small.settings, *ON_GPU, f"output.dir={tmp_path}/device")
    host, device = (sheets_below(tmp_path / name) for name in ("host", "device"))
    assert host.keys() == device.keys()
    assert all(host[name] != device[name] for name in host)


@pytest.mark.parametrize("policy", ["fail", "draw"])
def test_damage_is_noticed_as_by_the_cpu(small, tmp_path, on_device, policy):
    """A photo that is missing, one cut with its end put back, one that is no JPEG, one out of step."""
    folder = tmp_path / "set"
    shutil.copytree(small.image_dir, folder)
    photos = sorted((folder / "part0").iterdir())
    contents = [photo.read_bytes() for photo in photos]
    photos[0].unlink()
    photos[1].write_bytes(contents[1][: len(contents[1]) // 2] + b"\xff\xd9")
    photos[2].write_bytes(cv2.imencode(".png", cv2.imread(str(photos[2])))[1].tobytes())
    out_of_step = bytearray(contents[3])
    middle = len(out_of_step) // 2
    out_of_step[middle : middle + 400] = random.Random(0).randbytes(400)
    photos[3].write_bytes(out_of_step)
    settings = [*small.settings, f"dataset.image_dir={folder}", f"damaged_photos={policy}"]
    host = run(*settings, f"output.dir={tmp_path}/host")
    stand_in = on_device(StandIn())
    device = run(*settings, *ON_GPU, f"output.dir={tmp_path}/device")
    for kind in ("failed", "damaged"):
        ours, theirs = ({(p.row, p.reason) for p in getattr(report, kind)} for report in (device, host))
        assert ours == theirs
    assert len(host.failed) > 1
    assert bool(host.damaged) == (policy == "draw")
    assert sheets_below(tmp_path / "device") == sheets_below(tmp_path / "host")
    # Those alone that are whole and JPEGs.
    assert stand_in.decoded == PHOTOS - 4


def test_no_photo_is_decoded_that_no_panel_shows(small, tmp_path, on_device):
    stand_in = on_device(StandIn())
    run(*small.settings, *ON_GPU, "panels=[side/geo]", f"output.dir={tmp_path}/device")
    assert (stand_in.decoded, stand_in.encoded) == (0, PEOPLE)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["device=cpu"], "device=cpu"),
        (["output=png"], "output=png"),
        (["annotate=[bbox]"], r"annotate=\[bbox\]"),
        (["panels=[crop/geo]"], "a panel that shows a part of the photo"),
        (["job=turntable", "output=gif"], "output=gif"),
        (["job=labels"], "job=labels"),
    ],
)
def test_what_no_gpu_makes_as_a_whole_is_refused(words, found):
    with pytest.raises(ConfigError, match=f"^decoder: gpu is for sheets .*, found {found}; use decoder=cpu"):
        configure("output=jpg", *ON_GPU, *words)


def test_a_choice_that_is_none_is_refused():
    with pytest.raises(ConfigError, match="decoder: expected one of cpu, gpu"):
        configure("decoder=cuda")


def test_a_machine_without_a_gpu_is_refused():
    with pytest.raises(ConfigError, match="decoder: gpu is for device=cuda, found cpu"):
        open_device_decoder(CPU)


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (ModuleNotFoundError("No module named 'nvidia'"), "No module named 'nvidia'"),
        (StandIn(has_gpu=False), "Could not create decoder"),
        (StandIn(undecoded=range(9)), "it gives no picture of that size"),
        (StandIn(off=9), "its colours are off by"),
    ],
    ids=["not installed", "without nvJPEG", "not working", "wrong"],
)
def test_a_decoder_that_does_not_work_is_refused(monkeypatch, found, said):
    def load() -> StandIn:
        if isinstance(found, Exception):
            raise found
        return found

    monkeypatch.setattr(device_decoder, "open_nvimgcodec", load)
    monkeypatch.setattr(device_decoder, "find_stream", lambda device: 0)
    with pytest.raises(ConfigError, match=f"^decoder: gpu cannot decode photos here .*{said}.*decoder=cpu"):
        open_device_decoder(CUDA)


def test_a_decoder_that_works_is_said(monkeypatch, caplog):
    """Memory of its pictures is kept for the next ones."""
    caplog.set_level("INFO")
    kept = {}
    monkeypatch.setattr(nvimgcodec, "device_name", str)
    monkeypatch.setattr(nvimgcodec.wp, "is_mempool_supported", lambda name: True)
    monkeypatch.setattr(nvimgcodec.wp, "set_mempool_release_threshold", kept.__setitem__)
    monkeypatch.setattr(device_decoder, "open_nvimgcodec", StandIn)
    monkeypatch.setattr(device_decoder, "find_stream", lambda device: 0)
    assert open_device_decoder(CUDA).decode([]) == []
    assert kept == {"cuda:0": nvimgcodec.KEPT_SHARE}
    assert caplog.messages == ["photos: decoded on the GPU, through nvImageCodec; checked by the CPU"]


class Raising(StandIn):
    """As nvImageCodec is where the device has no memory left: every call of it fails as a whole."""

    def _decode(self, streams):
        raise RuntimeError("CUDA Runtime failure: '#2'\nat somewhere")


def test_calls_that_fail_as_a_whole_leave_all_to_the_cpu_and_are_said_once(caplog, demo_set):
    decoder = DeviceDecoder(Raising(), CPU)
    content = next(Path(demo_set.image_dir).glob("*.jpg")).read_bytes()
    photo = check_jpeg(PhotoFile(Path("a.jpg"), content, 0))
    assert photo is not None
    assert decoder.decode([photo, photo]) == decoder.decode([photo, photo]) == [None, None]
    (message,) = caplog.messages
    assert "could not decode 2 of 2 (CUDA Runtime failure: '#2'), the first is a.jpg" in message


def test_a_picture_of_another_size_is_not_taken(demo_set):
    class Smaller(StandIn):
        def _decode(self, streams):
            return [torch.from_numpy(simplejpeg.decode_jpeg(one))[::2] for one in streams]

    content = next(Path(demo_set.image_dir).glob("*.jpg")).read_bytes()
    photo = check_jpeg(PhotoFile(Path("a.jpg"), content, 0))
    assert DeviceDecoder(Smaller(), CPU).decode([photo]) == [None]
