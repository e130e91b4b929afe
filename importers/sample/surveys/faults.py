"""Every way a survey goes wrong here: which rule must find it, what a format must hold to carry it, how it is planted.

`KINDS` is the one table of rule and fault. Planting is a function of a block and a random generator, and gives the survey
with the truth beside it.
"""

from collections.abc import Mapping
from types import MappingProxyType

from importers.sample.surveys import fault_drawing as drawn
from importers.sample.surveys import fault_places as place
from importers.sample.surveys import fault_records as record
from importers.sample.surveys import fault_shapes as shape
from importers.sample.surveys.planting import Kind


def _kinds(*kinds: Kind) -> Mapping[str, Kind]:
    return MappingProxyType({kind.name: kind for kind in kinds})


KINDS: Mapping[str, Kind] = _kinds(
    # --- the whole file
    Kind("swapped_axes", "swapped_axes", place.swapped, "metres ordered"),
    Kind("wrong_meridian", "wrong_meridian", place.other_meridian, "metres"),
    Kind("degrees", "degrees", place.degrees, "metres decimals"),
    Kind("operation", "operation_shift", place.wrong_operation, "metres"),
    Kind("false_easting", "false_easting", place.false_easting, "metres"),
    Kind("feet", "wrong_unit", place.feet, "metres"),
    Kind("millimetres", "wrong_unit", place.millimetres, "metres"),
    Kind("shifted_sheet", "shifted", place.shifted, "metres"),
    Kind("mixed_places", "mixed_places", place.mixed),
    Kind("local_system", "no_place", place.local, "metres unsaid"),
    # --- what a reader meets
    Kind("tcvn3", "legacy_text", drawn.tcvn3, "old_letters"),
    Kind("vni", "legacy_text", drawn.vni, "old_letters"),
    Kind("open_ring", "open_ring", drawn.open_ring, "open"),
    Kind("dangle", "dangle", drawn.dangle, "lines"),
    Kind("two_labels", "two_labels", drawn.two_labels, "labels"),
    Kind("no_label", "no_label", drawn.no_label, "labels"),
    Kind("stray_label", "stray_label", drawn.stray_label, "labels"),
    Kind("curve", "curve", drawn.curve, "arcs"),
    Kind("unused_layer", "unused_layer", drawn.unused_layer, "layers"),
    Kind("drawing_in_inches", "unknown_unit", drawn.inches, "layers"),
    Kind("bad_line", "bad_line", drawn.bad_line, "text"),
    Kind("cut_short", "incomplete_file", drawn.cut_short, "layers"),
    Kind("duplicate_point", "duplicate_point", drawn.duplicate_point, "points"),
    Kind("unknown_point", "unknown_point", drawn.unknown_point, "corner_names"),
    Kind("no_shape", "no_shape", drawn.no_shape, "null"),
    # --- the plot by itself
    Kind("self_crossing", "invalid_shape", shape.self_crossing, "rings"),
    Kind("zero_area", "zero_area", shape.zero_area, "rings"),
    Kind("drawn_twice", "duplicate_shape", shape.drawn_twice, "rings records"),
    Kind("repeated_vertex", "repeated_vertex", shape.repeated_vertex, "rings"),
    Kind("spike", "spike", shape.spike, "rings"),
    Kind("sliver_plot", "sliver", shape.sliver),
    Kind("multipart", "several_parts", shape.several_parts, "multi"),
    Kind("written_area", "written_area", record.written_area, "told"),
    Kind("legal_area", "legal_area", record.legal_area, "legal"),
    Kind("missing_number", "no_number", record.no_number, "table"),
    Kind("missing_sheet", "no_sheet", record.no_sheet, "sheet"),
    Kind("missing_land_use", "no_land_use", record.no_land_use, "land_use"),
    Kind("number_form", "number_form", record.number_form),
    Kind("duplicate_number", "duplicate_number", record.duplicate_number, "rings records"),
    Kind("unknown_land_use", "unknown_land_use", record.unknown_land_use, "land_use"),
    Kind("legacy_land_use", "old_land_use", record.old_land_use, "land_use"),
    Kind("homestead", "homestead", record.homestead, "land_use"),
    Kind("wrong_code", "wrong_code", record.wrong_code, "code"),
    # --- plots side by side
    Kind("overlap", "overlap", shape.overlap, "rings"),
    Kind("gap", "gap", shape.gap, "rings"),
    Kind("loose_corner", "loose_corner", shape.loose_corner, "rings"),
    # --- the plot and the register
    Kind("overlap_register", "overlap_register", shape.overlap_register),
    Kind("gap_register", "gap_register", shape.gap_register),
    Kind("moved_corner", "moved_corner", shape.moved_corner),
    Kind("edge_length", "edge_length", shape.edge_length),
    Kind("registered_area", "registered_area", shape.registered_area),
    Kind("number_taken", "number_taken", record.number_taken),
    Kind("outside_commune", "outside_commune", shape.outside_commune),
)
"""A line is: the fault, the rule that must find it, how it is planted, and what a format must hold to carry it."""
