"""What is in a PDF of one page, as pypdf reads it."""

import io
from typing import NamedTuple

from pypdf import PdfReader


class EmbeddedPicture(NamedTuple):
    """A picture of a PDF: its file, and its pixels an inch across and down."""

    data: bytes
    ppi: tuple[float, float]


def open_pdf(pdf: bytes) -> PdfReader:
    """The file, opened."""
    return PdfReader(io.BytesIO(pdf))


def read_text(pdf: bytes) -> str:
    """All text of the page."""
    return open_pdf(pdf).pages[0].extract_text()


def list_fonts(pdf: bytes) -> dict[str, tuple[str, bool]]:
    """The kind of each font, and whether its outlines are in the file."""
    found = {}
    for font in open_pdf(pdf).pages[0]["/Resources"].get("/Font", {}).values():
        (inner,) = font.get_object().get("/DescendantFonts", [font])
        inner = inner.get_object()
        descriptor = inner.get("/FontDescriptor", {})
        is_embedded = any(key.startswith("/FontFile") for key in descriptor)
        found[inner["/BaseFont"].removeprefix("/")] = (inner["/Subtype"], is_embedded)
    return found


def list_pictures(pdf: bytes) -> list[EmbeddedPicture]:
    """The pictures in the order in which they are painted; each must be a JPEG."""
    page = open_pdf(pdf).pages[0]
    pictures = []

    def visit(operator, operands, matrix, _text_matrix):
        if operator != b"Do":
            return
        picture = page["/Resources"]["/XObject"][operands[0]].get_object()
        if picture["/Subtype"] != "/Image":
            return
        assert picture["/Filter"] in ("/DCTDecode", ["/DCTDecode"])
        ppi = (picture["/Width"] / abs(matrix[0]) * 72, picture["/Height"] / abs(matrix[3]) * 72)
        pictures.append(EmbeddedPicture(picture._data, ppi))

    page.extract_text(visitor_operand_before=visit)
    return pictures
