"""What people write on a command line is what they mean, or is refused with the right spelling."""

import pytest

from render.config.load import compose_settings, load_config
from render.config.words import read_words
from render.errors import ConfigError
from tests.helpers.runs import configure


@pytest.mark.parametrize(
    ("word", "key", "value"),
    [
        ("panels=camera/geo", "panels", ["camera/geo"]),
        ("panels=orbit:45:10/normal", "panels", ["orbit:45:10/normal"]),
        ("annotate=bbox", "annotate", ["bbox"]),
        ("dataset.entries=5", "dataset.entries", [5]),
    ],
)
def test_a_single_value_is_a_list_of_one(word, key, value):
    words = ["dataset=eft"] if key.startswith("dataset") else []
    node = compose_settings([*words, word])
    for part in key.split("."):
        node = node[part]
    assert node == value


@pytest.mark.parametrize(
    "path",
    [
        "/data/EFT (copy)/a,b.json",
        "/data/[old]/{x}.json",
        "it's.json",
        "'; rm.json",
        'say "x".json',
        "back\\slash\\",
        "a\\'b\\",
        "a=b:c@d#e%f&g!h*i?.json",
        "1e5",
        "007",
        "true",
        " spaces in it ",
        "é ü 漢.json",
        "line\tand tab",
        "~x/~y",
    ],
)
def test_paths_are_taken_as_they_are(path):
    words = [f"dataset.fit_file=./{path}", f"dataset.image_dir={path.lstrip('~')}", "dataset=eft"]
    dataset = configure(*words).dataset
    assert (dataset.fit_file, dataset.image_dir) == (f"./{path}", path.lstrip("~"))


def test_whoever_quotes_for_hydra_is_understood_as_well():
    words = ["dataset=eft", "dataset.fit_file='a b, c'", 'dataset.image_dir="c d"']
    for dataset in (load_config(compose_settings(words)).dataset, configure(*words).dataset):
        assert (dataset.fit_file, dataset.image_dir) == ("a b, c", "c d")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["panels=[camera/geo,", "side/geo]"], "panels: a list with spaces needs quotes; write panels='[camera/geo, side/geo]'"),
        (["panels=camera/geo,side/geo"], "panels: several are written as a list; write panels='[camera/geo, side/geo]'"),
        (["annotate=bbox label"], "annotate: several are written as a list; write annotate='[bbox, label]'"),
        (["background=#ff8800"], "background: colours are written rgb:ff8800, found '#ff8800'"),
        (["background=FF8800"], "background: colours are written rgb:ff8800, found 'FF8800'"),
        (["panels=[camera/geo/#ff8800]"], "panels: expected a list of texts, such as [a, b], found '[camera/geo/#ff8800]'; colours are written rgb:ff8800"),
        (["panel=camera/geo"], "panel: no such setting; did you mean panels?"),
        (["fps=30"], "fps: no such setting; did you mean output.fps?"),
        (["image_dir=x"], "image_dir: no such setting; did you mean dataset.image_dir?"),
        (["output_dir=x"], "output_dir: no such setting; did you mean output.dir?"),
        (["opacity=70%"], "opacity: expected a number, found '70%'; write opacity=0.7"),
        (["opacity=0,7"], "opacity: expected a number, found '0,7'; write opacity=0.7, or --multirun for a run with each value"),
        (["opacity=half"], "opacity: expected a number, found 'half'"),
        (["--samples", "0:10"], "--samples: settings are written without dashes: samples=0:10"),
        (["--samples=0:10"], "--samples: settings are written without dashes: samples=0:10"),
        (["--on-error", "stop"], "--on-error: settings are written without dashes: on_error=stop"),
        (["-batch=3"], "-batch: settings are written without dashes: batch=3"),
        (["--draw=[bbox]"], "--draw: settings are written without dashes: annotate=[bbox]"),
        (["--multi"], "'--multi': there is no such option; did you mean --multirun?"),
        (["samples", "=", "0:10"], "'samples': expected key=value without spaces; write samples=0:10"),
        (["samples:", "0:10"], "'samples:': expected key=value without spaces; write samples=0:10"),
        (["contact"], "'contact': expected key=value; did you mean job=contact?"),
        (["batch=3", "doctor"], "'doctor': expected key=value; the command comes first: smpl-render doctor ..."),
        (["output.dir=a", "b"], "'b': expected key=value; a value with spaces needs quotes"),
        (["draw=[bbox]"], "draw: this setting is called annotate; write annotate=[bbox]"),
        (["+draw=[bbox]"], "draw: this setting is called annotate; write annotate=[bbox]"),
        (["~draw=[bbox]"], "draw: this setting is called annotate; write annotate=[bbox]"),
    ],
)  # fmt: skip
def test_slips_are_refused_with_the_right_spelling(words, message):
    with pytest.raises(ConfigError) as caught:
        load_config(compose_settings(words))
    assert str(caught.value) == message


