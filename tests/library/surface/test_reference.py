"""Bodies of a run against those of other fits, whatever their bodies and cameras are."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from render.body.fit_bodies import FitBodies
from render.body.mesh_body import MeshBody
from render.compute.steps import run_steps
from render.compute.transfer import DeviceQueue
from render.errors import BodyModelError
from render.fits.join import Joined
from render.library.surface.reference import Reference
from render.types.fits import Fits
from render.types.sources import Meshes
from tests.helpers.fit_tables import make_table
from tests.helpers.made_meshes import FACES

COUNT = 3
JOINED = Joined({row: COUNT - 1 - row for row in range(COUNT)}, {})
CPU = torch.device("cpu")


def measure(reference: Reference, fits: Fits, bodies: FitBodies) -> torch.Tensor:
    """The errors of all people, posed as a batch."""
    queue = DeviceQueue(CPU)
    groups = bodies.prepare(fits, queue)
    for group in groups:
        group.pose(group.model.list_chunks(len(group.index)))
    return bodies.join(run_steps(reference.measure(fits, groups, queue)), fits).values


def make_fits(seed: int) -> Fits:
    betas = np.random.default_rng(seed).normal(size=(COUNT, 10)).astype(np.float32)
    return make_table(COUNT, betas=betas)


def as_meshes(fits: Fits, body) -> Fits:
    """The same people as vertices without a model."""
    poses = fits.sources[0].bodies
    verts = body.pose(torch.from_numpy(poses.rotmat), torch.from_numpy(poses.betas)).verts.numpy()
    source = replace(fits.sources[0], bodies=Meshes("", body.faces.numpy(), verts))
    return replace(fits, sources=(source,))


def test_each_person_is_compared_with_his_partner(demo_body):
    fits, bodies = make_fits(0), FitBodies((demo_body,))
    other = fits.take(np.arange(COUNT)[::-1])
    found = measure(Reference(other, bodies, JOINED, "none"), fits, bodies)
    assert found.shape == (COUNT, demo_body.vert_count)
    assert not found.any()
    strangers = replace(JOINED, partner={0: 0})
    found = measure(Reference(other, bodies, strangers, "none"), fits, bodies)
    assert (found[0] > 0).any()
    assert found[1:].isnan().all()


@pytest.mark.parametrize("align", ["root", "procrustes", "none"])
def test_vertices_of_a_topology_are_compared_with_its_poses(demo_body, align):
    """They have no joints: then the vertices that follow the root say where both are."""
    fits = make_fits(0)
    mesh = MeshBody("mesh", demo_body.faces, demo_body.vert_count)
    other, others = as_meshes(fits, demo_body), FitBodies((mesh,))
    other = replace(other, rotation=other.rotation.copy())
    bodies, same = FitBodies((demo_body,)), Joined({row: row for row in range(COUNT)}, {})
    reference = Reference(other, others, same, align)
    reference.check(fits, bodies)
    assert measure(reference, fits, bodies).max() < 1e-3
    if align != "root":
        return
    # The root moves with all of the body.
    other.sources[0].bodies.verts[:] += np.array([0.5, -1, 3], np.float32)
    # Float32's last bits, three metres away.
    assert measure(reference, fits, bodies).max() < 2e-3


def test_places_before_a_camera_count_where_nothing_is_aligned(demo_body):
    bodies, same = FitBodies((demo_body,)), Joined({row: row for row in range(COUNT)}, {})
    fits = make_fits(0)
    fits = replace(fits, focal=np.full((COUNT, 2), 500.0), scale=np.zeros(COUNT))
    moved = replace(fits, transl_m=fits.transl_m + np.array([0, 0, 0.125]))
    found = measure(Reference(moved, bodies, same, "none"), fits, bodies)
    torch.testing.assert_close(found, torch.full_like(found, 125.0), rtol=0, atol=1e-3)
    assert not measure(Reference(moved, bodies, same, "root"), fits, bodies).any()
    # Weak perspective has no such place.
    reference = Reference(make_fits(0), bodies, same, "none")
    assert "only one of the two fits has one" in reference.find_lack(fits, 1)
    assert Reference(make_fits(0), bodies, same, "root").find_lack(fits, 1) is None


def test_other_topologies_and_bodies_without_a_root_are_refused(demo_body):
    fits, bodies = make_fits(0), FitBodies((demo_body,))
    tetrahedron = MeshBody("tetra", torch.from_numpy(FACES), 4)
    with pytest.raises(BodyModelError, match=r"reference: .* has 6890 vertices .*, and tetra .* 4 and 4"):
        Reference(fits, FitBodies((tetrahedron,)), JOINED, "none").check(fits, bodies)
    alike = FitBodies((tetrahedron,))
    Reference(fits, alike, JOINED, "procrustes").check(fits, alike)
    with pytest.raises(BodyModelError, match=r"align: tetra and tetra .* have no joint in common"):
        Reference(fits, alike, JOINED, "root").check(fits, alike)
