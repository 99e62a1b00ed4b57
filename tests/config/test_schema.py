"""Values out of range are refused by the name of their key, and so are formats that would lose something."""

import pytest

from render.config.groups import OutputConfig, make_output_node
from render.errors import ConfigError
from render.types.sheets import Viewpoint
from tests.helpers.runs import configure


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("batch=4097", "batch: expected 0 to 4096, found 4097"),
        ("threads=-1", "threads: expected 0 to"),
        ("output.quality=101", "output.quality: expected 1 to 100, found 101"),
        ("dataset.count=0", "dataset.count: expected 1 to"),
        ("dataset.seed=-1", "dataset.seed: expected 0 to"),
        ("device=gpu", "device: expected auto, cpu, cuda or cuda:N, found 'gpu'"),
        ("rasterizer=raster", "rasterizer: expected one of auto, .*warp.*, found 'raster'"),
        ("samples=first", "samples: expected all, a row, start:stop"),
        ("samples=0:9:0", "samples: expected"),
        ("shard=3/2", "shard: "),
        ("panels=[]", "panels: expected at least one"),
        (
            "panels=[camera/gio]",
            r"^panels: 'camera/gio': no mode 'gio'; did you mean 'geo'\? There are: .*geo",
        ),
        ("background=blue", "background: no background 'blue'"),
        ("opacity=0", "opacity: expected above 0"),
        ("opacity=nan", "opacity: expected above 0"),
        ("supersample=3", "supersample: expected one of 1, 2, 4, found 3"),
        ("edges=soft", "edges: expected one of smooth, hard, found 'soft'"),
        ("rays=100", "rays: expected one of 0, 16, 32, 64, 128, 256, found 100"),
        ("people=all", "people: expected one of alone, together"),
        ("on_error=go", "on_error: expected one of skip, stop"),
        ("damaged_photos=mend", "damaged_photos: expected one of fail, draw"),
        ("columns=0", "columns: expected 1 to 256, found 0"),
        ("size=big", "size: expected auto, photo, or width x height"),
        ("size=00x64", "size: expected auto, photo, or width x height"),
        ("gap=-1", "gap: expected 0 to 1000, found -1"),
        ("gap=1001", "gap: expected 0 to 1000, found 1001"),
        ("paper=photo", "paper: expected auto, transparent or a colour"),
        (
            "outside=transparent",
            "outside: expected a colour, such as grey or rgb:ff8800, found 'transparent'",
        ),
        ("outside=blue", "outside: no background 'blue'"),
        ("titles=above", "titles: expected one of none, grid, found 'above'"),
        ("frames=0", "frames: expected 1 to"),
        ("output.dir=", "output.dir: expected text, found ''"),
        ("body.model=star", "^body.model: no body model 'star'. There are: smpl"),
        (
            "annotate=[boxes]",
            r"^annotate: no annotation 'boxes'; did you mean '.*box'\? "
            r"There are: multibox, bbox, coco, keypoints, label",
        ),
        ("annotate=[coco]", "annotate: coco needs COCO's person_keypoints file; set dataset.coco_file"),
    ],
)
def test_values_out_of_range_are_refused(override, message):
    with pytest.raises(ConfigError, match=message):
        configure(override)


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("panels=[camera/iuv]", "output: iuv holds labels, and jpg would change them; use png or webp$"),
        ("panels=[camera/mask]", "output: mask holds labels, and jpg would change them"),
        ("panels=[camera/geo/transparent]", "output: jpg has no transparency; use gif, png or webp$"),
        ("background=transparent", "jpg has no transparency"),
        ("background=transparent+shadow", "jpg has no transparency"),
        ("background=ground+shadow", "background: the ground has the bodies' shadows already; write ground"),
        ("background=white+shine", r"background: expected white or white\+shadow, found 'white\+shine'$"),
        ("paper=transparent", "paper: jpg has no transparency; use gif, png or webp$"),
        ("frames=90", "output: jpg holds one frame of 90; use gif, mp4 or webp$"),
        (
            "output=exr",
            "output: exr holds no pictures, and job=overlay makes some; use gif, jpg, mp4, png or webp, "
            "or job=labels$",
        ),
    ],
)
def test_formats_that_would_lose_what_panels_show_are_refused(override, message):
    """And those that would not are named."""
    with pytest.raises(ConfigError, match=message):
        configure(override)


def test_formats_that_lose_nothing_are_taken():
    assert configure("panels=[camera/iuv]", "output=png").output.format == "png"
    assert configure("background=transparent", "opacity=0.4", "output=png").opacity == 0.4


@pytest.mark.parametrize("name", ["jpg", "gif", "mp4", "webp"])
def test_formats_of_pictures_take_no_labels(name):
    with pytest.raises(ConfigError, match=rf"{name} holds no label layers, and .*; use exr, npz or png$"):
        configure("job=labels", f"output={name}")


