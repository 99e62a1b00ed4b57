"""Fixtures of made people and their photos."""

import pytest

from render.photos.folder import PhotoDir
from tests.helpers.made_fits import MadePeople, make_people, make_photos


@pytest.fixture(scope="session")
def people() -> MadePeople:
    return make_people()


@pytest.fixture(scope="session")
def photos(tmp_path_factory) -> PhotoDir:
    return make_photos(tmp_path_factory.mktemp("photos"))
