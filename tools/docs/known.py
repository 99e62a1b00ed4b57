"""What is known of the commands of the pages: which cannot run here and why, and what comes of the others."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass

# Of the list of formats.
_OF_PROGRAMS = (
    r"\b(FOLDER|VIDEO\.mp4|FILE\.\w+|OUT|FRAMES|SCENE\.mcs|FITS\.json|C\.json)(?![\w.])"
    r"|=(demo_out|out\.npz|results/|sequenceFiles/|P0/)"
)
# Patterns of commands that are not run, with the reason. One that fits no command is an error.
CANNOT = {
    r"^(pip|uv tool) install": "installs from the network",
    r"^smpl-render download": "downloads from the network",
    r"^(docker|apptainer) ": "needs Docker or Apptainer; the public workflow builds the images",
    r"^make (test|soak|docs-pictures)": "takes many minutes, and is what tests and benchmarks do",
    r"s3://": "needs an object store and its credentials; tests/cluster tries the same on servers of S3",
    r"^ray |executor\.address=": "needs a cluster of Ray; tests/cluster starts one",
    r"sbatch|^squeue|^sacct|hydra/launcher=submitit_slurm": "needs SLURM; tests/cluster starts one",
    r"smpl-render-\$\{job\}|^smpl-render (merge|page) /shared/": "reads what SLURM has drawn",
    _OF_PROGRAMS: "needs files of that program; tests/fits makes such files",
    # GVHMR's are of SMPL-X, and AMASS's of SMPL-H.
    r"/models/|^(?!.*\bbody=).*\bdataset=(gvhmr|amass)\b": "needs a body's files, for which one registers",
    r"device=cuda|devices=": "needs a GPU",
}
# They run until they are stopped, when they have said where they are found.
SERVES = r"^smpl-render view (?!.*\bview=export)|http\.server|^make docs-serve"


@dataclass(frozen=True)
class Expected:
    """What comes of commands that fit a pattern.

    Args:
        pattern: Of commands; the first in the table that fits counts.
        files: Patterns of files that are there afterwards and not empty. {out} is the folder of the run,
            {set} that of its dataset, {1} the first group of the pattern.
        says: What is printed, as a pattern.
    """

    pattern: str
    files: tuple[str, ...] = ()
    says: str = ""


_RUN = r"^smpl-render\b.*"
EXPECTED = (
    Expected(r"^smpl-render --help", says="turntable"),
    Expected(_RUN + r"\bdry_run=true", says="sheets"),
    Expected(r"^smpl-render doctor", says="sheets"),
    Expected(r"^smpl-render page (\S+)", files=("{1}/index.html",)),
    Expected(r"^smpl-render view .*view=export", files=("{set}/view/**/*.html",)),
    Expected(r"^smpl-render view", says="http://"),
    *(
        Expected(pattern, files=tuple(f"{{out}}/{name}{end}" for end in (".pdf", ".svg", ".png", ".tex")))
        for pattern, name in (
            (_RUN + r"job=figure.*figure\.name=(\w+)", "{1}"),
            (_RUN + r"job=figure.*figure=\S*?(\w+)\.yaml", "{1}"),
            (_RUN + r"job=figure", "figure"),
        )
    ),
    Expected(_RUN + r"job=audit", files=("{out}/audit.csv", "{out}/audit.png")),
    Expected(_RUN + r"job=compare.*panels='\[\]'", files=("{out}/compare.csv", "{out}/compare.png")),
    Expected(_RUN + r"job=compare", files=("{out}/compare.csv", "{out}/compare.png", "{out}/*.jpg")),
    Expected(
        _RUN + r"job=labels.*output\.tar=", files=("{out}/*.tar", "{out}/*.idx", "{out}/annotations.json")
    ),
    Expected(_RUN + r"job=labels.*output=(\w+)", files=("{out}/*.{1}", "{out}/annotations.json")),
    Expected(_RUN + r"job=labels", files=("{out}/*.png", "{out}/annotations.json")),
    Expected(_RUN + r"job=(?:meshes|turntable|video|contact).*output=(\w+)", files=("{out}/*.{1}",)),
    Expected(_RUN + r"job=meshes", files=("{out}/*.glb",)),
    Expected(_RUN + r"job=video", files=("{out}/*.mp4",)),
    Expected(_RUN + r"job=turntable", files=("{out}/*.gif",)),
    Expected(_RUN + r"job=contact", files=("{out}/*.png",)),
    Expected(_RUN + r"page=true", files=("{out}/*.jpg", "{out}/index.html")),
    Expected(_RUN + r"progress=.*tensorboard", files=("{out}/progress.jsonl", "{out}/tensorboard/**/*")),
    Expected(_RUN + r"progress='\[file\]'", files=("{out}/*.jpg", "{out}/progress.jsonl")),
    Expected(_RUN + r"output=png", files=("{out}/*.png",)),
    Expected(r"^smpl-render(?! [a-z]+(?: |$))", files=("{out}/**/*.jpg", "{out}/manifest.jsonl")),
    Expected(r"^make demo", files=("outputs/demo/overlay/*.jpg", "eft_fit/demo/*/demo_EFT.json")),
    Expected(r"^python examples/inputs/conventions\.py \S+ \S+ (\S+)$", files=("{1}/*.npz",)),
    Expected(r"^python examples/inputs/\w+\.py(?: \S+)*? (\S+)$", files=("{1}",)),
    Expected(r"^python examples/\w+\.py$", files=("outputs/examples/**/*",)),
    Expected(r"^python -m tools\.docs\.coordinates ([\w-]+)$", files=("outputs/demo/coordinates/{1}*",)),
    Expected(r"^python -m tools\.docs\.drawn\.\w+ (\S+)$", files=("{1}/*",)),
    Expected(r"^openjd check", says="passes"),
    Expected(r"^openjd run", files=("shared/coco/manifest.jsonl", "shared/coco/*.jpg")),
    Expected(r"^source \.venv/bin/activate$", files=(".venv/bin/smpl-render",)),
)


def find_reason(command: str) -> str | None:
    """Why it cannot be run; None if it can."""
    return next((reason for pattern, reason in CANNOT.items() if re.search(pattern, command)), None)


def find_expected(command: str) -> Expected | None:
    """What comes of it, with its folders filled in; None if the table says nothing."""
    for expected in EXPECTED:
        if found := re.search(expected.pattern, command):
            groups = {str(i): group for i, group in enumerate(found.groups(), 1)}
            places = {"{out}": name_output(command), "{set}": name_set(command)}
            places |= {f"{{{name}}}": group for name, group in groups.items()}
            files = []
            for file in expected.files:
                for name, place in places.items():
                    file = file.replace(name, place)
                files.append(file)
            return Expected(expected.pattern, tuple(files), expected.says)
    return None


def name_set(command: str) -> str:
    """The folder of the dataset that it draws."""
    settings = read_settings(command)
    return f"outputs/{settings.get('dataset.name', settings.get('dataset', 'demo'))}"


def name_output(command: str) -> str:
    """The folder that it writes to."""
    settings = read_settings(command)
    return settings.get("output.dir", f"{name_set(command)}/{settings.get('job', 'overlay')}")


def read_settings(command: str) -> dict[str, str]:
    """What its words set."""
    words = [word.partition("=") for word in shlex.split(command)]
    return {key: value for key, equals, value in words if equals}
