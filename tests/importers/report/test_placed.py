"""The shapes a page lays over the register are those that were checked."""

from collections.abc import Callable

import numpy as np
import pytest
import shapely
from shapely.geometry import shape

from geo.crs import from_wgs84
from importers.check.checked import Checked
from tests.importers.report import survey
from tests.importers.report.reading import once

_NEAR_M = 0.002


@pytest.mark.parametrize("make", [survey.clean, survey.faulty, survey.hostile])
def test_shapes_lead_back_to_what_was_checked(make: Callable[[], Checked]) -> None:
    checked, told = make(), once(make).told
    epsg = checked.epsg

    def back(geometry: object) -> shapely.Geometry:
        assert epsg is not None
        return shapely.transform(
            shape(geometry), lambda xy: np.column_stack(from_wgs84(epsg, xy[:, 0], xy[:, 1]))
        )

    placed = [plot for plot in told["plots"] if plot["geometry"] is not None]
    known = [plot for plot in told["plots"] if plot["lon_deg"] is not None]
    assert [plot["record"] for plot in placed] == [plot["record"] for plot in known]
    for plot, there in zip(told["plots"], checked.shapes, strict=True):
        if plot["geometry"] is not None:
            assert shapely.hausdorff_distance(back(plot["geometry"]), there) < _NEAR_M
    for told_finding, finding in zip(told["findings"], checked.findings, strict=True):
        if told_finding["geometry"] is not None and finding.lon_deg is not None:
            (east,), (north,) = from_wgs84(epsg, [finding.lon_deg], [finding.lat_deg])  # type: ignore[arg-type]
            near = shapely.envelope(back(told_finding["geometry"])).buffer(1)
            assert shapely.distance(near, shapely.Point(east, north)) < 1
    if make is survey.faulty:
        assert any(finding["geometry"] is not None for finding in told["findings"])