@pytest.mark.parametrize("name", ["exr", "npz", "png"])
def test_formats_of_layers_take_labels(name):
    assert configure("job=labels", f"output={name}").output.format == name


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("layers=[]", r"^layers: expected at least one, such as '\[iuv, instance\]', found none$"),
        ("layers=[depht]", "^layers: 'depht': no layer 'depht'; did you mean 'depth'"),
        ("layers=[iuv, iuv:16]", "^layers: expected each layer once, found iuv 2 times$"),
        ("layers=[iuv:17]", "^layers: 'iuv:17': iuv is written iuv:8, iuv:16, "),
        ("layers=[keypoints:8]", "^layers: 'keypoints:8': keypoints is written keypoints, "),
        (
            "layers=[depth:float]",
            "^layers: output=png does not hold depth in float32; use output=exr or",
        ),
        ("view=side", "^view: labels are of photos; expected camera, crop or crop:MAGNIFICATION, "),
        ("view=crop:99", "^view: magnification: expected 1 to 16, found 99$"),
        ("view=crpo", "^view: no view 'crpo'; did you mean 'crop'"),
        ("view=camera/iuv", "^view: no view 'camera/iuv'"),
        ("panels=[camera/geo]", "^panels: label sets have layers instead; .*'camera/geo'"),
        ("annotate=[bbox]", r"^annotate: .*; expected \[\], found \['bbox'\]$"),
        ("frames=2", "^frames: .*; expected 1, found 2$"),
        ("motion=sequence", "^motion: .*; expected turn, found sequence$"),
        ("supersample=2", "^supersample: .*; expected 1, found 2$"),
    ],
)
def test_label_sets_have_layers_of_photos_and_nothing_else(word, message):
    with pytest.raises(ConfigError, match=message):
        configure("job=labels", word)


def test_layers_in_floats_are_for_formats_that_hold_them():
    for output in ("exr", "npz"):
        config = configure(
            "job=labels", f"output={output}", "layers=[depth:float, face:32, bary:half]", "view=crop:4"
        )
        assert [spec.dtype for spec in config.layer_specs()] == ["float32", "int32", "float16"]
        assert config.panel_specs()[0].viewpoint == Viewpoint("crop", magnification=4.0)


@pytest.mark.parametrize("word", ["layers=[iuv]", "view=crop"])
def test_sheets_have_no_layers(word):
    """Whoever forgets the job is told, and does not wait for hours for pictures."""
    with pytest.raises(ConfigError, match=r"makes sheets; add job=labels, or leave it out$"):
        configure(word)


def test_transparent_gifs_are_never_half_transparent():
    with pytest.raises(ConfigError, match=r"gif has no half transparent pixels.*; use webp$"):
        configure("job=turntable", "background=transparent", "opacity=0.4")
    with pytest.raises(ConfigError, match=r"half transparent pixels, as shadows ask for; use webp$"):
        configure("job=turntable", "background=transparent+shadow")
    with pytest.raises(ConfigError, match=r"half transparent pixels, as shadows ask for; use png or webp$"):
        configure("output=gif", "background=transparent+shadow")


@pytest.mark.parametrize(
    "word", ["transition=5", "annotate=[legend]", "titles=grid", "gap=5", "paper=black", "shard=1/2"]
)
def test_a_figure_takes_no_settings_that_it_would_not_follow(word):
    with pytest.raises(
        ConfigError, match=rf"^{word.partition('=')[0]}: job=figure has .* instead; .*leave it out$"
    ):
        configure("job=figure", word)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["page=white"], "expected true or false, found 'white'; the colour of the paper is paper=white"),
        (["page=rgb:102030"], "expected true .* 'rgb:102030'; the colour of the paper is paper=rgb:102030"),
        (["page=ture"], "expected true or false, found 'ture'$"),
        (["page=true", "job=figure"], "job=figure makes no sheets to look through; expected false, found"),
        (["page=true", "job=audit"], "job=audit makes no sheets to look through"),
        (
            ["page=true", "job=compare", "panels=[]", "reference=b.npz"],
            r"job=compare panels=\[\] makes no sheets",
        ),
        (["page=true", "shard=3/64"], "a shard has not all of the sheets; leave it out with shard=3/64"),
    ],
)
def test_pages_that_cannot_be_written(words, message):
    assert configure("page=true").page
    with pytest.raises(ConfigError, match=rf"^page: {message}"):
        configure(*words)


@pytest.mark.parametrize("job", ["overlay", "labels", "meshes"])
def test_a_reference_that_nothing_shows_is_told(job):
    with pytest.raises(ConfigError, match=r"^reference: "):
        configure(f"job={job}", "reference=other.json")


