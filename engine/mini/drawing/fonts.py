# SPDX-License-Identifier: Apache-2.0
"""Typefaces of the two drawing styles.

Faces are found by file name below the folders of MINI_FONTS (colon separated) or, without it, below
/usr/share/fonts. The second style uses only faces the training style never draws with.
"""

from __future__ import annotations

import functools
import os
import pathlib

import numpy as np
from PIL import ImageFont

DEBIAN_PACKAGES = (
    "fonts-dejavu-core fonts-dejavu-extra fonts-liberation2 fonts-lato fonts-open-sans "
    "fonts-roboto-unhinted fonts-crosextra-carlito fonts-crosextra-caladea fonts-cantarell "
    "fonts-inconsolata fonts-hack fonts-comic-neue fonts-linuxlibertine fonts-firacode "
    "fonts-quicksand fonts-play fonts-adf-verana fonts-dancingscript fonts-breip "
    "fonts-femkeklaver fonts-sjfonts fonts-dkg-handwriting fonts-kristi fonts-rufscript "
    "fonts-ecolier-court"
)
# What training draws with besides.
MORE_DEBIAN_PACKAGES = (
    "fonts-freefont-ttf fonts-urw-base35 fonts-inter fonts-cabin fonts-karla fonts-ebgaramond "
    "fonts-sil-gentiumplus fonts-sil-charis fonts-vollkorn fonts-paratype fonts-go "
    "fonts-clear-sans fonts-b612 fonts-manrope fonts-sora fonts-dosis fonts-junction "
    "fonts-jura fonts-fantasque-sans fonts-mononoki fonts-jetbrains-mono fonts-oxygen "
    "fonts-quattrocento fonts-roboto-slab fonts-stix fonts-tuffy fonts-adf-gillius "
    "fonts-adf-universalis fonts-adf-accanthis fonts-adf-romande fonts-adf-libris "
    "fonts-yanone-kaffeesatz fonts-league-spartan fonts-allerta fonts-cmu fonts-arapey "
    "fonts-cardo fonts-oldstandard fonts-prociono fonts-noto-mono fonts-averia-sans-gwf "
    "fonts-goudybookletter fonts-gfs-artemisia fonts-gfs-didot fonts-gfs-neohellenic "
    "fonts-hermit fonts-lindenhill fonts-okolaks fonts-opendyslexic fonts-sil-andika "
    "fonts-ocr-b fonts-ocr-a fonts-agave fonts-comfortaa"
)

