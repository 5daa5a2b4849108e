"""What nobody may see: personal data in texts, who stands behind a teaser, contacts before both sides agreed."""

from __future__ import annotations

import json
import re
import stat
import unicodedata
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from app.cli import main
from app.commands.consent import standing
from app.masking import Mask, mask_project
from data.consents import CONSENT, consent_entry
from data.contacts import (
    SHOWN,
    WRITTEN,
    contacts_path,
    forget_contacts,
    show_contacts,
    write_contacts,
)
from data.document import CONTACTS
from data.merging import MERGE
from data.personal import MASK, PERSONAL, without_personal
from data.problem import DuijieError
from data.store import Store
from data.tables import TABLES
from features.reading import read_institution, read_project
from features.text import sentences

PERSONAL_DATA = [
    *("13900000001", "１３８ ００００ ０００１", "138-0000-0001", "138 0000 0001", "+86 13800000001", "8613800000001"),
    *("1 3 8 0 0 0 0 0 0 0 1", "138-00000001", "010-12345678", "010—82000000", "(0571)88886666", "（0571） 8888 6666"),
    *("0571-8888666", "400-800-8000", "电话：057188886666", "TEL13800000001", "传真 88886666"),
    *("110105199001011234", "11010519900101123X", "110105 19900101 1234", "身份证号：110105900101123"),
    *("someone@example.com", "some.one＠example.com.cn", "someone @ example.com"),
    *("微信：abc_12345", "微信号abc12345", "WeChat ID: abc-12345", "QQ 123456", "ＱＱ号：１２３４５６７"),
    *("6222021234567890123", "6222 0212 3456 7890 123", "银行账号：1234 5678 9012 3456"),
]
NOT_PERSONAL = [
    *("ZL 2020 1 0123456.7", "ZL202010123456.7", "CN113800000001A", "2021SR1380000", "软著登字第13800000号"),
    *("91110105MA01ABCD2X", "911101057699012345", "91330100100000563X", "GR202033001234", "GB/T 4754-2017"),
    *("13800000000元", "3,500,000.00", "0.13800000001", "15.123456789", "1500万元，1800万元", "-40～85℃ 1380 MPa"),
    *(
        "2021-12-31",
        "2020年12月31日至2021年1月",
        "2023年10月7日—2023年11月30日",
        "微信小程序",
        "QQ音乐",
        "1500 2000 3000",
    ),
]


@pytest.mark.parametrize("secret", PERSONAL_DATA)
def test_personal_data_is_masked_whole(secret: str) -> None:
    masked = without_personal(f"请联系{secret}洽谈")
    assert MASK in masked
    assert not any(character.isdigit() or character == "@" for character in masked)


@pytest.mark.parametrize("plain", NOT_PERSONAL)
def test_numbers_of_things_stay(plain: str) -> None:
    assert without_personal(f"其{plain}，达标") == f"其{plain}，达标"


PIECES = st.lists(st.sampled_from([*PERSONAL_DATA, *NOT_PERSONAL, "，", "。", "联系", "达到", "\n", " "]), max_size=12)


@settings(max_examples=150, deadline=None)
@given(PIECES)
def test_nothing_personal_is_read_or_encoded(pieces: list[str]) -> None:
    text = "。".join(pieces)
    masked = without_personal(text)
    assert without_personal(masked) == masked
    at = 0
    for sentence in sentences(text):
        assert not PERSONAL.search(sentence)
        at = masked.index(sentence, at) + len(sentence)


def test_the_quick_look_overlooks_nothing() -> None:
    for secret in PERSONAL_DATA:
        assert PERSONAL.search(secret), secret
        assert without_personal(secret) != secret, secret


def test_readings_of_both_sides_hold_no_personal_data() -> None:
    said = "尚未通过第三方型式试验，联系人手机１３８ ００００ ０００１。需要检测，邮箱someone@example.com。"
    for read in (read_project({"name": "甲", "summary": said}), read_institution({"name": "乙", "profile": said})):
        told = [*read.sentences, *(claim.sentence for claim in read.claims)]
        assert any(MASK in sentence for sentence in told)
        assert not any(PERSONAL.search(sentence) for sentence in told)