def test_what_is_right_stays_as_it_is():
    words = [
        "batch=3",
        "panels=[camera/geo]",
        "+hydra.x=1",
        "hydra/launcher=basic",
        "--cfg",
        "job",
        "-m",
        "~x",
    ]
    words += [
        "--info",
        "plugins",
        "dataset=demo",
        "opacity=${x}",
        "panels=${job.panels}",
        "hydra.job.name=(a",
    ]
    assert read_words(words) == words


def test_commas_of_a_multirun_are_values_of_runs():
    assert read_words(["-m", "opacity=0.5,1.0", "size=8x8,16x16"]) == [
        "-m",
        "opacity=0.5,1.0",
        "size=8x8,16x16",
    ]
    assert read_words(["-m", "output.dir=~/o_${opacity}"]) == ["-m", "output.dir='~/o_${opacity}'"]


HOME_KEYS = (
    "output.dir",
    "dataset.fit_file",
    "dataset.image_dir",
    "dataset.coco_file",
    "body.path",
    "body.charts",
)


@pytest.mark.parametrize("key", HOME_KEYS)
def test_a_path_may_begin_with_the_home_folder(monkeypatch, key):
    monkeypatch.setenv("HOME", "/home/of a user")
    words = ["dataset=eft", "dataset.fit_file=a", "dataset.image_dir=b"]
    for value in ("~/x y", "'~/x y'", '"~/x y"'):
        config = configure(*words, f"{key}={value}")
        group, name = key.split(".")
        assert getattr(getattr(config, group), name) == "/home/of a user/x y"


@pytest.mark.parametrize("value", ["~nobody-of-that-name/x", "a/~/b", "./~", "'a/~'", "~nobody-of-that-name"])
def test_nothing_is_ever_called_by_the_sign_of_home(value):
    with pytest.raises(
        ConfigError, match=r"^output\.dir: ~ stands for a home folder at the beginning of a path"
    ):
        configure(f"output.dir={value}")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["output.dir=${oc.env:NO_SUCH}/out"], "output.dir: the environment variable NO_SUCH is not set. Set it, or write what is meant"),
        (["dataset.root=${oc.env:NO_SUCH}"], "dataset.root: the environment variable NO_SUCH is not set. Set it, or write what is meant"),
        (["output.dir=/scratch/${dataset.nmae}"], "output.dir: Interpolation key 'dataset.nmae' not found. Mend what stands between ${ and }"),
        (["panels=[camera/geo, '${jub.panels}']"], "panels: Interpolation key 'jub.panels' not found. Mend what stands between ${ and }"),
        (["columns=${frames}", "frames=${columns}"], "columns: it is to be taken from a setting that is taken from it. Give one of them a value"),
        (["output.dir=${output.dir}"], "output.dir: it is to be taken from a setting that is taken from it. Give one of them a value"),
        (["output.dir=${nothing:x}"], "output.dir: Unsupported interpolation type nothing. Mend what stands between ${ and }"),
    ],
)  # fmt: skip
def test_interpolations_that_lead_nowhere_are_refused_with_their_key(words, message):
    with pytest.raises(ConfigError) as caught:
        load_config(compose_settings(words))
    assert str(caught.value) == message


