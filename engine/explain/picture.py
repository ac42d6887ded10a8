"""A patient's scores over time as one SVG: a panel for each questionnaire, and how the signs stood.

Readable in black and white and without a legend: everything is labelled where it stands. Altair and vl-convert are
imported only when a picture is drawn; they come with the extra `picture`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from boosterwatch.engine.explain.curves import course_of
from boosterwatch.engine.explain.moments import standings
from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.engine.model import Decision

TITLE = "Patient"
_CLIP = re.compile(r"\bclip([0-9]+)\b")


class PictureExtraMissing(Exception):
    """The libraries that draw are not installed."""

    hint = "pip install 'boosterwatch[picture]'"


def draw_svg(decision: Decision, pack: LoadedPack, record: Mapping[str, Any], *, title: str = TITLE) -> str:
    """Return the picture of a patient's course as SVG; the same decision and record give the same bytes.

    `record` is the mapping that was decided about. Raises PictureExtraMissing without Altair or vl-convert.
    """
    try:
        import vl_convert

        from boosterwatch.engine.explain.panels import chart, language_version
    except ImportError:
        raise PictureExtraMissing("a picture needs Altair and vl-convert, which are not installed") from None
    course = course_of(decision, pack, record)
    signs = {sign.id: sign.title for sign in pack.ir.signs}
    told = standings(pack, record, decision, course.assessed)
    text: str = vl_convert.vegalite_to_svg(chart(course, told, signs, decision, title), vl_version=language_version())
    return _renumbered(text)


def _renumbered(svg: str) -> str:
    """Return the SVG with its clips numbered from 1: the library counts on from picture to picture.

    >>> _renumbered('<g clip-path="url(#clip9)"/><clipPath id="clip9"/>')
    '<g clip-path="url(#clip1)"/><clipPath id="clip1"/>'
    """
    numbers: dict[str, int] = {}
    return _CLIP.sub(lambda found: f"clip{numbers.setdefault(found[1], len(numbers) + 1)}", svg)
