"""Who would draw a run: this process or several, and into how many shards it would be divided for them."""

from __future__ import annotations

from render.compute.threads import count_cores
from render.config.schema import Config
from render.errors import ConfigError
from render.files.output import Readable
from render.fits.rows.shards import parse_shard
from render.run.engines.choose import is_worth, may_be_faster
from render.run.engines.local.places import find_places, list_gpus
from render.run.engines.plan import UNKNOWN_WORKERS, divide
from render.types.fits import Fits


def describe_work(config: Config, fits: Fits, output: Readable) -> str:
    """What is said of who draws.

    Neither a device nor a cluster is asked: where those decide, it is said what would be with them.

    Args:
        config: The settings.
        fits: All that `samples` takes.
        output: Where the run writes.

    Raises:
        ConfigError: It cannot be divided.
    """
    here = f"one process with {config.threads or count_cores()} threads"
    shard, name = parse_shard(config.shard), config.executor.name
    if shard.count > 1:
        return f"{here}, for shard {shard.number:,} of {shard.count:,}"
    if name == "threads":
        return here
    if name == "ray":
        return _describe_ray(config, fits, output)
    # GPUs that are asked for may be another machine's.
    try:
        on_gpu, workers = bool(list_gpus(config)), len(find_places(config))
        may_be = name == "processes" or may_be_faster(config)
    except ConfigError:
        on_gpu, workers, may_be = True, config.workers or max(len(config.devices), 1), True
    plan = divide(config, fits, output, on_gpu, workers)
    if not may_be or not is_worth(config, plan, on_gpu, workers):
        return f"executor=auto: {here} here, or several where that is faster"
    some = f"{workers:,} workers, which take" if workers > 1 else "1 worker, which takes"
    return f"executor={name}: {some} {plan.shards:,} shards one after the other"


def _describe_ray(config: Config, fits: Fits, output: Readable) -> str:
    where = "" if config.executor.address is None else f" at {config.executor.address}"
    workers = f"{config.workers:,} workers" if config.workers else "as many workers as there is room for"
    planned = config.workers or UNKNOWN_WORKERS
    # Where the settings leave it open, the cluster tells whether workers have GPUs.
    is_open = config.device == "auto" and not config.executor.gpus
    kinds = (False, True) if is_open else (config.device != "cpu",)
    counts = dict.fromkeys(divide(config, fits, output, on_gpu, planned).shards for on_gpu in kinds)
    shards = " or, on GPUs, ".join(f"{count:,}" for count in counts)
    return f"executor=ray{where}: {workers}, which take {shards} shards one after the other"