TEASER = {
    "project_id": "P1",
    "name": "云雀叶片研发及产业化（Skylark Blade）（样例）",
    "applicant": "杭州云雀智能科技有限公司（Hangzhou Skylark Tech Co., Ltd.）（样例）",
    "province": "浙江省",
    "city": "杭州市",
    "district": "滨江区",
    "sectors": ["新材料"],
    "confidentiality": "teaser",
}
NUMBERS = ["ZL 2020 1 0123456.7", "国作登字-2021-F-00012345", "2021SR0123456"]
TOKENS = [
    *(
        "云雀叶片研发及产业化",
        "Skylark Blade",
        "杭州云雀智能科技有限公司",
        "杭州云雀智能科技",
        "云雀智能科技",
        "云雀智能",
        "云雀",
    ),
    *("Hangzhou Skylark Tech", "杭州市", "杭州", "滨江区", "滨江", "202010123456.7", *NUMBERS),
]


def wide(token: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else "\u3000" if c == " " else c for c in token)


VARIANTS = st.tuples(
    st.sampled_from(TOKENS),
    st.sampled_from([str, str.upper, str.lower, wide]),
    st.sampled_from(["", " ", "-", "\u3000"]),
).map(lambda drawn: drawn[2].join(drawn[1](drawn[0])))
HARMLESS = st.sampled_from(["采用碳纤维", "强度提高30%", "已小批量试产", "面向风电", "寻求检测服务"])
LINES = st.lists(st.tuples(HARMLESS, st.one_of(st.just(""), VARIANTS)).map("".join), min_size=1, max_size=5)


def key(text: str) -> str:
    return re.sub(r"[\W_]", "", unicodedata.normalize("NFKC", text).casefold())


@settings(max_examples=150, deadline=None)
@given(LINES, LINES, st.sampled_from(["。", "；", "，", "\n"]))
def test_no_teaser_leaks_a_hidden_token(summary: list[str], keywords: list[str], mark: str) -> None:
    row = {**TEASER, "summary": mark.join(summary), "keywords": keywords, "regions_wanted": ["杭州市", "江苏省"]}
    mask = mask_project(row).hiding(NUMBERS)
    shown = mask.row(row)
    evidence = [mask.text(sentence) for sentence in sentences(row["summary"])]
    told = key(json.dumps([{**shown, "project_id": ""}, evidence], ensure_ascii=False, default=str))
    assert [token for token in TOKENS if key(token) in told] == []


def test_a_teaser_keeps_the_sentences_that_name_nothing() -> None:
    row = {**TEASER, "summary": "云雀叶片采用碳纤维。强度提高30%。产地杭州。寻求检测服务。"}
    shown = mask_project(row).row(row)
    assert shown["summary"] == "强度提高30%。寻求检测服务。"
    assert (shown["province"], shown["confidentiality"]) == ("浙江省", "teaser")


def test_an_ip_number_is_hidden_without_a_row_of_it() -> None:
    mask = mask_project(TEASER)
    for text in ("专利ZL201910234567.8已授权", "软著2021SR0654321", "证书编号：ABC-2021-77", "申请号202010999999.1"):
        assert mask.text(text) is None, text
    assert mask.text("2021年建成2条产线，产能1500吨") is not None


def test_a_trade_alone_is_no_name() -> None:
    row = {**TEASER, "applicant": "浙江新材料科技有限公司", "name": "叶片"}
    assert mask_project(row).text("用于新材料领域") == "用于新材料领域"


def test_a_public_project_is_shown_as_it_is() -> None:
    row = {**TEASER, "confidentiality": "public", "summary": "云雀叶片，ZL 2020 1 0123456.7"}
    assert mask_project(row).hiding(NUMBERS) == Mask(False, ())
    assert mask_project(row).row(row) == row


# contacts

TODAY = date(2023, 6, 1)
ROWS = [
    {"subject_id": "P1", "kind": "phone", "value": "13900000001", "source": "表（样例）"},
    {"subject_id": "I1", "kind": "mail", "value": "fund@example.com", "source": "表（样例）"},
    {"subject_id": "P2", "kind": "phone", "value": "13900000002", "source": "表（样例）"},
]


def table(name: str, *rows: dict[str, object]) -> pa.Table:
    return pa.Table.from_pylist(list(rows), schema=TABLES[name].schema)


def case(*events: tuple[str, int], project: str = "P1") -> pa.Table:
    ids = {"project_id": project, "institution_id": "I1", "channel": "financing"}
    return table("outcomes", *({**ids, "event": event, "at": TODAY + timedelta(days)} for event, days in events))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    kept = Store(tmp_path / "s.duckdb")
    fund = {"institution_id": "I1", "name": "丙基金（样例）", "kind": "venture_capital"}
    rows = {
        "projects": table(
            "projects",
            {"project_id": "P1", "name": "甲（样例）", "consent": ["financing"]},
            {"project_id": "P2", "name": "乙（样例）"},
        ),
        "institutions": table("institutions", fund),
    }
    kept.write(rows, [], actor="test", note={})
    assert write_contacts(kept, pa.Table.from_pylist(ROWS, schema=CONTACTS), "test") == 3
    return kept


