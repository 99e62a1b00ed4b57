"""What is made of all label sets of a data set, out of sidecars that are files or members of tars."""

import json

import numpy as np
import pytest

from render.files.digest import identify
from render.files.output_dir import OutputDir
from render.labels.people import LabelledPerson, Picture, format_sidecar
from render.record.records import Record
from render.record.whole.label_files import write_label_files
from render.types.products import ProductFile


# The names of members have no dots and spaces but those that end their keys.
@pytest.mark.parametrize(("key", "member"), [("img_0", "img_0"), ("img.v2 b_0", "img_v2_b_0")])
def test_sidecars_in_tars_are_found_whatever_photos_are_called(key, member, tmp_path):
    instance = np.ones((4, 3), np.uint16)
    picture, person = Picture("img.v2 b.jpg", 3, 4), LabelledPerson(row=0)
    sidecar = format_sidecar(picture, [person], instance, np.zeros((1, 0, 3), np.float32), ())
    (tmp_path / "000000.tar").write_bytes(b"header" + sidecar)
    known = identify(sidecar)
    file = ProductFile(f"{member}.json", known.bytes, known.sha256, "000000.tar", len("header"))
    record = Record(key, (0,), (file,), "settings", "people", None, None)
    write_label_files(OutputDir(tmp_path), [record], {"settings"})
    (annotation,) = json.loads((tmp_path / "annotations.json").read_text())["annotations"]
    assert annotation["area"] == 12
