"""The kit's commands: python -m tools.gpu prepare | take | run"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from benchmarks.results import REPOSITORY
from benchmarks.workspace import open_workspace
from tools.gpu.errors import KitError

PACK = REPOSITORY / ".gpu"
HELD = PACK / "held"
OUT = PACK / "out"
# A sheet as a JPEG, with room for its photo and its fit.
SHEET_BYTES = 400_000


def main(words: list[str] | None = None) -> None:
    """Runs one of the commands."""
    given = _read(words)
    try:
        given.command(given)
    except KitError as error:
        sys.exit(str(error))


def _read(words: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.gpu", description="see tools/gpu/README.md")
    commands = parser.add_subparsers(required=True)
    prepare = commands.add_parser("prepare", help="pack what a GPU machine without a network lacks")
    prepare.set_defaults(command=_prepare)
    prepare.add_argument(
        "--arch", type=int, default=90, help="compute capability: 90 for H100, H200 (default)"
    )
    prepare.add_argument("--python", default="3.12", help="the GPU machine's Python (default %(default)s)")
    prepare.add_argument(
        "--cuda", default="13", help="CUDA that its torch is built for (default %(default)s)"
    )
    prepare.add_argument("--there", default="", help="packages that it has, a,b,c; torch is never packed")
    prepare.add_argument(
        "--part-mb", type=float, default=1000, help="most MB of a part (default %(default)s)"
    )
    prepare.add_argument("--to", type=Path, default=PACK, help="default %(default)s")
    take = commands.add_parser("take", help="keep parts that came with one call for a later call")
    take.set_defaults(command=_take)
    take.add_argument("files", type=Path, nargs="+", help="parts, or the index")
    take.add_argument("--held", type=Path, default=HELD)
    run = commands.add_parser("run", help="unpack the pack if there is one, test, then measure")
    run.set_defaults(command=_run)
    run.add_argument("--dry-run", action="store_true", help="all of it on the CPU, as small as it can be")
    run.add_argument(
        "--only", default="", help="steps, a,b,c; a name also stands for those that begin with it"
    )
    run.add_argument("--limit-s", type=float, default=900, help="for all steps (default %(default)s)")
    run.add_argument("--pack", type=Path, default=PACK)
    run.add_argument("--held", type=Path, default=HELD)
    run.add_argument("--out", type=Path, default=OUT)
    return parser.parse_args(words)


def _prepare(given: argparse.Namespace) -> None:
    from tools.gpu.prepare import prepare

    there = [name for name in given.there.split(",") if name]
    prepare(given.to, given.arch, given.python, given.cuda, there, given.part_mb)


def _take(given: argparse.Namespace) -> None:
    from tools.gpu.parts import take

    print("held:", ", ".join(take(given.files, given.held)))


def _run(given: argparse.Namespace) -> None:
    import time

    from tools.gpu.parts import unpack
    from tools.gpu.plan import DRY_SHEETS, SHEETS, list_steps
    from tools.gpu.run import make_environment, run_all, show_summary

    began = time.monotonic()
    held, out = given.held.absolute(), given.out.absolute()
    index = unpack([given.pack, held], held)
    if index is None:
        print("there is no pack: what is installed here is used")
    else:
        sys.path.insert(0, str(held / "site"))
        print(f"unpacked, {time.monotonic() - began:.1f} s")
    environment = make_environment(held, index is not None, given.dry_run, out)
    device, cores = "cpu" if given.dry_run else "cuda", len(os.sched_getaffinity(0))
    info = {"is_dry_run": given.dry_run, "pack": index}
    with open_workspace((DRY_SHEETS if given.dry_run else SHEETS) * SHEET_BYTES) as workspace:
        steps = list_steps(device, cores, workspace, given.dry_run)
        names = tuple(name for name in given.only.split(",") if name)
        chosen = [step for step in steps if step.name.startswith(names or "")]
        if not chosen:
            raise KitError(f"--only={given.only}: expected some of {', '.join(step.name for step in steps)}")
        left_s = given.limit_s - (time.monotonic() - began)
        ended = run_all(chosen, left_s, out, environment, info)
    show_summary(ended, out)
    print(f"\n{out / 'gpu.json'}")
    if any(one.state.startswith(("failed", "too long")) for one in ended):
        sys.exit("some steps failed: what they said is in the folder of gpu.json")


if __name__ == "__main__":
    main()
