"""`python -m render.doctor`: whether the run with the same settings can start, and what it will take."""

import logging
import sys

import hydra
from omegaconf import DictConfig

from render.config import load_config, register_schemas
from render.errors import RenderError

EXIT_CANNOT_START = 1
EXIT_INTERRUPTED = 130

log = logging.getLogger("render")


@hydra.main(version_base="1.3", config_path="../../conf", config_name="config")
def main(composed: DictConfig) -> None:
    states: dict[str, str] = {}
    try:
        config = load_config(composed)
        # The body model's libraries take a second; refused settings need not wait for them.
        from render.doctor.checks import examine

        for finding in examine(config):
            # Messages of libraries may have several lines.
            text = " ".join(finding.text.splitlines())
            print(f"{finding.state:<6}{finding.title:<10}{text}", flush=True)
            states[finding.title] = finding.state
    except RenderError as error:
        log.error("%s", error)
        sys.exit(EXIT_CANNOT_START)
    except KeyboardInterrupt:
        log.error("interrupted; nothing was left behind")
        sys.exit(EXIT_INTERRUPTED)
    print(summarize(states))
    if "bad" in states.values():
        sys.exit(EXIT_CANNOT_START)


def summarize(states: dict[str, str]) -> str:
    """The closing line: whether the run can start, and what to do first. states: by the findings' titles."""
    bad = [title for title, state in states.items() if state == "bad"]
    warned = [title for title, state in states.items() if state == "warn"]
    if bad:
        rest = f", then {', '.join(bad[1:])}" if bad[1:] else ""
        return f"The run cannot start: first do what the line on {bad[0]} says{rest}."
    if warned:
        return f"The run can start; read first what the lines on {', '.join(warned)} say."
    return "The run can start: python -m render, with the same settings."


if __name__ == "__main__":
    register_schemas()
    main()