def test_annotations_of_coco_need_its_file():
    config = configure(
        "dataset=mpii", "dataset.image_dir=b", "annotate=[coco]", "dataset.coco_file=people.json"
    )
    assert config.shows_coco
    assert not configure("annotate=[bbox, keypoints]").shows_coco


def test_a_clip_takes_its_format_from_the_job_and_the_command_line():
    assert configure("job=turntable").output.format == "gif"
    config = configure("job=turntable", "output=mp4", "output.fps=30", "frames=12")
    assert (config.output.format, config.output.fps, config.frames) == ("mp4", 30, 12)


def test_a_format_cannot_be_named_without_its_options():
    """Who names the format alone, as `output.format=gif`, has the options of another one."""
    with pytest.raises(ConfigError, match=r"output.format: a format is chosen by output=gif"):
        configure("output.format=gif")
    with pytest.raises(ConfigError, match=r"output.format: no output format 'tiff'"):
        OutputConfig(format="tiff", dir="x").options()


def test_a_format_has_a_key_for_each_of_its_options():
    node = make_output_node("mp4")
    assert node(format="mp4", dir="x", fps=25).options() == {"fps": 25}
    with pytest.raises(ConfigError, match=r"output.fps: expected"):
        node(format="mp4", dir="x", fps=-1).options()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("orbit:-30.5:10", Viewpoint("orbit", -30.5, 10.0)),
        ("orbit:45:ortho", Viewpoint("orbit", 45.0, 0.0, is_orthographic=True)),
        ("side:ortho", Viewpoint("side", 90.0, 20.0, is_orthographic=True)),
        ("crop:4", Viewpoint("crop", magnification=4.0)),
        ("top", Viewpoint("top", 0.0, 90.0)),
    ],
)
def test_views_take_arguments_as_the_command_line_can_spell_them(text, expected):
    assert configure(f"panels=[{text}/geo]").panel_specs()[0].viewpoint == expected


def test_labels_lie_on_black_and_others_on_the_chosen_background():
    config = configure("panels=[camera/geo, camera/parts, side/geo]", "background=rgb:102030")
    assert [spec.background for spec in config.panel_specs()] == ["rgb:102030", "black", "rgb:102030"]


def test_a_sheet_has_no_more_panels_than_columns_can_be_asked_for():
    panels = ", ".join(["camera/geo"] * 257)
    with pytest.raises(ConfigError, match="panels: expected at most 256, found 257"):
        configure(f"panels=[{panels}]")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["output=jpg"], "output: jpg holds pictures, and job=meshes makes none; use glb, mcs, obj or ply$"),
        (["panels=[side/geo]"], "panels: job=meshes draws nothing; expected none, found 'side/geo'"),
        (["frames=90"], "frames: job=meshes draws nothing; expected 1, found 90"),
        (["annotate=[bbox]"], r"annotate: job=meshes draws nothing; expected \[\], found \['bbox'\]"),
        (["layers=[iuv]"], "layers: this is for labels, and job=meshes makes meshes; add job=labels"),
        (
            ["job=overlay", "frame=model"],
            "frame: this is for meshes, and job=overlay makes sheets; add job=m",
        ),
        (["frame=world"], "frame: expected one of camera, model, found 'world'"),
        (["output=obj", "motion=sequence"], "output: obj does not hold the frames of a .*; use glb or mcs$"),
        (["output=mcs"], "output: mcs holds the poses of a sequence; add motion=sequence, or use glb, "),
        (["output=mcs", "motion=sequence", "frame=model"], "frame: mcs holds poses .*; expected camera"),
        (["motion=sequence", "output.tar=9"], "output.tar: clips are files of their own; expected 0 with"),
        (
            ["job.product=films"],
            "job.product: expected one of sheets, labels, meshes, figure, audit, compare, found 'films'",
        ),
    ],
)
def test_jobs_of_meshes_refuse_what_is_of_pictures(words, message):
    with pytest.raises(ConfigError, match=message):
        configure(*([] if words[0].startswith("job=") else ["job=meshes"]), *words)


@pytest.mark.parametrize("output", ["glb", "mcs", "obj", "ply"])
def test_jobs_of_pictures_refuse_formats_of_meshes(output):
    with pytest.raises(
        ConfigError, match=f"output: {output} holds no pictures, .*; use gif, jpg, .* or job=meshes$"
    ):
        configure(f"output={output}")


def test_cameras_are_written_where_the_format_holds_them_and_the_frame_has_them():
    assert configure("job=meshes").writes_cameras
    assert not configure("job=meshes", "frame=model").writes_cameras
    assert not configure("job=meshes", "output=ply").writes_cameras
    assert not configure().writes_cameras
