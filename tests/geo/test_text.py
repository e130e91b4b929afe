"""Folding text: what people type finds what was written."""

import unicodedata

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.text import fold
from register.fold import fold as fold_column

VIETNAMESE = (
    "aăâeêioôơuưyđAĂÂEÊIOÔƠUƯYĐáàảãạấầẩẫậắằẳẵặéèẻẽẹếềểễệíìỉĩịóòỏõọốồổỗộớờởỡợúùủũụứừửữựýỳỷỹỵ"
    "bcghklmnpqrstvx 0123456789/,.;-\t"
)
words = st.text(VIETNAMESE, max_size=40)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("12/3 Đường Trần Phú, P. Hòa Xuân", "12/3 duong tran phu p. hoa xuan"),
        ("THÔN ĐỒNG ĐĂNG", "thon dong dang"),
        ("  hoà\u00a0 hòa ", "hoa hoa"),
        ("ưỡn ượt ặc", "uon uot ac"),
        ("", ""),
    ],
)
def test_folding(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(words)
def test_folding_again_changes_nothing_and_dress_does_not_matter(text: str) -> None:
    folded = fold(text)
    assert fold(folded) == folded
    assert fold(text.upper()) == fold(unicodedata.normalize("NFD", text)) == folded
    assert folded.isascii()


@given(st.lists(words, max_size=5))
def test_a_column_folds_as_its_texts_do(texts: list[str]) -> None:
    assert fold_column(pa.array(texts, pa.string())).to_pylist() == [fold(text) for text in texts]
