"""What Hydra makes of the files of conf/, made once in a session for each choice among them.

To find, read and merge them takes as long as a small run does. Single values, sweeps and what Hydra notes of
a command are set anew each time, by Hydra.
"""

import copy
import pickle
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hydra._internal import config_loader_impl
from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra._internal.config_repository import CachingConfigRepository, IConfigRepository
from hydra._internal.core_plugins.file_config_source import FileConfigSource
from hydra._internal.defaults_list import DefaultsList, Overrides
from hydra.core.default_element import ResultDefault
from hydra.core.override_parser.types import Override
from hydra.errors import HydraException
from hydra.plugins.config_source import ConfigResult
from omegaconf import DictConfig

from render.write.format import FORMATS

_Key = tuple[object, ...]


@contextmanager
def keep_settings() -> Iterator[None]:
    """Until the end of the block the files of conf/ are taken to stay as they are."""
    create, compose = (
        config_loader_impl.create_defaults_list,
        ConfigLoaderImpl._compose_config_from_defaults_list,
    )
    load = FileConfigSource.load_config
    files: dict[_Key, bytes] = {}
    lists: dict[_Key, bytes] = {}
    composed: dict[_Key, bytes] = {}

    def open_repository(opened: CachingConfigRepository, delegate: IConfigRepository) -> None:
        # Hydra copies all that lies in it, though it changes no more than the list of its sources.
        opened.delegate, opened.cache = copy.copy(delegate), {}

    def load_or_copy(source: FileConfigSource, config_path: str) -> ConfigResult:
        key = (source.provider, source.path, config_path)
        if key not in files:
            files[key] = pickle.dumps(load(source, config_path))
        return pickle.loads(files[key])

    def create_or_copy(
        repo: IConfigRepository,
        config_name: str | None,
        overrides_list: list[Override],
        prepend_hydra: bool,
        skip_missing: bool,
    ) -> DefaultsList:
        asked = Overrides(repo, overrides_list)
        values, asked.config_overrides = asked.config_overrides, []
        key = (_list_sources(repo), config_name, prepend_hydra, pickle.dumps(asked))
        if key not in lists:
            # A list that misses nothing is the same whether or not that is forgiven.
            try:
                made = create(repo, config_name, overrides_list, prepend_hydra, False)
            except HydraException:
                return create(repo, config_name, overrides_list, prepend_hydra, skip_missing)
            made.config_overrides = made.overrides.config_overrides = []
            lists[key] = pickle.dumps(made)
        kept = pickle.loads(lists[key])
        kept.config_overrides = kept.overrides.config_overrides = values
        return kept

    def compose_or_copy(
        loader: ConfigLoaderImpl, defaults: list[ResultDefault], repo: IConfigRepository
    ) -> DictConfig:
        key = (_list_sources(repo), pickle.dumps(defaults))
        if key not in composed:
            composed[key] = pickle.dumps(compose(loader, defaults, repo))
        return pickle.loads(composed[key])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(CachingConfigRepository, "__init__", open_repository)
        patch.setattr(FileConfigSource, "load_config", load_or_copy)
        patch.setattr(config_loader_impl, "create_defaults_list", create_or_copy)
        patch.setattr(ConfigLoaderImpl, "_compose_config_from_defaults_list", compose_or_copy)
        yield


def _list_sources(repo: IConfigRepository) -> _Key:
    """Where settings come from: folders, and the formats that there are, of which some have no file."""
    return (*((source.scheme(), source.path) for source in repo.get_sources()), *FORMATS.names)
