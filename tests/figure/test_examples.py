import doctest
import pkgutil
from importlib import import_module

import render.figure


def test_the_examples_of_the_docstrings_are_true():
    names = [module.name for module in pkgutil.walk_packages(render.figure.__path__, "render.figure.")]
    found = [doctest.testmod(import_module(name)) for name in names]
    assert sum(one.failed for one in found) == 0
    assert sum(one.attempted for one in found) >= 5