@pytest.mark.parametrize("text", ["${", "${dataset.name", "a${b}${", "${oc.env:", "${oc.env:HOME"])
def test_half_an_interpolation_is_refused(text):
    with pytest.raises(ConfigError, match=r"^output\.dir: .*Mend what stands between \$\{ and \}$"):
        load_config(compose_settings([f"output.dir={text}"]))


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["output.format=png"], "output.format: a format is chosen by output=png"),
        (["output.format=mp4", "output=gif"], "output.format: a format is chosen by output=mp4"),
        (["output.format=tiff"], "output.format: no output format 'tiff'"),
        (["output.format=JPG"], "output.format: no output format 'JPG'; did you mean 'jpg'?"),
        (["body.model=SMPL"], "body.model: no body model 'SMPL'; did you mean 'smpl'?"),
        (["dataset=eft", "dataset.fit_file=a", "dataset.image_dir=b", "dataset.format=EFT"], "dataset.format: no fit format 'EFT'; did you mean 'eft'?"),
    ],
)  # fmt: skip
def test_keys_that_name_a_choice_are_no_settings(words, message):
    with pytest.raises(ConfigError) as caught:
        load_config(compose_settings(words))
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    "word",
    ["panels=(camera/geo)", "panels='camera/geo'", 'panels="camera/geo"', "panels=\u201ccamera/geo\u201d"],
)
def test_a_single_value_may_have_brackets_or_quotes(word):
    assert compose_settings([word]).panels == ["camera/geo"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["panels=camera/geo;side/geo"], "panels: several are written as a list; write panels='[camera/geo, side/geo]'"),
        (["panels='camera/geo','side/geo'"], "panels: several are written as a list; write panels='[camera/geo, side/geo]'"),
        (["panels=]"], "panels: expected a list of texts, such as [a, b], found ']'"),
        (["~panels"], "~panels: a setting cannot be taken out; leave the word out, and it is as it is without"),
        (["~samples=all"], "~samples: a setting cannot be taken out; leave the word out, and it is as it is without"),
        (["~dataset"], "~dataset: a setting cannot be taken out; leave the word out, and it is as it is without"),
        (["dataset=conf/dataset/eft.yaml"], "dataset: there is no 'conf/dataset/eft.yaml'; did you mean 'eft'? There are: "),
        (["body=/data/smpl"], "body: there is no '/data/smpl'; did you mean 'smpl'? There are: demo, mannequin, smpl, smpl_female, smpl_male, smplh, smplx"),
        (["job=figure", "figure.rows=["], "figure.rows: no YAML: line 1, column 2: "),
        (["job=figure", "figure.columns[0]=image"], "'figure.columns[0]': expected names joined by points"),
        (["job=figure", "figure=$x"], "figure: $x cannot be read: No such file"),
        (["job=con;tact"], "job: there is no 'con;tact'. There are: audit, compare, contact, figure, labels, meshes, overlay, turntable, video"),
        (["job=\udcc3"], "job: there is no '\\udcc3'. There are: audit, compare, contact, figure, labels, meshes, overlay, turntable, video"),
        (["job=contact,overlay"], "job: expected one of audit, compare, contact, figure, labels, meshes, overlay, turntable, video, found 'contact,overlay'; write --multirun for a run with each"),
        (["batch=1,2"], "batch: expected a whole number, found '1,2'; write --multirun for a run with each value"),
        (["samples:0:10"], "'samples:0:10': expected key=value; write samples=0:10"),
        (["output:png"], "'output:png': expected key=value; write output=png"),
        (["help"], "'help': expected key=value; did you mean --help?"),
        (["render", "samples=1"], "'render': expected key=value; what renders needs no command: smpl-render ..."),
        (["--cfg"], "--cfg: expected job, hydra or all behind it"),
        (["-c", "samples=1"], "-c: expected job, hydra or all behind it"),
        (["-sc"], "-sc: expected install=bash, uninstall=bash or query=bash behind it"),
        (["--resolve"], "--resolve: expected --cfg job before it, whose output it is for"),
    ],
)  # fmt: skip
def test_further_slips_are_refused_with_the_right_spelling(words, message):
    with pytest.raises(ConfigError) as caught:
        load_config(compose_settings(words))
    assert str(caught.value).startswith(message)


def test_single_values_of_a_multirun_are_lists_of_one():
    assert read_words(["-m", "panels=camera/geo,side/geo", "annotate=bbox"])[1:] == [
        "panels=[camera/geo],[side/geo]",
        "annotate=[bbox]",
    ]
    left = ["-m", "panels=[camera/geo,side/geo],[top/geo]", "panels=choice(a,b)", "panels='a','b'"]
    assert read_words(left) == left
