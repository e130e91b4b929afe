"""Pages of features as a client takes them: by the next links, as they are."""

from typing import Any

from tests.api.asked import Asked

CRS = "http://www.opengis.net/def/crs/"


def epsg(code: int) -> str:
    """The URI of a system."""
    return f"{CRS}EPSG/0/{code}"


def link(told: dict[str, Any], rel: str) -> str | None:
    """Where a link of an answer leads; None where there is none. There may be one only."""
    found = [one["href"] for one in told["links"] if one["rel"] == rel]
    assert len(found) < 2
    return found[0] if found else None


def all_pages(asked: Asked, collection: str, **query: object) -> list[dict[str, Any]]:
    """The features of all pages."""
    told = asked.json(f"/ogc/collections/{collection}/items", **query)
    features = list(told["features"])
    matched = told.get("numberMatched")
    for _ in range(1000):
        assert told["numberReturned"] == len(told["features"])
        href = link(told, "next")
        if href is None:
            break
        answer = asked.client.get(href)
        assert answer.status_code == 200, answer.text
        told = answer.json()
        assert "numberMatched" not in told  # counted once
        features += told["features"]
    assert matched is None or matched == len(features)
    assert len({one["id"] for one in features}) == len(features)
    return features


def keys(features: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """(sheet, number) of parcels."""
    return sorted((one["properties"]["sheet"], one["properties"]["number"]) for one in features)
