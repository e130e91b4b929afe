"""A million made-up Vietnamese addresses in the real communes of one province, and labelled questions for them.

Everything is drawn from one seed. Street names are those of persons, places and days that streets bear all over the
country, and those of new quarters (Phước Lý 12); no address is anybody's.
"""
# over 120 lines: word lists and nine kinds of questions

import csv
import random
import unicodedata
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files

PERSONS = (
    """
Trần Phú|Lê Lợi|Nguyễn Huệ|Quang Trung|Hùng Vương|Lê Duẩn|Trần Hưng Đạo|Lý Thường Kiệt|Hai Bà Trưng|Bà Triệu
Phan Chu Trinh|Phan Bội Châu|Hoàng Diệu|Nguyễn Trãi|Lê Hồng Phong|Nguyễn Văn Cừ|Hà Huy Tập|Nguyễn Thị Minh Khai
Võ Thị Sáu|Lê Văn Tám|Kim Đồng|Nguyễn Tri Phương|Ông Ích Khiêm|Điện Biên Phủ|Cách Mạng Tháng Tám|Hoàng Văn Thụ
Nguyễn Văn Linh|Nguyễn Lương Bằng|Tôn Đức Thắng|Phạm Văn Đồng|Võ Nguyên Giáp|Trường Chinh|Võ Văn Kiệt
Lê Thanh Nghị|Nguyễn Hữu Thọ|Huỳnh Thúc Kháng|Phan Thanh|Lê Đình Lý|Hàm Nghi|Nguyễn Hoàng|Ngô Quyền
Đinh Tiên Hoàng|Lê Thánh Tông|Trần Nhân Tông|Lý Thái Tổ|Lý Nam Đế|Mai Thúc Loan|Bạch Đằng|Nguyễn Công Trứ
Cao Thắng|Hải Phòng|Ông Bích Khiêm|Lê Lai|Nguyễn Du|Hồ Xuân Hương|Bà Huyện Thanh Quan|Đoàn Thị Điểm|Chu Văn An
Lương Thế Vinh|Mạc Đĩnh Chi|Nguyễn Bỉnh Khiêm|Phạm Ngũ Lão|Yết Kiêu|Dã Tượng|Trần Quốc Toản|Lê Văn Hưu
Cao Bá Quát|Tú Xương|Nguyễn Khuyến|Tản Đà|Hàn Mặc Tử|Xuân Diệu|Nam Cao|Ngô Tất Tố|Vũ Trọng Phụng|Thạch Lam
Bùi Thị Xuân|Thái Phiên|Duy Tân|Ỷ Lan|Đặng Dung|Tô Hiến Thành|Trần Khánh Dư|Phan Đình Phùng|Tôn Thất Thuyết
Tôn Thất Tùng|Hoàng Hoa Thám|Lê Quý Đôn|Trần Cao Vân|Trưng Nữ Vương|Núi Thành|Phan Đăng Lưu|Nguyễn Chí Thanh
Lê Đình Dương|Pasteur|Yersin|Thi Sách|Đống Đa|Ngô Gia Tự|Nguyễn Đức Cảnh|Châu Văn Liêm|Nguyễn Phong Sắc
Trần Bình Trọng|Trần Quang Khải|Trần Nguyên Hãn|Nguyễn Xí|Nguyễn Cao|Lương Văn Can|Đào Duy Từ|Đào Duy Anh
Đào Tấn|Mai Lão Bạng|Thanh Sơn|Thanh Thủy|Thanh Long|Đinh Công Tráng|Nguyễn Thái Học|Nguyễn An Ninh
Nguyễn Sinh Sắc|Nguyễn Tất Thành|Hoàng Thị Loan|Hồ Tùng Mậu|Phan Văn Trị|Phan Kế Bính|Phan Huy Chú|Phan Huy Ích
Ngô Thì Nhậm|Ngô Thì Sĩ|Ngô Sĩ Liên|Lê Hữu Trác|Hải Thượng Lãn Ông|Tuệ Tĩnh|Trần Đại Nghĩa|Trần Duy Hưng
Trần Thái Tông|Trần Anh Tông|Trần Quốc Hoàn|Trần Quốc Vượng|Trần Khát Chân|Lê Trọng Tấn|Hoàng Quốc Việt
Hoàng Cầu|Hoàng Ngân|Hoàng Minh Giám|Văn Cao|Lưu Hữu Phước|Trịnh Công Sơn|Xuân Thủy|Xuân Quỳnh|Chế Lan Viên
Huy Cận|Tế Hanh|Nguyễn Tuân|Nguyễn Công Hoan|Nguyễn Huy Tưởng|Nguyễn Đình Chiểu|Nguyễn Đình Thi
Nguyễn Quang Bích|Nguyễn Thiện Thuật|Nguyễn Thiếp|Nguyễn Trường Tộ|Nguyễn Phan Chánh|Nguyễn Gia Trí
Bùi Xuân Phái|Tô Ngọc Vân|Tô Hiệu|Tô Hoài|Mẹ Suốt|Mẹ Nhu|Mẹ Thứ|Út Tịch|Lê Thị Hồng Gấm|Phan Thị Ràng
Nguyễn Văn Trỗi|Nguyễn Viết Xuân|Phan Đình Giót|Bế Văn Đàn|Tô Vĩnh Diện|Cù Chính Lan|La Văn Cầu|Nguyễn Thị Định
Nguyễn Thị Thập|Dương Thị Xuân Quý|Chương Dương|Hàm Tử|Vân Đồn|Như Nguyệt|Chi Lăng|Rạch Gầm|Trần Văn Ơn
Trần Văn Dư|Trần Văn Giáp|Trần Văn Kỷ|Lê Văn Hiến|Lê Văn Duyệt|Lê Văn Sỹ|Lê Văn Thịnh|Lê Văn Lương|Lê Đại Hành
Lê Hoàn|Lê Ngân|Lê Sát|Lê Ninh|Lê Cơ|Lê Nỗ|Lê Phụng Hiểu|Lê Bình|Lê Vĩnh Khanh|Đỗ Quang|Đỗ Huy Uyển|Đỗ Bá
Đỗ Thế Chấp|Đặng Thai Mai|Đặng Thùy Trâm|Đặng Tất|Đặng Trần Côn|Đặng Văn Ngữ|Đặng Minh Khiêm|Đặng Huy Trứ
Hồ Quý Ly|Hồ Nguyên Trừng|Hồ Biểu Chánh|Hồ Đắc Di|Hồ Sĩ Dương|Phạm Hồng Thái|Phạm Hùng|Phạm Ngọc Thạch
Phạm Như Xương|Phạm Phú Thứ|Phạm Tu|Phạm Cự Lượng|Phạm Vấn|Phạm Đình Hổ|Phạm Văn Nghị|Võ Chí Công|Võ Văn Tần
Võ Trường Toản|Võ An Ninh|Võ Như Hưng|Vũ Hữu|Vũ Ngọc Phan|Vũ Đình Long|Vũ Quỳnh|Trương Định|Trương Hán Siêu
Trương Công Định|Trương Chí Cương|Trương Vĩnh Ký|Thủ Khoa Huân|Bùi Kỷ|Bùi Viện|Bùi Huy Bích|Bùi Tá Hán
Bùi Hữu Nghĩa|Ngọc Hân|Ngọc Hồi|An Dương Vương|Âu Cơ|Lạc Long Quân|Kinh Dương Vương|Thánh Gióng|Mỵ Châu|Cao Lỗ
Thục Phán|Triệu Nữ Vương|Triệu Quốc Đạt|Triệu Việt Vương|Phùng Hưng|Phùng Khắc Khoan|Khúc Hạo|Khúc Thừa Dụ
Dương Đình Nghệ|Dương Quảng Hàm|Dương Khuê|Dương Vân Nga|Ngô Văn Sở|Ngô Viết Hữu|Dũng Sĩ Thanh Khê|Tiểu La
Thành Thái|Thành Công|Cách Mạng Tháng 8|Xô Viết Nghệ Tĩnh|Ba Tháng Hai|Nam Kỳ Khởi Nghĩa|Đồng Khởi|Hòa Bình
Độc Lập|Thống Nhất|Giải Phóng|Chiến Thắng|Tự Do|Dân Chủ|Cộng Hòa|Đoàn Kết|Lao Động|Thanh Niên|Hoàng Sa|Trường Sa
Trường Sơn|Bình Minh
""".strip()
    .replace("\n", "|")
    .split("|")
)
DAYS = ["3 Tháng 2", "2 Tháng 9", "30 Tháng 4", "29 Tháng 3", "19 Tháng 5", "23 Tháng 9"]
QUARTERS = (
    """
Phước Lý|Hòa Minh|Hòa An|Khuê Mỹ Đông|Đa Mặn|Mân Quang|Nại Nghĩa|An Thượng|Mỹ Đa Tây|Bàu Tràm|Bàu Mạc|Đa Phước
Nam Sơn|Hòa Nam|Thanh Vinh|Đông Thạnh|Trung Nghĩa|Phú Xuân|Tân Lưu|Cồn Dầu|Cẩm Bắc|Bình Hòa|Đô Đốc Lân|An Hòa
An Nông|Phú Thạnh
""".strip()
    .replace("\n", "|")
    .split("|")
)
HAMLETS = (
    """
Trung Lương|Lỗ Giáng|Cẩm Chánh|Tân Hạnh|Phú Sơn|Thạch Nham|An Trạch|Bồ Bản|Túy Loan|Hương Lam|Thái Lai|Cẩm Toại
Đông Hòa|Hòa Khương|La Châu|Phong Nam|Nhơn Thọ|Quang Châu|Dương Sơn|Cồn Mong|Giáng Nam|Bầu Cầu|Tây An|Phú Hòa
Trước Đông|Vân Dương|Trường Định
""".strip()
    .replace("\n", "|")
    .split("|")
)
STRATA = (
    "clean", "no accents", "one typo", "two typos", "partial", "abbreviations", "old commune", "divided commune",
    "digital address",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Old:
    """A commune that ended: its name and district as people say them, and the codes of those it went to."""

    kind: str
    name: str
    district: str
    successors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Made:
    """One address: house, street with its kind, hamlet or '', place of its commune in the list, and the whole text."""

    house: str
    street: str
    hamlet: str
    commune: int
    text: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of a stratum and the number of the address that is meant.

    `among`: communes in each of which that house of that street is as good an answer (a commune was divided).
    """

    stratum: str
    q: str
    meant: int
    among: tuple[str, ...] = ()


class Town:
    """The province `code`: its communes of today, those it was made of, and the addresses."""

    def __init__(self, code: str, wanted: int, seed: int = 7) -> None:
        self.random = random.Random(seed)
        units = list(_table("units.tsv"))
        self.communes = [
            u for u in units if u["parent"] == code and not u["valid_to"] and len(u["code"]) == 5
        ]
        (self.province,) = [
            f"{u['kind'].capitalize()} {u['name']}" for u in units if u["code"] == code and not u["valid_to"]
        ]
        self.old = self._old(units)
        self.addresses = self._addresses(wanted)
        self.pairs: dict[tuple[str, int], None] = dict.fromkeys((a.street, a.commune) for a in self.addresses)

    def _old(self, units: list[dict[str, str]]) -> list[Old]:
        here = {u["code"] for u in self.communes}
        went: dict[str, list[str]] = defaultdict(list)
        for row in _table("unit_successors.tsv"):
            went[row["code"]].append(row["successor"])
        return [
            Old(u["kind"], u["name"], u["district"], tuple(went[u["code"]]))
            for u in units
            if u["valid_to"] == "2025-06-30"
            and len(u["code"]) == 5
            and went[u["code"]]
            and set(went[u["code"]]) <= here
        ]

    def _addresses(self, wanted: int) -> list[Made]:
        rng = self.random
        made: list[Made] = []
        streets = sum(_streets_of(u["kind"]) for u in self.communes)
        for n, unit in enumerate(self.communes):
            town = unit["kind"] == "phường"
            names = _names(rng, _streets_of(unit["kind"]), town)
            for street in names:
                many = round(rng.uniform(0.4, 1.6) * wanted / streets)
                hamlet_of = [self._hamlet(rng, town) for _ in range(rng.randint(1, 3))]
                tail = f"{unit['kind'].capitalize()} {unit['name']}, {self.province}"
                for k, house in enumerate(_houses(rng, many)):
                    hamlet = hamlet_of[k * len(hamlet_of) // many]
                    text = ", ".join(filter(None, (f"{house} {street}", hamlet, tail)))
                    made.append(Made(house, street, hamlet, n, text))
        while len(made) < wanted:
            made.append(made[rng.randrange(len(made))])
        return made[:wanted]

    @staticmethod
    def _hamlet(rng: random.Random, town: bool) -> str:
        if town:
            return (
                ""
                if rng.random() < 0.3
                else f"Tổ {rng.randint(1, 60)}"
                if rng.random() < 0.8
                else f"Khu phố {rng.randint(1, 9)}"
            )
        return f"Thôn {rng.choice(HAMLETS)}" if rng.random() < 0.8 else f"Thôn {rng.randint(1, 9)}"

    def questions(self, each: int) -> list[Asked]:
        """`each` questions of every stratum but the last, which needs the register's codes."""
        by_commune: dict[str, list[int]] = defaultdict(list)
        for n, a in enumerate(self.addresses):
            by_commune[self.communes[a.commune]["code"]].append(n)
        prefixes = _Prefixes(self)
        ask: dict[str, Callable[[], Asked]] = {
            "clean": lambda: self._plain("clean", str),
            "no accents": lambda: self._plain("no accents", unmarked),
            "one typo": lambda: self._plain("one typo", lambda t: self._mistyped(t, 1)),
            "two typos": lambda: self._plain("two typos", lambda t: self._mistyped(t, 2)),
            "partial": lambda: self._partial(prefixes),
            "abbreviations": self._shortened,
            "old commune": lambda: self._of_old("old commune", by_commune, [o for o in self.old if len(o.successors) == 1]),
            "divided commune": lambda: self._of_old(
                "divided commune", by_commune, [o for o in self.old if len(o.successors) > 1]
            ),
        }  # fmt: skip
        return [question() for question in ask.values() for _ in range(each)]

    def _one(self) -> tuple[int, Made]:
        n = self.random.randrange(len(self.addresses))
        return n, self.addresses[n]

    def _said(self, a: Made) -> str:
        """The address with what it needs to be found, and more or less of the rest, in one of the orders in use."""
        rng = self.random
        unit = self.communes[a.commune]
        parts = [f"{a.house} {a.street}"]
        if rng.random() < 0.3:
            parts[0] = f"{a.house} {a.street.removeprefix('Đường ')}"
        if a.hamlet and rng.random() < 0.6:
            parts.append(a.hamlet)
        parts.append(f"{unit['kind']} {unit['name']}" if rng.random() < 0.7 else unit["name"])
        if rng.random() < 0.5:
            parts.append(self.province)
        if rng.random() < 0.15:  # the commune first
            parts = [*reversed(parts[1:]), parts[0]]
        return (", " if rng.random() < 0.7 else " ").join(parts)

    def _plain(self, stratum: str, change: Callable[[str], str]) -> Asked:
        n, a = self._one()
        return Asked(stratum, change(self._said(a)), n)

    def _mistyped(self, text: str, count: int) -> str:
        rng = self.random
        text = text if rng.random() < 0.5 else unmarked(text)
        for _ in range(count):
            text = mistyped(rng, text)
        return text

    def _partial(self, prefixes: "_Prefixes") -> Asked:
        n, a = self._one()
        first = prefixes.first_cut(a)
        cut = self.random.randint(first, len(a.text))
        q = a.text[:cut]
        return Asked("partial", q if self.random.random() < 0.5 else unmarked(q), n)

    def _shortened(self) -> Asked:
        rng = self.random
        n, a = self._one()
        unit = self.communes[a.commune]
        dot = rng.choice((".", ". ", " "))
        kind = {"phường": "P", "xã": "X", "đặc khu": "đặc khu"}[unit["kind"]]
        street = a.street.removeprefix("Đường ")
        said = [f"{a.house} {street}", f"{a.house} đ{dot}{street}", f"số {a.house} đường {street}"]
        if "/" in a.house and a.house.count("/") == 1:
            alley, house = a.house.removeprefix("K").split("/")
            said = [
                f"số {house} kiệt {alley} {street}",
                f"{house} ng. {alley} {street}",
                f"hẻm {alley} số {house} {street}",
            ]
        parts = [rng.choice(said).replace("Nguyễn ", rng.choice(("Ng. ", "Nguyễn ")))]
        if a.hamlet and rng.random() < 0.5:
            parts.append(a.hamlet.replace("Khu phố ", "KP"))
        parts.append(f"{kind}{dot if len(kind) == 1 else ' '}{unit['name']}")
        if rng.random() < 0.5:
            parts.append(
                self.province.replace("Thành phố ", rng.choice(("TP ", "TP. ", "Tp."))).replace(
                    "Tỉnh ", "T. "
                )
            )
        q = ", ".join(parts)
        return Asked("abbreviations", q if rng.random() < 0.5 else unmarked(q), n)

    def _of_old(self, stratum: str, by_commune: dict[str, list[int]], old: list[Old]) -> Asked:
        rng = self.random
        names = [o.name for o in self.old]
        while True:
            one = rng.choice(old)
            candidates = by_commune[rng.choice(one.successors)]
            if candidates:
                break
        n = rng.choice(candidates)
        a = self.addresses[n]
        parts = [f"{a.house} {a.street}", f"{one.kind} {one.name}" if rng.random() < 0.7 else one.name]
        if one.name.isdigit():
            parts[1] = f"{one.kind} {one.name}"
        if names.count(one.name) > 1 or rng.random() < 0.5:
            parts.append(one.district)
        q = ", ".join(parts)
        return Asked(stratum, q if rng.random() < 0.5 else unmarked(q), n, one.successors)


class _Prefixes:
    """From where on a text typed in its own order leaves at most ten streets of communes that go on with it.

    Texts with another house or another first word of the street are not counted.
    """

    def __init__(self, town: Town) -> None:
        self.alike: dict[tuple[str, ...], list[tuple[list[str], tuple[str, int]]]] = defaultdict(list)
        for a in town.addresses:
            words = words_of(a.text)
            self.alike[tuple(words[:3])].append((words, (a.street, a.commune)))

    def first_cut(self, a: Made) -> int:
        """The least number of letters: the more of them, the fewer go on."""
        others = self.alike[tuple(words_of(a.text)[:3])]
        low, high = len(" ".join(a.text.split(" ")[:3])), len(a.text)
        while low < high:
            cut = (low + high) // 2
            typed = words_of(a.text[:cut])
            if len({pair for words, pair in others if goes_on(typed, words)}) <= 10:
                high = cut
            else:
                low = cut + 1
        return low


def words_of(text: str) -> list[str]:
    """Words without marks and commas."""
    return unmarked(text).lower().replace(",", " ").split()


def goes_on(typed: list[str], answer: list[str]) -> bool:
    """Whether the words typed stand in the answer in their order, the last as the beginning of a word."""
    at = 0
    for word in answer:
        if at < len(typed) and (word == typed[at] or (at == len(typed) - 1 and word.startswith(typed[at]))):
            at += 1
    return at == len(typed)


def _streets_of(kind: str) -> int:
    return 110 if kind == "phường" else 55


def _names(rng: random.Random, many: int, town: bool) -> list[str]:
    names: list[str] = []
    while len(names) < many:
        draw = rng.random()
        if draw < 0.72:
            name = f"Đường {rng.choice(PERSONS)}"
        elif draw < 0.76:
            name = f"Đường {rng.choice(DAYS)}"
        elif draw < 0.80:
            name = f"Đường số {rng.randint(1, 40)}"
        elif town:
            name = f"Đường {rng.choice(QUARTERS)} {rng.randint(1, 25)}"
        else:
            name = rng.choice(("Đường ĐT605", "Đường ĐT609", "Quốc lộ 1A", "Quốc lộ 14B", "Đường Liên Xã"))
        if name not in names:
            names.append(name)
    return names


def _houses(rng: random.Random, many: int) -> list[str]:
    """Different numbers of one street: most on the street, others in its alleys."""
    houses: dict[str, None] = {}
    n = 1
    while len(houses) < many:
        draw = rng.random()
        if draw < 0.72:
            houses[str(n)] = None
        elif draw < 0.8:
            houses[f"{n}{rng.choice('AB')}"] = None
        elif draw < 0.93:
            houses[f"K{n}/{rng.randint(1, 60)}"] = None
        else:
            houses[f"{n}/{rng.randint(1, 40)}/{rng.randint(1, 20)}"] = None
        n += rng.random() < 0.8
    return list(houses)


def unmarked(text: str) -> str:
    """`text` as typed without a Vietnamese keyboard, in its case."""
    marked = unicodedata.normalize("NFD", text)
    return "".join(c for c in marked if unicodedata.category(c) != "Mn").replace("đ", "d").replace("Đ", "D")


def mistyped(rng: random.Random, text: str) -> str:
    """One slip anywhere but in a number: a letter or blank too few, too many, another one, or two swapped.

    Digits stay: another number is another house. Nor does a letter come right beside one (12 and 12a are two houses).
    """
    while True:
        at = rng.randrange(len(text))
        beside = text[max(at - 1, 0) : at + 2]
        digit = any(c.isdigit() or c == "/" for c in beside)
        letter = rng.choice("abcdeghiklmnopqrstuvxy")
        draw = rng.randrange(4)
        if text[at].isdigit() or text[at] == "/":
            continue
        if draw == 0 and not (digit and text[at].isalpha()):
            changed = text[:at] + text[at + 1 :]
        elif draw == 1 and not digit:
            changed = text[:at] + letter + text[at:]
        elif draw == 2 and not digit:
            changed = text[:at] + letter + text[at + 1 :]
        elif draw == 3 and not digit and at + 2 < len(text) and not text[at + 2].isdigit():
            changed = text[:at] + text[at + 1] + text[at] + text[at + 2 :]
        else:
            continue
        if changed != text:
            return changed


def _table(name: str) -> list[dict[str, str]]:
    with files("register").joinpath("data", name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter="\t"))
