"""Personal data in running text: telephone numbers, identity and bank card numbers, mail addresses, chat accounts.

The one list of patterns. Texts pass it before they are read or encoded (:func:`features.text.sentences`) and again
before they are shown (:mod:`app.masking`), so that no sentence, vector or page carries them. Digits may be full-width
and grouped by blanks or hyphens. Certificate numbers (ZL 2020 1 0123456.7), credit codes of firms, amounts and dates
stay: each pattern asks for a form, a word before it or a date within that those do not have.
"""

from __future__ import annotations

import re

MASK = "＊＊＊"

_GAP = r"[ \t\u00a0\u3000\-－—–‐‑]{1,2}"  # between groups of digits
_GAP0 = rf"(?:{_GAP})?"
_FROM = r"(?<![\d])(?<!\d[.．,，])"  # a number begins here
_TO = r"(?!\d|[.．]\d)"  # and ends here
_CERTIFICATE = r"(?<!ZL)(?<!ZL[ :：])(?<!CN)(?<!CN[ :：])(?<!SR)(?<!GR)(?<!PCT)(?<!No\.)(?<!NO\.)"
_NO_AMOUNT = r"(?!\s?(?:[元万亿]|人民币|美元|CNY|RMB))"
_ASCII = "A-Za-z0-9Ａ-Ｚａ-ｚ０-９"

_MOBILE = (
    rf"(?:(?:[+＋]|(?<!\d)[0０][0０])[8８][6６]{_GAP0}|{_FROM}{_CERTIFICATE}(?:[8８][6６]{_GAP0})?)"
    r"[1１](?:[3-9３-９]\d{9}"
    rf"|[3-9３-９]\d(?:{_GAP}\d{{4}}{_GAP}\d{{4}}|{_GAP}\d{{3}}{_GAP}\d{{5}}|{_GAP}\d{{8}}|\d{{4}}{_GAP}\d{{4}})"
    rf"|[3-9３-９]\d{{2}}{_GAP}\d{{3}}{_GAP}\d{{4}}"
    r"|[ \u3000\-－][3-9３-９](?:[ \u3000\-－]\d){9}"
    rf"){_TO}{_NO_AMOUNT}"
)
_AREA = r"[0０](?:[1-2１-２]\d|[3-9３-９]\d{2})"  # 010, 02x; 0311 and above
_LINE = (
    rf"(?:[(（]{_AREA}[)）]{_GAP0}|(?<![\dA-Za-z]){_AREA}{_GAP})[1-9１-９]\d{{2,3}}{_GAP0}\d{{4}}{_TO}"
    rf"|(?<![\dA-Za-z])[48４８][0０]{{2}}{_GAP}\d{{3,4}}{_GAP0}\d{{3,4}}{_TO}{_NO_AMOUNT}"
    r"|(?:电话|座机|传真|热线|手机|[Tt][Ee][Ll]|[Ff][Aa][Xx]|[Pp]hone)(?:号码?)?[\s.:：]{0,3}"
    rf"[+＋(（]?\d(?:[ \u3000\-－—()（）]{{0,2}}\d){{6,14}}{_TO}{_NO_AMOUNT}"
)
_DAY = (
    r"(?:[1１][89８９]|[2２][0０])\d{2}(?:[0０][1-9１-９]|[1１][0-2０-２])(?:[0０][1-9１-９]|[12１２]\d|[3３][01０１])"
)
_IDENTITY = (
    rf"(?<![\dA-Za-z])[1-8１-８]\d{{5}}{_GAP0}{_DAY}{_GAP0}\d{{3}}[\dXxＸｘ](?![\dA-Za-z])"
    r"|身份证(?:件)?(?:号码?)?[\s:：为是]{0,3}[1-9１-９](?:[ \u3000\-－]?\d){13,16}"
    r"[ \u3000\-－]?[\dXxＸｘ](?![\dA-Za-z])"
)
_CARD = (
    rf"(?<![\dA-Za-z])[6６][2２]\d{{2}}(?:{_GAP0}\d{{4}}){{3}}(?:{_GAP0}\d{{1,3}})?{_TO}"
    r"|(?:银行卡|卡|账|帐)(?:号码?|户)[\s:：为是]{0,3}\d(?:[ \u3000\-－]?\d){11,18}(?!\d)"
)
_MAIL = (
    rf"(?<![{_ASCII}._%+\-])[{_ASCII}._%+\-]{{1,64}}\s?[@＠]\s?[{_ASCII}\-]{{1,63}}"
    rf"(?:[.．][{_ASCII}\-]{{2,63}}){{1,4}}"
)
_CHAT = (
    r"(?:微信|[Ww]e[Cc]hat|WECHAT|[Ww]ei[Xx]in|[Vv][Xx]|加[Vv])(?:号码?|公众号)?\s?(?:ID|id|Id)?"
    rf"(?:\s?[:：]\s?|(?<=号)[\s为是]{{0,2}}|(?<=[Dd])\s)[{_ASCII}_][{_ASCII}_\-]{{3,19}}"
    r"|[QqＱｑ][QqＱｑ](?:号码?|群号?)?[\s:：为是]{0,3}[1-9１-９]\d{4,11}(?!\d)"
)

PERSONAL = re.compile("|".join((_MOBILE, _LINE, _IDENTITY, _CARD, _MAIL, _CHAT)))
"""Every form of personal data."""
_SIGN = re.compile(
    r"\d[ \t\u00a0\u3000\-－—–‐‑()（）]{0,2}\d[ \t\u00a0\u3000\-－—–‐‑()（）\d]{4}"
    r"|[@＠]|微信|[Ww]e[CcXxIi]|WECHAT|[Vv][Xx]|加[Vv]|[QqＱｑ]{2}"
)
"""What every such form holds; few texts hold it, and looking for it is quick."""


def without_personal(text: str) -> str:
    """A text with every piece of personal data replaced by :data:`MASK`; masking it again changes nothing."""
    return PERSONAL.sub(MASK, text) if _SIGN.search(text) else text
