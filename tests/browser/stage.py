"""A register with work under way, made through the API as people make it: what the views are taken of."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

SHEET = "12"
USED, SPLIT, RETURNED = "70", "71", "72"
"""Parcels of the sample's smallest block: one changed use, one waits to be split, one was given back."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A server's address, passwords by role (accounts are named for their roles), and the parcel shown most."""

    url: str
    passwords: Mapping[str, str]
    parcel: Mapping[str, Any]

    @property
    def code(self) -> str:
        return str(self.parcel["id"])

    def here(self, zoom: float = 18.2) -> str:
        """The view of the map with the parcel in its middle, as it stands in an address."""
        lon_deg, lat_deg = self.parcel["properties"]["point"]
        return f"#{zoom}/{lat_deg}/{lon_deg}"


def set_stage(url: str, passwords: Mapping[str, str]) -> Stage:
    """Corrections of each kind a desk shows: applied, waiting, returned with a pinned word."""
    with httpx.Client(base_url=f"{url}/api/v1", timeout=120) as client:
        tokens = {who: _token(client, who, passwords[who]) for who in ("editor", "approver")}

        def ask(who: str, path: str, body: object) -> Any:
            headers = {"authorization": f"Bearer {tokens[who]}"}
            answer = client.post(f"/corrections{path}", json=body, headers=headers)
            assert answer.is_success, answer.text
            return answer.json()

        def submitted(intent: object, **said: str) -> tuple[str, dict[str, str]]:
            made = ask("editor", "", {"intent": intent, **said})
            key, seen = made["correction"], {"hash": made["hash"]}
            ask("editor", f"/{key}/submit", seen)
            return key, seen

        used, split, returned = (_parcel(client, number) for number in (USED, SPLIT, RETURNED))
        key, seen = submitted(
            {"kind": "attributes", "parcels": [{"parcel": used["id"], "land_use": "TMD"}]},
            reason="Chuyển mục đích sử dụng đất",
            basis="Quyết định 215/QĐ-UBND",
        )
        for step in ("approve", "apply"):
            ask("approver", f"/{key}/{step}", seen)
        submitted(
            {
                "kind": "split",
                "parcel": split["id"],
                "area_m2": round(split["properties"]["area_m2"] * 0.4),
                "direction_deg": 0,
            },
            reason="Tách thửa do thừa kế",
            dossier="HS-2026-0147",
        )
        key, _ = submitted(
            {"kind": "attributes", "parcels": [{"parcel": returned["id"], "land_use": "CLN"}]},
            reason="Chuyển sang đất trồng cây lâu năm",
        )
        place = list(returned["properties"]["point"])
        comment = "Thiếu quyết định chuyển mục đích sử dụng đất."
        ask("approver", f"/{key}/return", {"comment": comment, "at": place})
        return Stage(url, passwords, _parcel(client, USED))


def _token(client: httpx.Client, who: str, password: str) -> str:
    answer = client.post("/sessions", json={"name": who, "password": password})
    assert answer.is_success, answer.text
    return str(answer.json()["access"])


def _parcel(client: httpx.Client, number: str) -> dict[str, Any]:
    answer = client.get("/parcels", params={"sheet": SHEET, "number": number})
    (feature,) = answer.raise_for_status().json()["features"]
    return dict(feature)
