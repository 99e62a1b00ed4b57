"""Pickles as joblib writes them: arrays lie between the pickle's opcodes, plain or packed."""

import sys
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any


def import_joblib() -> ModuleType:
    """joblib, which is there without the package that it asks for as it is imported.

    It uses that only for functions that go to other processes.
    """
    is_missing = find_spec("cloudpickle") is None
    if is_missing:
        sys.modules["cloudpickle"] = SimpleNamespace(dumps=None, loads=None, CloudPickler=object)
    try:
        import joblib
    finally:
        if is_missing:
            del sys.modules["cloudpickle"]
    return joblib


def dump_joblib(value: Any, path: Path, compress: int = 0) -> Path:
    """Writes a file of joblib's own."""
    import_joblib().dump(value, path, compress=compress)
    return path
