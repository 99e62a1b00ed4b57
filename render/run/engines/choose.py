"""Whether this process draws a run or workers do, and which."""

from __future__ import annotations

from render.compute.threads import count_cores
from render.config.schema import Config
from render.fits.rows.shards import parse_shard
from render.run.engines.drive import Engine
from render.run.engines.local.places import find_places, list_gpus
from render.run.engines.plan import UNKNOWN_WORKERS, Plan, make_plan

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

    on_gpu, workers = bool(list_gpus(config)), len(find_places(config))
    plan = make_plan(config, on_gpu, workers)
    return Engine(plan, lambda: ProcessCrew(config)) if is_worth(config, plan, on_gpu, workers) else None


def is_worth(config: Config, plan: Plan, on_gpu: bool, workers: int) -> bool:
    """Whether processes are asked for, or have enough to do for the time that they need to start.

    Args:
        config: The settings.
        plan: What there is to do.
        on_gpu: Whether they draw on GPUs.
        workers: How many there are to be.
    """
    is_asked = config.executor.name != "auto" or config.workers or config.devices
    return bool(is_asked) or plan.images >= workers * WORTH_IMAGES["cuda" if on_gpu else "cpu"]


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
