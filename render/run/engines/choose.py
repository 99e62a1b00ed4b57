"""Whether this process draws a run or workers do, and which."""

from __future__ import annotations

from render.compute.threads import count_cores
from render.config.schema import Config
from render.fits.rows.shards import parse_shard
from render.run.engines.drive import Engine
from render.run.engines.local.places import find_places, list_gpus
from render.run.engines.plan import UNKNOWN_WORKERS, make_plan

# Python holds its lock for 1 to 2 % of the time that a CPU takes for a sheet: of so many threads many wait.
MANY_CORES = 32
# Images for each worker that take longer than all that workers need to start.
WORTH_IMAGES = {"cpu": 500, "cuda": 5000}


def find_engine(config: Config) -> Engine | None:
    """What there is to do and what opens the workers; None where this process draws the run.

    Args:
        config: The settings.

    Raises:
        RenderError: Nothing can be done.
    """
    name = config.executor.name
    if name == "auto":
        name = "processes" if may_be_faster(config) else "threads"
    if name == "threads":
        return None
    if name == "ray":
        from render.run.engines.cluster.crew import RayCrew, draws_on_gpus

        plan = make_plan(config, draws_on_gpus(config), config.workers or UNKNOWN_WORKERS)
        return Engine(plan, lambda: RayCrew(config))
    from render.run.engines.local.processes import ProcessCrew

    gpus = list_gpus(config)
    places = find_places(config)
    plan = make_plan(config, bool(gpus), len(places))
    is_asked = config.executor.name != "auto" or config.workers or config.devices
    if not is_asked and plan.images < len(places) * WORTH_IMAGES["cuda" if gpus else "cpu"]:
        return None
    return Engine(plan, lambda: ProcessCrew(config))


def may_be_faster(config: Config) -> bool:
    """Whether several processes may draw a run faster than one, if there is enough to do.

    One process keeps a GPU busy, and as many cores as do not wait for each other. So there are workers where
    the settings ask for some, and for each of several GPUs, and where there are very many cores.

    Args:
        config: The settings.
    """
    if parse_shard(config.shard).count > 1:
        return False
    if config.workers or config.devices:
        return True
    gpus = list_gpus(config)
    return len(gpus) > 1 or (not gpus and count_cores() >= MANY_CORES and not config.threads)
