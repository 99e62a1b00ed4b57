"""From what the user wrote to checked settings."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any

from hydra import compose, initialize_config_dir
from hydra.core.config_store import ConfigStore
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from render.config.dataset import DatasetConfig, DemoDataset, FilesDataset
from render.config.groups import OutputConfig, make_output_node
from render.config.keys import list_settings
from render.config.refusals import refuse
from render.config.schema import Config
from render.config.words import read_words
from render.errors import ConfigError
from render.resources import CONF_DIR
from render.write.format import FORMATS

# What Hydra and OmegaConf raise; interpolations may lead in a circle.
REFUSED_BY = (HydraException, OmegaConfBaseException, RecursionError)


def register_schemas() -> None:
    """Tells Hydra the types behind the files of conf/, and the output formats of other packages."""
    _register_own()
    store = ConfigStore.instance().store
    for name in FORMATS.names:
        try:
            node = make_output_node(name)
        # Of another package, which does not keep others from being used.
        except ConfigError:
            continue
        store(group="schema/output", name=name, node=node)
        if not (CONF_DIR / "output" / f"{name}.yaml").exists():
            store(group="output", name=name, node=_fill_node(node, name))


@cache
def _register_own() -> None:
    """Those that are the same in each call, which Hydra takes long to look through."""
    store = ConfigStore.instance().store
    store(name="schema", node=Config)
    store(group="schema/dataset", name="files", node=FilesDataset)
    store(group="schema/dataset", name="demo", node=DemoDataset)


def _fill_node(node: type[OutputConfig], name: str) -> OutputConfig:
    """The settings of a format for which conf/ has no file."""
    filled = node(format=name)
    for option in FORMATS.load(name).options:
        setattr(filled, option.name, option.default)
    return filled


def compose_settings(words: list[str]) -> DictConfig:
    """The settings that the words of a command line make of conf/, not yet checked.

    Args:
        words: Overrides, such as `output=png` or `dataset.count=8`.

    Raises:
        ConfigError: They are refused.
    """
    read = read_words(words)
    register_schemas()
    try:
        with initialize_config_dir(str(CONF_DIR), version_base="1.3"):
            return compose("config", overrides=read)
    # ValueError: a number of more digits than Python reads.
    except (*REFUSED_BY, ValueError) as error:
        raise refuse(error, read) from error


def load_config(composed: DictConfig) -> Config:
    """The checked configuration.

    Args:
        composed: The settings as Hydra composes them.

    Raises:
        ConfigError: A key is missing, unknown or out of range; names it.
    """
    try:
        missing = OmegaConf.missing_keys(composed)
    except REFUSED_BY as error:
        raise refuse(error) from error
    if missing:
        settings = " ".join(f"{key}=..." for key in sorted(missing))
        advice = describe_images(composed.dataset) if "dataset.image_dir" in missing else ""
        raise ConfigError(
            f"settings without a value; add to the command line: {settings}\n  {advice}".rstrip()
        )
    # Makes the dataclasses, whose own checks raise ConfigError.
    try:
        _check_kinds(composed)
        config: Any = OmegaConf.to_object(composed)
    except REFUSED_BY as error:
        raise refuse(error) from error
    check_keys("", config)
    return config


def _check_kinds(composed: DictConfig) -> None:
    """Refuses what interpolations lead to, of which OmegaConf does not look at the type."""
    for one in list_settings().values():
        value = OmegaConf.select(composed, one.key)
        if value is None:
            continue
        is_list, is_table = OmegaConf.is_list(value), OmegaConf.is_dict(value)
        if one.is_list != is_list or (is_table and (one.is_text or one.is_number)):
            raise ConfigError(f"{one.key}: expected {one.kind}, found a {'table' if is_table else 'list'}")
        if is_list and any(OmegaConf.is_config(item) for item in value):
            raise ConfigError(f"{one.key}: expected {one.kind}, found a list or a table in it")


def describe_images(dataset: DatasetConfig | DictConfig) -> str:
    """Where the photos of a dataset come from and how they must lie, as far as its configuration says so."""
    said = (getattr(dataset, key, None) for key in ("image_source", "image_layout"))
    return " ".join(text for text in said if text)


def check_keys(path: str, node: Any) -> None:
    """Raises ConfigError for keys that no type has: Hydra lets `+key=value` add such keys.

    Args:
        path: Of the node in the settings, ending in a point; nothing for the whole.
        node: A dataclass of settings; those inside of it are looked at too.
    """
    known = {f.name for f in fields(node)}
    for key, value in vars(node).items():
        if key not in known:
            raise ConfigError(f"{path}{key}: no such setting; there are: {', '.join(sorted(known))}")
        if is_dataclass(value):
            check_keys(f"{path}{key}.", value)
