"""The kinds of SMPL's family: what each has of its own, in one table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from render.body.family.joint_names import (
    FACE_51,
    FLAME_5,
    MANO_16,
    SMPL_24,
    SMPLH_52,
    SMPLX_55,
    SURFACE_21,
    TIPS_5,
)

# The most that files have of each: betas first, then the expression.
MOST_BETAS, MOST_EXPRESSION = 300, 100
# Of the first version of SMPL-X, and what smplx takes of any file with fewer than all columns.
FEW_BETAS, FEW_EXPRESSION = 10, 10
FINGER_JOINTS = 15

# Vertices that smplx counts as joints behind those of the skeleton, as its `vertex_ids` list them: nose, eyes
# and ears, toes and heels, finger tips. The tests compare with smplx itself. SMPL-H has SMPL's vertices.
_SMPL_VERTS = (
    *(332, 6260, 2800, 4071, 583),
    *(3216, 3226, 3387, 6617, 6624, 6787),
    *(2746, 2319, 2445, 2556, 2673),
    *(6191, 5782, 5905, 6016, 6133),
)
_SMPLX_VERTS = (
    *(9120, 9929, 9448, 616, 6),
    *(5770, 5780, 8846, 8463, 8474, 8635),
    *(5361, 4933, 5058, 5169, 5286),
    *(8079, 7669, 7794, 7905, 8022),
)
_MANO_VERTS = (744, 320, 443, 554, 671)


@dataclass(frozen=True)
class HandKeys:
    """Where a hand is.

    Attributes:
        first: Its first joint, which is followed by 14 more.
        mean: Key of its mean pose in a file, 45 axis-angle numbers.
        components: Key of the principal components of such poses.
    """

    first: int
    mean: str
    components: str


@dataclass(frozen=True)
class BodyKind:
    """A kind of body model.

    Attributes:
        name: As settings and `Poses` call it.
        title: As people call it, with what it is where that is no body.
        verts: Vertices of its files as they are distributed.
        joint_names: Of its skeleton, in the order of rotations.
        joint_verts: Vertices that count as joints, by name.
        landmark_names: Of points on faces that count as joints behind those, where a file has them.
        hands: Left and right, or the only one.
        has_expression: Whether its shape columns end with some for the expression of the face.
        register: Where its files are to be had, and which.
        of_people: What `register` calls the file of men and of women, by `male` and `female`.
    """

    name: str
    title: str
    verts: int
    joint_names: tuple[str, ...]
    register: str
    joint_verts: Mapping[str, int] = field(default_factory=dict)
    landmark_names: tuple[str, ...] = ()
    hands: tuple[HandKeys, ...] = ()
    has_expression: bool = False
    of_people: Mapping[str, str] = field(default_factory=dict)

    def of_variant(self, name: str) -> BodyKind:
        """The same, whose advice is on the file of men or women.

        Args:
            name: Of a body, such as smpl_female; other names are of the neutral one.
        """
        file = self.of_people.get(name.rpartition("_")[2])
        return self if file is None else replace(self, register=f"{self.register.partition(';')[0]}; {file}")

    @property
    def joints(self) -> int:
        """Joints of its skeleton."""
        return len(self.joint_names)

    @property
    def correctives(self) -> int:
        """Pose correctives: one an element of each rotation matrix but the first."""
        return 9 * (self.joints - 1)

    def split_columns(self, columns: int) -> tuple[int, slice]:
        """Which columns of a file's `shapedirs` are betas, and which the expression.

        As smplx has it (1265df7, body_models.py): a file with all 400 columns has 300 betas before the
        expression, one with fewer has 10. The 16 columns of SMPL-X with a locked head are betas.

        Args:
            columns: How many there are.

        Returns:
            How many betas there are, which come first, and the columns of the expression.
        """
        most = min(columns, MOST_BETAS)
        if not self.has_expression or columns < FEW_BETAS + FEW_EXPRESSION:
            return most, slice(most, most)
        if columns >= MOST_BETAS + MOST_EXPRESSION:
            return most, slice(MOST_BETAS, MOST_BETAS + MOST_EXPRESSION)
        betas = most if columns >= MOST_BETAS else FEW_BETAS
        return betas, slice(FEW_BETAS, FEW_BETAS + FEW_EXPRESSION)


def _name_verts(names: tuple[str, ...], verts: tuple[int, ...]) -> dict[str, int]:
    return dict(zip(names, verts, strict=True))


def _find_hands(first: int) -> tuple[HandKeys, ...]:
    return (
        HandKeys(first, "hands_meanl", "hands_componentsl"),
        HandKeys(first + FINGER_JOINTS, "hands_meanr", "hands_componentsr"),
    )


KINDS = {
    kind.name: kind
    for kind in (
        BodyKind(
            name="smpl",
            title="SMPL",
            verts=6890,
            joint_names=SMPL_24,
            joint_verts=_name_verts(SURFACE_21, _SMPL_VERTS),
            register=(
                "SMPL must be registered for at https://smpl.is.tue.mpg.de; download the neutral model "
                "(basicModel_neutral_lbs_10_207_0_v1.0.0.pkl, which comes with SMPLify's code at "
                "https://smplify.is.tue.mpg.de, or basicmodel_neutral_lbs_10_207_0_v1.1.0.pkl)"
            ),
            of_people={
                "male": "download version 1.1.0 for Python (basicmodel_m_lbs_10_207_0_v1.1.0.pkl)",
                "female": "download version 1.1.0 for Python (basicmodel_f_lbs_10_207_0_v1.1.0.pkl)",
            },
        ),
        BodyKind(
            name="smplh",
            title="SMPL-H",
            verts=6890,
            joint_names=SMPLH_52,
            joint_verts=_name_verts(SURFACE_21, _SMPL_VERTS),
            hands=_find_hands(22),
            register=(
                "SMPL-H must be registered for at https://mano.is.tue.mpg.de; download the extended SMPL+H "
                "model (neutral/model.npz)"
            ),
            of_people={
                "male": "download the extended SMPL+H model (male/model.npz)",
                "female": "download the extended SMPL+H model (female/model.npz)",
            },
        ),
        BodyKind(
            name="smplx",
            title="SMPL-X",
            verts=10475,
            joint_names=SMPLX_55,
            joint_verts=_name_verts(SURFACE_21, _SMPLX_VERTS),
            landmark_names=FACE_51,
            hands=_find_hands(25),
            has_expression=True,
            register=(
                "SMPL-X must be registered for at https://smpl-x.is.tue.mpg.de; download the neutral model "
                "(SMPLX_NEUTRAL.npz)"
            ),
            of_people={
                "male": "download the model of men (SMPLX_MALE.npz)",
                "female": "download the model of women (SMPLX_FEMALE.npz)",
            },
        ),
        BodyKind(
            name="mano",
            title="MANO (a hand)",
            verts=778,
            joint_names=MANO_16,
            joint_verts=_name_verts(TIPS_5, _MANO_VERTS),
            hands=(HandKeys(1, "hands_mean", "hands_components"),),
            register=(
                "MANO must be registered for at https://mano.is.tue.mpg.de; download the hand "
                "(MANO_RIGHT.pkl or MANO_LEFT.pkl)"
            ),
        ),
        BodyKind(
            name="flame",
            title="FLAME (a head)",
            verts=5023,
            joint_names=FLAME_5,
            has_expression=True,
            register=(
                "FLAME must be registered for at https://flame.is.tue.mpg.de; download the neutral model "
                "(generic_model.pkl)"
            ),
        ),
    )
}
