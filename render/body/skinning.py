"""Linear blend skinning as in SMPL (Loper et al., 2015): one matrix product, a chain of joints, a blend."""

from typing import NamedTuple

import torch
import warp as wp

from render.body.abreast.shapes import ShapeSums
from render.body.abreast.width import count_ranks, file_out, open_module
from render.compute.kernels import build_once, launch, loop_lanes, natural


class SkinKernels(NamedTuple):
    """Kernels of one width; see their own comments."""

    chain_joints: wp.Kernel
    blend_motions: wp.Kernel


@build_once
def make_kernels(width: int) -> SkinKernels:
    """The kernels that skin so many bodies abreast."""
    row = wp.types.vector(length=width, dtype=wp.float32)
    module = open_module(__name__, width)

    # One thread a body: a joint needs the pose of its parent, so the chain cannot be cut into lanes.
    @wp.kernel(module=module)
    def chain_joints(
        rest: wp.array3d(dtype=wp.float32),
        first: wp.int32,
        pose_rotmat: wp.array2d(dtype=wp.mat33f),
        parents: wp.array(dtype=wp.int32),
        rotation: wp.array2d(dtype=wp.mat33f),
        motion: wp.array4d(dtype=wp.float32),
        joints: wp.array2d(dtype=wp.vec3f),
    ):
        body = wp.tid()
        rank, place = body // width, body % width
        for joint in range(parents.shape[0]):
            parent = parents[joint]
            at_rest = wp.vec3f()
            for axis in range(3):
                at_rest[axis] = rest[rank, 3 * (first + joint) + axis, place]
            turned = pose_rotmat[body, joint]
            at = at_rest
            if parent >= 0:
                turned = rotation[body, parent] * turned
                bone = at_rest
                for axis in range(3):
                    bone[axis] = at_rest[axis] - rest[rank, 3 * (first + parent) + axis, place]
                at = rotation[body, parent] * bone + joints[body, parent]
            rotation[body, joint] = turned
            joints[body, joint] = at
            # From the rest pose, so the joint's own rest place is taken out.
            shift = at - turned * at_rest
            for axis in range(3):
                for column in range(3):
                    motion[rank, joint, 4 * axis + column, place] = turned[axis, column]
                motion[rank, joint, 4 * axis + 3, place] = shift[axis]

    @wp.kernel(module=module)
    def blend_motions(
        rest: wp.array2d(dtype=row),
        motion: wp.array3d(dtype=row),
        joint: wp.array2d(dtype=wp.int32),
        weight: wp.array2d(dtype=wp.float32),
        lanes: wp.int32,
        verts: wp.array2d(dtype=row),
    ):
        rank, lane = wp.tid()
        for vertex in range(lane, joint.shape[0], lanes):
            xx, xy, xz, x = row(), row(), row(), row()
            yx, yy, yz, y = row(), row(), row(), row()
            zx, zy, zz, z = row(), row(), row(), row()
            for k in range(joint.shape[1]):
                w = weight[vertex, k]
                # The largest come first.
                if w == 0.0:
                    break
                j = natural(joint[vertex, k])
                xx += w * motion[rank, j, 0]
                xy += w * motion[rank, j, 1]
                xz += w * motion[rank, j, 2]
                x += w * motion[rank, j, 3]
                yx += w * motion[rank, j, 4]
                yy += w * motion[rank, j, 5]
                yz += w * motion[rank, j, 6]
                y += w * motion[rank, j, 7]
                zx += w * motion[rank, j, 8]
                zy += w * motion[rank, j, 9]
                zz += w * motion[rank, j, 10]
                z += w * motion[rank, j, 11]
            at = natural(3 * vertex)
            a, b, c = rest[rank, at], rest[rank, at + 1], rest[rank, at + 2]
            verts[rank, at] = wp.cw_mul(xx, a) + wp.cw_mul(xy, b) + wp.cw_mul(xz, c) + x
            verts[rank, at + 1] = wp.cw_mul(yx, a) + wp.cw_mul(yy, b) + wp.cw_mul(yz, c) + y
            verts[rank, at + 2] = wp.cw_mul(zx, a) + wp.cw_mul(zy, b) + wp.cw_mul(zz, c) + z

    return SkinKernels(chain_joints, blend_motions)


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
        self._sums = ShapeSums(basis.flatten(1))
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
        rows = self._sums.basis[self._first_pose_row :].view(-1, self.rest_count, 3)
        return rows[:, : self._vert_count].flatten(1)

    def __call__(
        self,
        pose_rotmat: torch.Tensor,
        betas: torch.Tensor,
        chunk_rows: int,
        verts: torch.Tensor,
        joints: torch.Tensor,
    ) -> torch.Tensor:
        """Writes the vertices and joints of M bodies.

        Args:
            pose_rotmat: (M, J, 3, 3).
            betas: (M, B).
            chunk_rows: How many rows a matrix product on a GPU has, M or more, whatever M is: products of
                other sizes round differently.
            verts: (M, V, 3) m, written to.
            joints: (M, J, 3) m, written to.

        Returns:
            The vertices once more, abreast as `VertexNormals.find` takes them.
        """
        (count, vert_count), device = verts.shape[:2], betas.device
        coefficients = torch.zeros(count, self._sums.row_count, dtype=torch.float32, device=device)
        # Template, shape and pose in one product: the template has the coefficient 1.
        coefficients[:, 0] = 1.0
        coefficients[:, 1 : 1 + betas.shape[1]] = betas
        if self._first_pose_row < self._sums.row_count:
            coefficients[:, self._first_pose_row :] = (pose_rotmat[:, 1:] - self._identity).flatten(1)
        rest = self._sums(coefficients, chunk_rows)
        width = rest.shape[2]
        kernels, ranks = make_kernels(width), count_ranks(count, device)
        rotation = torch.empty(count, self.joint_count, 3, 3, dtype=torch.float32, device=device)
        # Empty places stay where they are.
        motion = torch.zeros(ranks, self.joint_count, 12, width, dtype=torch.float32, device=device)
        inputs = [rest, vert_count, pose_rotmat, self._parents, rotation, motion, joints]
        launch(kernels.chain_joints, count, inputs, device)
        # On a GPU at once where they are to be.
        placed = verts.view(count, -1, 1) if width == 1 else torch.empty_like(rest)
        lanes = loop_lanes(device, vert_count)
        inputs = [rest, motion, self._joint, self._weight, lanes, placed]
        launch(kernels.blend_motions, (ranks, lanes), inputs, device)
        if width > 1:
            file_out(placed, verts.flatten(1))
        return placed


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
