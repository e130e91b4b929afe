"""Every rule a survey is held to: its words, its weight, where it stands in law, and one repair. Data, not code.

Sources: TT 26 = Circular 26/2024/TT-BTNMT (cadastral maps; appendices 03 edges, 04 areas, 21 levels), TT 25 = Circular
25/2014 art. 7 (point errors), TT 10 = Circular 10/2024 (cadastral dossiers), TT 08 = Circular 08/2024 (land-use codes),
TT 19 = Circular 19/2026 (parcel codes), QĐ 05 = Decision 05/2007 (seven parameters), TT 973 = 973/2001 (VN-2000);
rules §n = section of the project's collection of rules, where the circular's own wording was not at hand.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from geo.finding import Finding, Severity


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: `law` is empty where practice alone asks for it."""

    name: str
    severity: Severity
    title_vi: str
    title_en: str
    law: str
    repair_vi: str
    repair_en: str


def _rules(*rules: Rule) -> Mapping[str, Rule]:
    return MappingProxyType({rule.name: rule for rule in rules})


RULES: Mapping[str, Rule] = _rules(
    # --- what a reader meets: tied to a line, an entity handle or a record of the file
    Rule("open_ring", "stops", "Ranh thửa không khép kín", "The boundary does not close", "TT 26 PL 21",
         "Nối hai đầu hở của ranh.", "Join the two open ends of the boundary."),
    Rule("dangle", "explain", "Đường ranh cụt, không nối vào đâu", "A boundary line ends in nothing", "TT 26 PL 21",
         "Kéo dài hoặc cắt đường đến ranh kề bên.", "Extend or trim the line to the next boundary."),
    Rule("no_label", "stops", "Thửa không có số", "A plot without a number", "TT 26 PL 21 (lớp 13)",
         "Đặt số thửa (lớp 13) vào trong thửa.", "Put the parcel number (level 13) inside the plot."),
    Rule("two_labels", "stops", "Thửa có nhiều số", "A plot with several numbers", "TT 26 PL 21 (lớp 13)",
         "Giữ một số, hoặc vẽ ranh giữa hai thửa.", "Keep one number, or draw the boundary between the two plots."),
    Rule("stray_label", "explain", "Nhãn thửa nằm ngoài mọi thửa", "A parcel label outside every plot", "TT 26 PL 21 (lớp 13)",
         "Đưa nhãn vào trong thửa, hoặc khép ranh quanh nhãn.", "Move the label into its plot, or close the boundary round it."),
    Rule("legacy_text", "note", "Chữ theo bảng mã cũ", "Text in a legacy encoding", "",
         "Không cần sửa; lần sau xuất Unicode (UTF-8).", "Nothing to do; export Unicode (UTF-8) next time."),
    Rule("unread_text", "explain", "Chữ không đọc được", "Text that cannot be read", "",
         "Gõ lại chữ này, hoặc xuất tệp bằng Unicode.", "Type this text again, or export the file as Unicode."),
    Rule("bad_line", "stops", "Dòng không đọc được", "A line that cannot be read", "",
         "Sửa dòng này rồi nộp lại.", "Correct the line and hand it in again."),
    Rule("incomplete_file", "stops", "Tệp đọc không hết", "The file could not be read to its end", "",
         "Xuất lại tệp, hoặc lưu thành DXF.", "Export the file again, or save it as DXF."),
    Rule("curve", "note", "Cung tròn, đường cong được thay bằng dây cung", "Curves were replaced by chords", "rules §5.5",
         "Không cần sửa; dây cung lệch không quá 0,2 mm trên bản đồ.", "Nothing to do; chords stay within 0.2 mm at map scale."),
    Rule("unused_layer", "note", "Lớp không dùng đến", "Layers that were not used", "TT 26 PL 21",
         "Nếu lớp có ranh hoặc nhãn thửa, chỉ rõ cấp lớp.", "If the layer holds boundaries or labels, say its level."),
    Rule("unknown_unit", "explain", "Đơn vị bản vẽ không phải mét", "The drawing's unit is not the metre", "TT 25 art. 5.4",
         "Đặt đơn vị bản vẽ là mét.", "Set the drawing's unit to the metre."),
    Rule("duplicate_point", "explain", "Một tên điểm có hai tọa độ", "One point name with two places", "",
         "Đổi tên một điểm, hoặc đo lại.", "Rename one of the points, or measure again."),
    Rule("unknown_point", "stops", "Thửa dùng điểm không có tọa độ", "A plot uses a point without coordinates", "",
         "Thêm tọa độ điểm, hoặc sửa tên.", "Add the point's coordinates, or correct its name."),
    Rule("no_shape", "stops", "Thửa không có ranh", "A plot without a boundary", "",
         "Vẽ ranh, hoặc bỏ bản ghi.", "Draw the boundary, or remove the record."),
    Rule("not_read", "note", "Phần của tệp không đọc", "Parts of the file that are not read", "",
         "Không cần sửa nếu phần này không phải thửa đất.", "Nothing to do unless these are plots."),
    # --- the plot by itself
    Rule("invalid_shape", "stops", "Ranh thửa tự cắt", "The boundary crosses itself", "TT 26",
         "Sửa thứ tự đỉnh tại điểm này.", "Correct the order of the corners there."),
    Rule("zero_area", "stops", "Thửa không có diện tích", "A plot without area", "TT 26",
         "Vẽ lại ranh, hoặc bỏ thửa.", "Draw the boundary again, or remove the plot."),
    Rule("duplicate_shape", "stops", "Một thửa vẽ hai lần", "A plot drawn twice", "TT 26",
         "Xóa một trong hai hình.", "Delete one of the two."),
    Rule("repeated_vertex", "note", "Hai đỉnh gần trùng nhau", "Two corners nearly in one place", "TT 25 art. 7",
         "Bỏ một đỉnh.", "Remove one of the corners."),
    Rule("spike", "explain", "Ranh có gai nhọn", "The boundary has a spike", "",
         "Bỏ đỉnh của gai.", "Remove the corner of the spike."),
    Rule("sliver", "explain", "Thửa quá hẹp", "A plot too narrow", "",
         "Nhập vào thửa kề, hoặc giải trình.", "Join it to its neighbour, or explain it."),
    Rule("several_parts", "explain", "Thửa gồm nhiều mảnh rời", "A plot of several parts", "TT 26",
         "Tách thành các thửa riêng.", "Make a plot of each part."),
    Rule("written_area", "explain", "Diện tích ghi khác diện tích tính theo ranh", "The written area is not that of the boundary",
         "TT 26 PL 04; TT 10 art. 8.2a", "Sửa diện tích ghi, hoặc sửa ranh.", "Correct the written area, or the boundary."),
    Rule("legal_area", "explain", "Diện tích đo khác giấy tờ quá hạn sai", "Measured and legal area differ beyond tolerance",
         "TT 26 PL 04; Luật Đất đai 2024 art. 135.6", "Giải trình (ranh không đổi?) trong biên bản.",
         "Explain in the minutes whether the boundary has changed."),
    Rule("no_number", "stops", "Thửa thiếu số thứ tự", "A record without a parcel number", "TT 10 art. 8.1", "Ghi số thửa.",
         "Give the parcel number."),
    Rule("no_sheet", "stops", "Thiếu số tờ bản đồ", "No map sheet number", "TT 10 art. 8.1", "Ghi số tờ, cho cả tệp hoặc từng thửa.",
         "Give the sheet number, for the file or each plot."),
    Rule("no_land_use", "explain", "Thiếu loại đất", "No land-use code", "TT 08", "Ghi mã loại đất.", "Give the land-use code."),
    Rule("number_form", "explain", "Số thửa không phải số nguyên dương", "The number is not a positive whole number", "TT 25 art. 3.2",
         "Đánh lại số thửa.", "Number the plot again."),
    Rule("duplicate_number", "stops", "Hai thửa cùng số trên một tờ", "Two plots of one number on a sheet", "TT 25 art. 3.2",
         "Đổi số một thửa: số tiếp sau số lớn nhất của tờ.", "Renumber one: next after the sheet's largest."),
    Rule("unknown_land_use", "stops", "Không có mã loại đất này", "No such land-use code", "TT 08; NĐ 102/2024 art. 4-6",
         "Sửa mã theo Thông tư 08/2024.", "Correct the code after Circular 08/2024."),
    Rule("old_land_use", "note", "Mã loại đất cũ", "A former land-use code", "TT 08", "Dùng mã mới.", "Use the code of today."),
    Rule("homestead", "explain", "Mã đất ở không hợp xã/phường", "Homestead code does not suit the commune", "TT 08",
         "ONT ở xã, ODT ở phường.", "ONT in communes, ODT in wards."),
    Rule("wrong_code", "explain", "Mã định danh thửa không đúng chỗ", "The parcel code lies elsewhere", "TT 19 PL I",
         "Bỏ mã; hệ thống cấp mã mới.", "Leave it out; the register issues one."),
    # --- plots side by side
    Rule("overlap", "stops", "Hai thửa chồng lên nhau", "Two plots overlap", "TT 26", "Dùng chung một đường ranh.",
         "Let both use one boundary."),
    Rule("gap", "explain", "Khe hở giữa các thửa", "A gap between plots", "TT 26", "Dùng chung một đường ranh.",
         "Let both use one boundary."),
    Rule("loose_corner", "explain", "Đỉnh gần ranh kề nhưng không nằm trên ranh", "A corner near the next boundary but not on it",
         "TT 26", "Bắt dính đỉnh vào ranh kề.", "Snap the corner to the next boundary."),
    # --- the plot and the register
    Rule("overlap_register", "stops", "Thửa chồng lên thửa đã có trong sổ", "The plot overlaps a registered parcel", "TT 26",
         "Theo ranh đã đăng ký, hoặc đo cả thửa kề.", "Keep to the registered boundary, or measure the neighbour too."),
    Rule("gap_register", "explain", "Khe hở với thửa đã có trong sổ", "A gap to a registered parcel", "TT 26",
         "Theo ranh đã đăng ký, hoặc đo cả thửa kề.", "Keep to the registered boundary, or measure the neighbour too."),
    Rule("moved_corner", "explain", "Đỉnh chung lệch quá sai số điểm", "A shared corner moved beyond the point error", "TT 25 art. 7",
         "Đo lại điểm, hoặc giải trình.", "Measure the corner again, or explain it."),
    Rule("edge_length", "explain", "Cạnh lệch quá sai số", "An edge differs beyond tolerance", "TT 26 PL 03",
         "Đo lại cạnh, hoặc giải trình.", "Measure the edge again, or explain it."),
    Rule("registered_area", "explain", "Diện tích lệch so với sổ quá hạn sai", "The area differs from the register's",
         "TT 26 PL 04", "Giải trình biến động diện tích.", "Explain the change of area."),
    Rule("number_taken", "stops", "Số thửa đã dùng cho thửa khác", "The number belongs to another parcel", "TT 25 art. 3.2",
         "Dùng số tiếp sau số lớn nhất của tờ.", "Take the next after the sheet's largest."),
    Rule("outside_commune", "stops", "Thửa nằm ngoài xã", "The plot lies outside the commune", "TT 26 art. 5",
         "Kiểm tra múi chiếu, trục tọa độ, mã xã.", "Check the zone, the axes and the commune code."),
    # --- the whole file in the wrong place
    Rule("swapped_axes", "stops", "Đảo trục X, Y", "The axes are swapped", "TT 973 art. 4", "Đổi chỗ X (bắc) và Y (đông).",
         "Exchange X (north) and Y (east)."),
    Rule("wrong_meridian", "stops", "Sai kinh tuyến trục", "The wrong central meridian", "TT 26 PL 01",
         "Chuyển về kinh tuyến trục của tờ bản đồ.", "Convert to the central meridian of the sheet."),
    Rule("degrees", "stops", "Tọa độ là độ, không phải mét", "Degrees where metres belong", "TT 973 art. 4",
         "Chuyển sang VN-2000 múi 3°.", "Convert to the VN-2000 3° zone."),
    Rule("operation_shift", "explain", "Lệch 0,8 m do dùng sai bộ tham số WGS84", "The 0.8 m of the wrong WGS84 parameters", "QĐ 05 art. 1",
         "Dùng bộ bảy tham số của Quyết định 05/2007.", "Use the seven parameters of Decision 05/2007."),
    Rule("false_easting", "stops", "Sai hằng số Y₀ (500 km)", "The wrong false easting", "TT 973 art. 4", "Cộng hoặc trừ 500 000 m.",
         "Add or subtract 500,000 m."),
    Rule("wrong_unit", "stops", "Sai đơn vị chiều dài", "The wrong unit of length", "TT 25 art. 5.4", "Xuất lại bằng mét.",
         "Export in metres."),
    Rule("shifted", "explain", "Cả tờ bị xê dịch", "The whole sheet is shifted", "TT 26", "Dời theo độ lệch tìm được sau khi kiểm tra mốc.",
         "Shift it back after checking the control points."),
    Rule("mixed_places", "stops", "Tệp có thửa ở nơi rất xa", "Some plots lie far from the rest", "", "Tách tệp, hoặc sửa tọa độ.",
         "Split the file, or correct the coordinates."),
    Rule("no_place", "stops", "Không rõ hệ tọa độ", "The coordinate system is not known", "TT 973 art. 4",
         "Chỉ rõ: --crs EPSG, hoặc mã xã.", "Say it: --crs EPSG, or the commune."),
)  # fmt: skip


def found(rule: str, text_vi: str, text_en: str, record: str | None = None, *, severity: Severity | None = None,
          x: float | None = None, y: float | None = None, extent: str | None = None, size: float | None = None,
          width_m: float | None = None, other: str | None = None) -> Finding:  # fmt: skip
    """A finding of a rule of the list, with the rule's weight and repair unless told otherwise."""
    known = RULES[rule]
    return Finding(
        rule, severity or known.severity, text_vi, text_en, record, None, None, size, width_m, other, x, y, extent,
        known.repair_vi, known.repair_en,
    )  # fmt: skip
