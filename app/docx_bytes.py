"""A Word document as bytes that depend on nothing but what it says."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from docx.document import Document

_DAY = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a ZIP archive can hold."""


def document_bytes(document: Document) -> bytes:
    """The .docx file of a document: its parts in their order, none with the time of writing.

    So the same report gives the same bytes, and its digest in the journal says whether a file is that report.
    """
    written, steady = io.BytesIO(), io.BytesIO()
    document.save(written)
    with zipfile.ZipFile(written) as parts, zipfile.ZipFile(steady, "w", zipfile.ZIP_DEFLATED) as out:
        for name in parts.namelist():
            part = zipfile.ZipInfo(name, _DAY)
            part.compress_type = zipfile.ZIP_DEFLATED
            out.writestr(part, parts.read(name))
    return steady.getvalue()
