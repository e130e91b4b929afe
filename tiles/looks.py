"""The looks the map has: the same drawing in other colours. For the screen by day and by night, for paper, for every eye."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from register.errors import NotFoundError
from register.keys import printable

GROUPS: Final[Mapping[str, tuple[str, str, tuple[str, ...]]]] = MappingProxyType(
    {
        "residential": ("Đất ở", "Housing", ("residential_urban", "residential_rural")),
        "rice": ("Đất trồng lúa", "Paddy fields", ("field",)),
        "crops": ("Cây lâu năm, chăn nuôi", "Other farming", ("perennial", "livestock")),
        "forest": ("Rừng, cây xanh", "Forest, parks", ("forest", "park")),
        "water": ("Mặt nước, thủy lợi", "Water", ("water", "aquaculture", "irrigation", "salt")),
        "roads": ("Giao thông", "Roads", ("transport",)),
        "public": ("Công trình công cộng", "Public", ("public", "office", "religion", "heritage", "utility")),
        "business": ("Thương mại, sản xuất", "Business, industry", ("business", "industry")),
    }
)
"""Groups of families of land uses that share a colour: Vietnamese and English name, families. Others are "other"."""
OTHER_NAMES: Final = ("Đất khác", "Other")

HATCHINGS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "waves": ("water", "aquaculture"),
        "paddy": ("field",),
        "trees": ("perennial", "forest", "park"),
        "crosses": ("cemetery",),
    }
)
"""Images of the sprite over the colours, by family."""


@dataclass(frozen=True, slots=True)
class Look:
    """A name, and colours. `washes`: of each of `GROUPS`, and of "other". `halo`: behind texts. `far`: ground of sheets."""

    name: str
    title_vi: str
    title_en: str
    paper: str
    sheet: str
    ink: str
    halo: str
    edge: str
    shore: str
    seal: str
    border: str
    tint: str
    house: str
    length: str
    washes: Mapping[str, str]


LOOKS: Final[Mapping[str, Look]] = MappingProxyType(
    {
        look.name: look
        for look in (
            # like a printed cadastral sheet, on warm paper, in ink, with pale washes
            Look(
                "light", "Sáng", "Light", "#f5f0e2", "#fcf8ed", "#3a342b", "rgba(252, 248, 237, 0.8)", "#4d4538", "#3f7088",
                "#9c2a20", "#4b2f4a", "#8d5a86", "#2d5a7b", "#7a5a3a",
                {
                    "residential": "#f5ddd1", "rice": "#f2eecb", "crops": "#e9e3bb", "forest": "#d5e3c2", "water": "#cbe1ea",
                    "roads": "#fffdf7", "public": "#e6dbe9", "business": "#ecd9bd", "other": "#ebe5d8",
                },
            ),
            # for dark pages and the night: the same hues, deep; ink is light
            Look(
                "dark", "Tối", "Dark", "#171a1e", "#1d2126", "#e8e2d4", "rgba(23, 26, 30, 0.85)", "#8f8a7c", "#6fa3bd",
                "#ff8f7d", "#c9a6c8", "#9b7fb5", "#9cc4e4", "#d9bd95",
                {
                    "residential": "#4a3530", "rice": "#45421f", "crops": "#3a3a22", "forest": "#263d28", "water": "#1f3d4c",
                    "roads": "#2c3036", "public": "#3f3247", "business": "#4a3a22", "other": "#333330",
                },
            ),
            # black on white: survives a copier, saves ink; land uses are told by hatchings and codes
            Look(
                "print", "In giấy", "Print", "#ffffff", "#ffffff", "#000000", "rgba(255, 255, 255, 0.85)", "#000000", "#000000",
                "#000000", "#000000", "#8c8c8c", "#000000", "#333333",
                {
                    "residential": "#ffffff", "rice": "#ffffff", "crops": "#ffffff", "forest": "#f6f6f6", "water": "#ececec",
                    "roads": "#ffffff", "public": "#ffffff", "business": "#ffffff", "other": "#ffffff",
                },
            ),
            # told apart by people who see no red, no green or no blue: a test simulates each
            Look(
                "safe", "Dễ phân biệt màu", "Colour-blind safe", "#f7f7f7", "#ffffff", "#1a1a1a", "rgba(255, 255, 255, 0.85)",
                "#2b2b2b", "#1d4f91", "#8a3200", "#3d1f5c", "#7a5ea8", "#0b3d66", "#4a3410",
                {
                    "residential": "#f5b6b1", "rice": "#f6e795", "crops": "#c6b678", "forest": "#7aa27c", "water": "#83aafc",
                    "roads": "#ffffff", "public": "#c78bca", "business": "#e49e4a", "other": "#b3d5e2",
                },
            ),
        )
    }
)  # fmt: skip


def look_named(name: str) -> Look:
    """The look of this name. Raises: NotFoundError."""
    if name not in LOOKS:
        raise NotFoundError(
            f"There is no look “{printable(name)}”; there are {', '.join(LOOKS)}.",
            f"Không có kiểu “{printable(name)}”; các kiểu là {', '.join(LOOKS)}.",
        )
    return LOOKS[name]