def look(store: Store, project: str = "P1", institution: str = "I1", held: str = "") -> list[str]:
    rows = show_contacts(store, project, institution, "financing", held=held, actor="test", today=TODAY)
    return [row["value"] for row in rows]


def test_contacts_are_shown_when_both_agreed_and_the_look_is_told(store: Store) -> None:
    store.write({"outcomes": case(("introduced", -9), ("accepted", -5))}, [], actor="test", note={})
    assert look(store) == ["13900000001", "fund@example.com"]
    assert [entry["payload"]["rows"] for entry in store.journal(SHOWN)] == [2]


@pytest.mark.parametrize(
    ("events", "code"),
    [
        ((), "not_agreed"),
        ((("introduced", -9),), "not_agreed"),
        ((("introduced", -9), ("accepted", 3)), "not_agreed"),
        ((("accepted", -9), ("declined", -2)), "ended"),
        ((("accepted", -9), ("met", -5), ("withdrawn", -2)), "ended"),
    ],
)
def test_contacts_are_refused_until_then(store: Store, events: tuple[tuple[str, int], ...], code: str) -> None:
    if events:
        store.write({"outcomes": case(*events)}, [], actor="test", note={})
    with pytest.raises(DuijieError, match=rf"contacts\.{code}"):
        look(store)
    assert store.journal(SHOWN) == []


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (("P1", "I1", "award.pending"), "contacts.held"),
        (("P2", "I1", ""), "contacts.consent"),
        (("P9", "I1", ""), "project.unknown"),
        (("P1", "I9", ""), "institution.unknown"),
    ],
)
def test_contacts_are_refused_otherwise(store: Store, asked: tuple[str, str, str], code: str) -> None:
    for project in ("P1", "P2"):
        store.write({"outcomes": case(("accepted", -5), project=project)}, [], actor="test", note={})
    with pytest.raises(DuijieError, match=code.replace(".", r"\.")):
        look(store, *asked)


def test_a_withdrawn_consent_closes_the_contacts(store: Store) -> None:
    store.write({"outcomes": case(("accepted", -5))}, [], actor="test", note={})
    assert look(store)
    store.append("test", CONSENT, consent_entry("P1", ["financing"], "withdrawn", "本人（样例）", ["P1"]))
    with pytest.raises(DuijieError, match=r"contacts\.consent"):
        look(store)
    assert standing(store, "P1")[0] == "financing 投融资对接: refused"


def test_contacts_of_merged_records_are_those_of_all(store: Store) -> None:
    store.write({"outcomes": case(("accepted", -5))}, [], actor="test", note={})
    store.append("test", MERGE, {"kept": "P1", "absorbed": "P2"})
    assert set(look(store)) == set(look(store, "P2")) == {row["value"] for row in ROWS}


def test_contacts_stand_in_no_table_and_no_journal(store: Store) -> None:
    values = [row["value"] for row in ROWS]
    told = [store.current(name).to_pylist() for name in TABLES] + [store.journal(), store.extras("projects")]
    assert not any(value in str(told) for value in values)
    assert not any(value.encode() in store.path.read_bytes() for value in values)
    assert stat.S_IMODE(contacts_path(store).stat().st_mode) == 0o600
    assert pq.read_table(contacts_path(store)).schema.equals(CONTACTS)


def test_a_second_write_adds_nothing_and_forgetting_is_complete(store: Store) -> None:
    assert write_contacts(store, pa.Table.from_pylist([*ROWS, {**ROWS[0], "value": " "}], schema=CONTACTS), "test") == 0
    assert forget_contacts(store, "P1", "test") == 1
    assert b"13900000001" not in contacts_path(store).read_bytes()
    assert [entry["payload"]["added"] for entry in store.journal(WRITTEN)] == [3, 0, -1]


def test_the_command_forgets(store: Store) -> None:
    told = CliRunner().invoke(main, ["forget", "P1", "--store", str(store.path)])
    assert (told.exit_code, "1" in told.stderr) == (0, True)
    assert b"13900000001" not in contacts_path(store).read_bytes()
