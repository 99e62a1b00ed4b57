"""What a file is that is no photo of a kind that is read, by its first bytes.

People meet these under the names of photos: pages of a server that refused, files of a phone or a camera, a
download that stopped. Each is named, so that they know what to do.
"""

from __future__ import annotations

# How far into a file these look.
START_BYTES = 512
_CONVERT = "Convert it to JPEG or PNG."
_DOWNLOAD = "Download it again."
# First bytes, the name, what to do. ISO's media files are told apart by their brands.
_STARTS: list[tuple[bytes, str, str]] = [
    (b"version https://git-lfs", "a git-lfs pointer", "Fetch it with `git lfs pull`."),
    (b"\xff\x0a", "a JPEG XL picture", _CONVERT),
    (b"\0\0\0\x0cJXL \r\n\x87\n", "a JPEG XL picture", _CONVERT),
    (b"II\xbc\x01", "a JPEG XR picture", _CONVERT),
    (b"P7\n", "a PAM picture", _CONVERT),
    (b"PF\n", "a PFM picture of floating-point numbers", _CONVERT),
    (b"Pf\n", "a PFM picture of floating-point numbers", _CONVERT),
    (b"8BPS", "a Photoshop document (PSD)", _CONVERT),
    (b"gimp xcf", "a GIMP document (XCF)", _CONVERT),
    (b"v/1\x01", "an OpenEXR picture", _CONVERT),
    (b"#?RADIANCE", "a Radiance HDR picture", _CONVERT),
    (b"#?RGBE", "a Radiance HDR picture", _CONVERT),
    (b"%PDF", "a PDF document", _CONVERT),
    (b"%!PS", "a PostScript document", _CONVERT),
    (b"\0\0\x01\0", "an icon (ICO)", _CONVERT),
    (b"\0\0\x02\0", "a cursor (CUR) or a Targa picture (TGA)", _CONVERT),
    (b"\0\0\x0a\0", "a Targa picture (TGA)", _CONVERT),
    (b"\x0a\x05\x01\x08", "a PCX picture", _CONVERT),
    (b"icns", "an icon (ICNS)", _CONVERT),
    (b"DDS ", "a DDS texture", _CONVERT),
    (b"SDPX", "a DPX picture", _CONVERT),
    (b"XPDS", "a DPX picture", _CONVERT),
    (b"qoif", "a QOI picture", _CONVERT),
    (b"BPG\xfb", "a BPG picture", _CONVERT),
    (b"FLIF", "a FLIF picture", _CONVERT),
    (b"\x01\xda", "an SGI picture", _CONVERT),
    (b"\x59\xa6\x6a\x95", "a Sun raster picture", _CONVERT),
    (b"\x8aMNG", "an MNG animation", _CONVERT),
    (b"\x8bJNG", "a JNG picture", _CONVERT),
    (b"IIRO", "a raw photo (Olympus ORF)", _CONVERT),
    (b"IIRS", "a raw photo (Olympus ORF)", _CONVERT),
    (b"MMOR", "a raw photo (Olympus ORF)", _CONVERT),
    (b"IIU\0", "a raw photo (Panasonic RW2)", _CONVERT),
    (b"FUJIFILMCCD-RAW", "a raw photo (Fujifilm RAF)", _CONVERT),
    (b"FOVb", "a raw photo (Sigma X3F)", _CONVERT),
    (b"\0MRM", "a raw photo (Minolta MRW)", _CONVERT),
    (b"\x1a\x45\xdf\xa3", "a video (Matroska or WebM)", "Extract its frames as JPEG or PNG."),
    (b"FLV\x01", "a video (Flash)", "Extract its frames as JPEG or PNG."),
    (b"\0\0\x01\xba", "a video (MPEG)", "Extract its frames as JPEG or PNG."),
    (b"\0\0\x01\xb3", "a video (MPEG)", "Extract its frames as JPEG or PNG."),
    (b"OggS", "a video or sound (Ogg)", "Extract its frames as JPEG or PNG."),
    (b"PK\x03\x04", "a ZIP archive", "Unpack it."),
    (b"Rar!\x1a\x07", "a RAR archive", "Unpack it."),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", "Unpack it."),
    (b"\x1f\x8b", "a file packed by gzip", "Unpack it."),
    (b"BZh", "a file packed by bzip2", "Unpack it."),
    (b"\xfd7zXZ\0", "a file packed by xz", "Unpack it."),
    (b"\x28\xb5\x2f\xfd", "a file packed by zstd", "Unpack it."),
    (b"\x93NUMPY", "a NumPy array", _CONVERT),
    (b"\x89HDF\r\n\x1a\n", "an HDF5 file", _CONVERT),
    (b"\0\x05\x16\x07", "what macOS keeps beside a photo (AppleDouble)", "Copy the photo itself."),
    (b"SIMPLE  =", "a FITS picture", _CONVERT),
    (bytes(START_BYTES), "zero bytes at its start, as of a download that was not finished", _DOWNLOAD),
]
_BRANDS = {
    b"heic": ("a HEIC picture", _CONVERT),
    b"heix": ("a HEIC picture", _CONVERT),
    b"heim": ("a HEIC picture", _CONVERT),
    b"heis": ("a HEIC picture", _CONVERT),
    b"hevc": ("a HEIC picture", _CONVERT),
    b"hevx": ("a HEIC picture", _CONVERT),
    b"mif1": ("a HEIF picture (such as HEIC)", _CONVERT),
    b"msf1": ("a HEIF picture (such as HEIC)", _CONVERT),
    b"crx ": ("a raw photo (Canon CR3)", _CONVERT),
}
_AVIF_BRANDS = (b"avif", b"avis")
_VIDEO = ("a video (such as MP4 or QuickTime)", "Extract its frames as JPEG or PNG.")


def name_foreign(start: bytes) -> tuple[str, str] | None:
    """What a file is, and what to do about it.

    Args:
        start: Its first `START_BYTES`, or all of a shorter one.

    Returns:
        None of a photo of a kind that is read, and of what nobody knows.
    """
    markup = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    if markup.startswith(b"<"):
        if b"<svg" in markup:
            return "an SVG drawing", _CONVERT
        return "a web page (HTML)" if b"<?xml" not in markup else "a web page (HTML) or XML", _DOWNLOAD
    # A service's answer.
    if markup.startswith((b"{", b"[")):
        return "JSON", _DOWNLOAD
    if start[4:8] == b"ftyp":
        return _name_media(start)
    if start[4:8] in (b"moov", b"mdat", b"wide", b"free", b"skip"):
        return _VIDEO
    if start.startswith(b"RIFF") and start[8:12] == b"AVI ":
        return "a video (AVI)", _VIDEO[1]
    if start[128:132] == b"DICM":
        return "a DICOM picture", _CONVERT
    if start[257:262] == b"ustar":
        return "a tar archive", "Unpack it."
    return next(((name, remedy) for first, name, remedy in _STARTS if start.startswith(first)), None)


def _name_media(start: bytes) -> tuple[str, str] | None:
    length = min(int.from_bytes(start[:4]), len(start))
    # ISO 14496-12: the first brand is followed by a version, and by those that it is compatible with.
    brands = [start[8:12], *(start[place : place + 4] for place in range(16, length, 4))]
    if any(brand in _AVIF_BRANDS for brand in brands):
        return None
    return next((_BRANDS[brand] for brand in brands if brand in _BRANDS), _VIDEO)
