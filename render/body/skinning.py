"""Linear blend skinning as in SMPL (Loper et al., 2015): one matrix product, a chain of joints, a blend."""

from __future__ import annotations

import torch
import warp as wp

from render.compute.kernels import MODULE_OPTIONS, launch, loop_lanes

wp.set_module_options(MODULE_OPTIONS)


# One thread a body: a joint needs the pose of its parent, so the chain cannot be cut into lanes.
@wp.kernel
def chain_joints(
    rest: wp.array2d(dtype=wp.vec3f),
    pose_rotmat: wp.array2d(dtype=wp.mat33f),
    parents: wp.array(dtype=wp.int32),
    rotation: wp.array2d(dtype=wp.mat33f),
    motion: wp.array3d(dtype=wp.vec4f),
    joints: wp.array2d(dtype=wp.vec3f),
):
    body = wp.tid()
    first = rest.shape[1] - parents.shape[0]
    for joint in range(parents.shape[0]):
        parent = parents[joint]
        at_rest = rest[body, first + joint]
        turned = pose_rotmat[body, joint]
        place = at_rest
        if parent >= 0:
            turned = rotation[body, parent] * turned
            bone = at_rest - rest[body, first + parent]
            place = rotation[body, parent] * bone + joints[body, parent]
        rotation[body, joint] = turned
        joints[body, joint] = place
        # From the rest pose, so the joint's own rest place is taken out.
        shift = place - turned * at_rest
        for row in range(3):
            motion[body, joint, row] = wp.vec4f(turned[row, 0], turned[row, 1], turned[row, 2], shift[row])


@wp.kernel
def blend_motions(
    rest: wp.array2d(dtype=wp.vec3f),
    motion: wp.array3d(dtype=wp.vec4f),
    joint: wp.array2d(dtype=wp.int32),
    weight: wp.array2d(dtype=wp.float32),
    lanes: wp.int32,
    verts: wp.array2d(dtype=wp.vec3f),
):
    body, lane = wp.tid()
    for vertex in range(lane, verts.shape[1], lanes):
        place = rest[body, vertex]
        x = wp.vec4f()
        y = wp.vec4f()
        z = wp.vec4f()
        for k in range(joint.shape[1]):
            w = weight[vertex, k]
            # The largest come first.
            if w == 0.0:
                break
            j = joint[vertex, k]
            x += w * motion[body, j, 0]
            y += w * motion[body, j, 1]
            z += w * motion[body, j, 2]
        v = wp.vec4f(place[0], place[1], place[2], 1.0)
        verts[body, vertex] = wp.vec3f(wp.dot(x, v), wp.dot(y, v), wp.dot(z, v))


class Skinning:
    """Vertices and joints of one model, from rotations and shape coefficients.

    All arrays are float32 on the device where bodies are wanted, except parents.

    Args:
        v_template: Rest vertices (V, 3) m.
        shapedirs: Their offsets per shape coefficient (V, 3, B).
        posedirs: Their offsets per element of all rotations but the first, less the identity
            (9 (J - 1), 3 V); None for a skin without such correctives.
        joint_basis: Rest joints, then their offsets per shape coefficient (1 + B, J, 3) m, see
            `regress_joints`.
        weights: Of the joints at each vertex (V, J).
        parents: Of each joint (J,), -1 for the first, others earlier in the list.
    """

    def __init__(
        self,
        v_template: torch.Tensor,
        shapedirs: torch.Tensor,
        posedirs: torch.Tensor | None,
        joint_basis: torch.Tensor,
        weights: torch.Tensor,
        parents: torch.Tensor,
    ) -> None:
        device, joint_count, vert_count = v_template.device, joint_basis.shape[1], len(v_template)
        self.joint_count = joint_count
        # The rest joints are linear in the shape as the vertices are, so they ride along as more vertices.
        self.rest_count = vert_count + joint_count
        shape_basis = _stack_shape(v_template, shapedirs)
        correctives = 0 if posedirs is None else len(posedirs)
        basis = torch.zeros(
            len(shape_basis) + correctives, self.rest_count, 3, dtype=torch.float32, device=device
        )
        basis[: len(shape_basis), :vert_count] = shape_basis
        basis[: len(shape_basis), vert_count:] = joint_basis
        if posedirs is not None:
            basis[len(shape_basis) :, :vert_count] = posedirs.view(-1, vert_count, 3)
        self._basis = basis.flatten(1)
        self._first_pose_row = len(shape_basis)
        self._vert_count = vert_count
        self._identity = torch.eye(3, dtype=torch.float32, device=device)
        self._parents = parents.to(device, torch.int32)
        # Four a vertex in SMPL; whatever the model has.
        most = int((weights != 0).sum(1).max())
        # A stable order: joints of equal weight are summed in the same order everywhere.
        self._weight, joint = weights.sort(dim=1, descending=True, stable=True)
        self._weight, self._joint = self._weight[:, :most].contiguous(), joint[:, :most].int().contiguous()

    @property
    def posedirs(self) -> torch.Tensor:
        """The offsets per element of rotations, as the constructor takes them; a copy."""
        rows = self._basis[self._first_pose_row :].view(-1, self.rest_count, 3)
        return rows[:, : self._vert_count].flatten(1)

    def __call__(
        self,
        pose_rotmat: torch.Tensor,
        betas: torch.Tensor,
        chunk_rows: int,
        verts: torch.Tensor,
        joints: torch.Tensor,
    ) -> None:
        """Writes the vertices and joints of M bodies.

        Args:
            pose_rotmat: (M, J, 3, 3).
            betas: (M, B).
            chunk_rows: How many rows the matrix product has, M or more, whatever M is: products of other
                sizes round differently.
            verts: (M, V, 3) m, written to.
            joints: (M, J, 3) m, written to.
        """
        count, device = len(betas), betas.device
        coefficients = torch.zeros(chunk_rows, len(self._basis), dtype=torch.float32, device=device)
        # Template, shape and pose in one product: the template has the coefficient 1.
        coefficients[:count, 0] = 1.0
        coefficients[:count, 1 : 1 + betas.shape[1]] = betas
        if self._first_pose_row < len(self._basis):
            coefficients[:count, self._first_pose_row :] = (pose_rotmat[:, 1:] - self._identity).flatten(1)
        rest = (coefficients @ self._basis).view(chunk_rows, self.rest_count, 3)
        rotation = torch.empty(count, self.joint_count, 3, 3, dtype=torch.float32, device=device)
        motion = torch.empty(count, self.joint_count, 3, 4, dtype=torch.float32, device=device)
        launch(chain_joints, count, [rest, pose_rotmat, self._parents, rotation, motion, joints], device)
        lanes = loop_lanes(device, verts.shape[1])
        inputs = [rest, motion, self._joint, self._weight, lanes, verts]
        launch(blend_motions, (count, lanes), inputs, device)


def regress_joints(
    J_regressor: torch.Tensor, v_template: torch.Tensor, shapedirs: torch.Tensor
) -> torch.Tensor:
    """Rest joints and their offsets per shape coefficient, (1 + B, J, 3) float32.

    Args:
        J_regressor: Joints from vertices (J, V).
        v_template: Rest vertices (V, 3) m.
        shapedirs: Their offsets per shape coefficient (V, 3, B).
    """
    # In float64, because this is done once and for all bodies.
    return (J_regressor.double() @ _stack_shape(v_template, shapedirs).double()).float()


def _stack_shape(v_template: torch.Tensor, shapedirs: torch.Tensor) -> torch.Tensor:
    """(1 + B, V, 3)."""
    return torch.cat([v_template[None], shapedirs.permute(2, 0, 1)])
