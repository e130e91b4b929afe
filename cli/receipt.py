"""A receipt as a person reads it: what was read, stored and refused, and the first findings of each kind."""

from pathlib import Path
from typing import TYPE_CHECKING

from cli.say import answer

if TYPE_CHECKING:
    from geo.finding import Finding
    from register.receive import Receipt

SHOWN = 5

STATES = {
    "applied": ("Đã nhập", "Imported"),
    "unchanged": (
        "Tệp này đã nhập trước đây: không có gì thay đổi",
        "These files were imported before: nothing changes",
    ),
    "restored": ("Đã khôi phục lần nhập từng bị hoàn tác", "The undone import is brought back"),
}


def tell(receipt: "Receipt", report: Path | None = None, *, dry_run: bool = False) -> None:
    """Print the receipt: counts first, then per kind the first findings with record and place."""
    if dry_run:
        answer("Chạy thử, không ghi gì · Dry run, nothing is stored")
    state_vi, state_en = STATES[receipt.state]
    number = "" if receipt.correction is None else f" (chỉnh lý · correction {receipt.correction})"
    answer(f"{state_vi} · {state_en}{number}")
    refused = sum(receipt.refused.values())
    answer(
        f"Thửa đất · Parcels: đọc · read {receipt.read:,} = lưu · stored {receipt.stored:,}"
        f" + không đổi · unchanged {receipt.unchanged:,} + từ chối · refused {refused:,}"
    )
    rows = receipt.addresses
    if rows.get("read"):
        answer(
            f"Địa chỉ · Addresses: đọc · read {rows['read']:,} = gắn · linked {rows['linked']:,}"
            f" + không đổi · unchanged {rows['unchanged']:,} + từ chối · refused {rows['refused']:,}"
        )
    for title, counts in (
        ("Từ chối · Refused", receipt.refused),
        ("Lỗi thừa hưởng, đã lưu và ghi danh sách · Inherited defects, stored and listed", receipt.inherited),
        ("Ghi chú · Notes", receipt.notes),
    ):
        if counts:
            answer(f"{title}: " + ", ".join(f"{rule} {count:,}" for rule, count in sorted(counts.items())))
    _tell_findings(receipt.findings, report)


def _tell_findings(findings: "list[Finding]", report: Path | None) -> None:
    by_rule: dict[str, list[Finding]] = {}
    for finding in findings:
        by_rule.setdefault(finding.rule, []).append(finding)
    for rule, told in sorted(by_rule.items()):
        answer(f"\n[{rule}]")
        for finding in told[:SHOWN]:
            place = "" if finding.lon_deg is None else f" @ {finding.lat_deg:.6f}, {finding.lon_deg:.6f}"
            answer(f"  {finding.record or ''}{place}\n    {finding.text_vi}\n    {finding.text_en}")
        if len(told) > SHOWN:
            answer(f"  … và {len(told) - SHOWN:,} trường hợp nữa · and {len(told) - SHOWN:,} more")
    if report is None and any(len(told) > SHOWN for told in by_rule.values()):
        answer("\nGhi tất cả ra tệp · Write them all to a file: --report FILE.json")
    if findings and report is not None:
        answer(f"\nMọi điều phát hiện, đủ nơi chốn · Every finding with its place: {report}")