FACES: dict[str, list[str]] = {
    "print": [
        "DejaVuSans",
        "DejaVuSans-Bold",
        "DejaVuSansCondensed",
        "DejaVuSerif",
        "DejaVuSerif-Bold",
        "LiberationSans-Regular",
        "LiberationSans-Bold",
        "LiberationSans-Italic",
        "LiberationSerif-Regular",
        "LiberationSerif-Bold",
        "LiberationSerif-Italic",
        "Lato-Regular",
        "Lato-Bold",
        "Lato-Light",
        "OpenSans-Regular",
        "OpenSans-Bold",
        "Roboto-Regular",
        "Roboto-Bold",
        "RobotoCondensed-Regular",
        "Carlito-Regular",
        "Carlito-Bold",
        "Caladea-Regular",
        "Caladea-Bold",
        "Cantarell-Regular",
        "Cantarell-Bold",
        "ComicNeue-Regular",
    ],
    "more print": [
        "Go-Regular",
        "Go-Bold",
        "Go-Mono",
        "allerta_medium",
        "Arapey-Regular",
        "GFSArtemisia",
        "GFSArtemisiaBold",
        "B612-Regular",
        "B612-Bold",
        "B612Mono-Regular",
        "Cabin-Regular",
        "Cabin-Bold",
        "Cabin-Italic",
        "ComicNeue-Bold",
        "GFSDidot",
        "GFSDidotBold",
        "Dosis-Medium",
        "Dosis-Bold",
        "EBGaramond12-Regular",
        "EBGaramond12-Bold",
        "FantasqueSansMono-Regular",
        "Prociono",
        "Inter-Regular",
        "Inter-Bold",
        "Inter-Light",
        "Junction",
        "Jura-Medium",
        "LeagueSpartan-Medium",
        "LeagueSpartan-Bold",
        "GFSNeohellenic",
        "OCRB",
        "OpenDyslexic-Regular",
        "Quattrocento-Regular",
        "RobotoSlab-Regular",
        "RobotoSlab-Bold",
        "Sora-Regular",
        "Sora-SemiBold",
        "GoudyBookletter1911",
        "STIX-Regular",
        "STIX-Bold",
        "C059-Roman",
        "C059-Bold",
        "NimbusMonoPS-Regular",
        "NimbusMonoPS-Bold",
        "NimbusRoman-Regular",
        "NimbusRoman-Bold",
        "NimbusSans-Regular",
        "NimbusSans-Bold",
        "NimbusSansNarrow-Regular",
        "NimbusSansNarrow-Bold",
        "P052-Roman",
        "P052-Bold",
        "P052-Italic",
        "URWBookman-Light",
        "URWBookman-Demi",
        "URWGothic-Book",
        "URWGothic-Demi",
        "YanoneKaffeesatz-Regular",
        "AccanthisADFStd-Regular",
        "AccanthisADFStd-Bold",
        "GilliusADF-Regular",
        "GilliusADF-Bold",
        "LibrisADFStd-Regular",
        "RomandeADFStd-Regular",
        "RomandeADFStd-DemiBold",
        "UniversalisADFStd-Regular",
        "UniversalisADFStd-Bold",
        "agave-r-autohinted",
        "Andika-Regular",
        "Andika-Bold",
        "AveriaSansGWF-Regular",
        "Cardo104s",
        "CharisSIL-Regular",
        "CharisSIL-Bold",
        "ClearSans-Regular",
        "ClearSans-Bold",
        "cmunrm",
        "cmunbx",
        "cmunss",
        "cmuntt",
        "Comfortaa-Regular",
        "Comfortaa-Bold",
        "OldStandard-Regular",
        "OldStandard-Bold",
        "FreeMono",
        "FreeMonoBold",
        "FreeSans",
        "FreeSansBold",
        "FreeSerif",
        "FreeSerifBold",
        "GentiumPlus-Regular",
        "GentiumPlus-Bold",
        "Hermit-medium",
        "JetBrainsMono-Regular",
        "JetBrainsMono-Bold",
        "Karla-Regular",
        "Karla-Bold",
        "LindenHill",
        "Manrope-Regular",
        "Manrope-Bold",
        "mononoki-Regular",
        "NotoMono-Regular",
        "OCRA",
        "okolaksRegular",
        "OpenSans-Semibold",
        "Oxygen-Sans",
        "Oxygen-Sans-Bold",
        "PTF55F",
        "PTF75F",
        "PTM55F",
        "PTS55F",
        "PTS75F",
        "PTN57F",
        "Tuffy",
        "Tuffy_Bold",
        "Vollkorn-Regular",
        "Vollkorn-Bold",
        "DejaVuSerifCondensed",
        "Lato-Black",
        "RobotoCondensed-Bold",
        "OpenSans-CondBold",
        "LiberationSansNarrow-Regular",
        "LiberationMono-BoldItalic",
        "DejaVuSans-Oblique",
    ],
    "mono": [
        "DejaVuSansMono",
        "DejaVuSansMono-Bold",
        "LiberationMono-Regular",
        "LiberationMono-Bold",
        "Inconsolata",
        "Hack-Regular",
    ],
    "hand": [
        "DancingScript-Regular",
        "DancingScript-Bold",
        "breipfont",
        "femkeklaver",
        "Delphine",
        "SteveHand",
        "dkg",
        "dkgIt",
    ],
    "second print": [
        "LinLibertine_R",
        "LinLibertine_RB",
        "LinBiolinum_R",
        "LinBiolinum_RB",
        "Quicksand-Medium",
        "Quicksand-Bold",
        "Play-Regular",
        "Play-Bold",
        "VeranaSans-Regular",
        "VeranaSans-Bold",
        "Verana-Regular",
    ],
    "second mono": ["FiraCode-Regular", "FiraCode-Medium"],
    "second hand": ["Kristi", "Rufscript010", "Ecolier-court"],
}


class MissingFontsError(RuntimeError):
    """A typeface of a drawing style is not installed; the message says how to install it."""


@functools.lru_cache(maxsize=1)
def _files() -> dict[str, str]:
    """Every font file below the font folders, by stem."""
    folders = os.environ.get("MINI_FONTS", "/usr/share/fonts").split(":")
    found: dict[str, str] = {}
    for folder in folders:
        for path in sorted(pathlib.Path(folder).rglob("*.[ot]tf")):
            found.setdefault(path.stem, str(path))
    return found


def path_of(face: str) -> str:
    """The file of a face. Raises MissingFontsError."""
    try:
        return _files()[face]
    except KeyError:
        raise MissingFontsError(
            f"typeface {face} not found; apt-get install {DEBIAN_PACKAGES}, or set MINI_FONTS"
        ) from None


@functools.lru_cache(maxsize=4096)
def _load(face: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path_of(face), size, layout_engine=ImageFont.Layout.BASIC)


def font(rng: np.random.Generator, size: float, family: str = "print") -> ImageFont.FreeTypeFont:
    """A face of the family drawn at random, at least 6 pixels high."""
    faces = FACES[family]
    return _load(faces[rng.integers(len(faces))], max(6, int(size)))
