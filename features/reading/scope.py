"""What a negation or an "only" covers: from a folded sentence to scoped phrases.

Chinese says what it rules out before the verb (医药类项目暂不考虑), after it (不投医药), by exception
or by complement (非新材料不投). Each of these is a pattern here; double negation (不排除, 不限, 不是不投), questions of
degree (不低于) and criteria that are waived (不要求盈利) are guarded against. English: :mod:`.scope_english`.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from features.reading.scope_words import (
    ADDITIVE,
    BOILERPLATE,
    CAUSE,
    CONDITION,
    EMPTY,
    EXCEPT,
    FILLER,
    FOCUS,
    GENERIC,
    GUARD_BEFORE,
    HEADWORDS,
    IDIOM,
    LIST,
    NEED,
    ONLY,
    OPEN,
    OTHERS,
    OUTSIDE,
    PAST,
    PREFIX,
    REDIRECT,
    SOFT,
    SUBJECT,
    SUFFIX,
    THIS,
    VERB,
    VERB_TAIL,
    WAIVED,
)

Mode = Literal["not", "only", "need", "lack"]


class Scope(NamedTuple):
    """A phrase that a sentence rules out (``not``), restricts itself to (``only``), demands (``need``) or says it
    does not have (``lack``: of use for facilities and services only).

    ``firm`` is 1 for a plain statement, 0.5 for a softened one (原则上, 一般, 谨慎).
    """

    phrase: str
    mode: Mode
    firm: float


_MARKS = frozenset(
    "不非仅只单勿禁谢拒恕免停暂缺无没未除剔排回规杜严婉远避限退弃绕叫劝慎满尽饱罄底紧欠少另超持列纳归放划否莫爱敬止零请须需评饱再先帮过吃责毁让难得p清离谈行没活够鞭见打出局搁冻封关沾惹红禁"
)
_DEMAND_MARKS = frozenset("须必求应提槛需少码件以")
_BARE_VERB = re.compile(f"^(?:{VERB})$")


def _trim(phrase: str) -> str:
    phrase = re.sub("^[^:]*:(?=[^:]{2})", "", phrase)
    return HEADWORDS.sub("", phrase.strip(" ,、:;。\"“”'")).strip(" ,、:;。\"“”'")


def _firm(context: str) -> float:
    return (
        0.5
        if SOFT.search(context.replace("暂不", "").replace("暂停", "").replace("暂无", "").replace("暂缓", ""))
        else 1.0
    )


def _blocked(clause: str, start: int, end: int) -> bool:
    """Whether a negation found at ``start:end`` is itself negated, waives a criterion or starts another word."""
    matched = clause[start:end]
    if GUARD_BEFORE.search(clause[:start]) and not matched.startswith(("不", "未", "无", "没")):
        return True
    if re.search(
        "(?:不是|并非|绝非|没有|从无|为何|为什么|是否|无)$|(?:别家|别人|他人|同行|大厂|大机构|银行|市场)[^,;。]{0,3}$",
        clause[:start],
    ):
        return True
    if BOILERPLATE.match(matched + clause[end : end + 8]):
        return True
    rest = clause[end:]
    if matched.startswith(("不", "没", "无", "未")) and WAIVED.match(rest):
        return True
    if matched.endswith("限制") and (
        rest[:1] in {"", "性", "于", "类", "、", "或"} or clause[:start].endswith(("不受", "无", "不", "的"))
    ):
        return True
    if matched.endswith("收") and rest[:1] in {"取", "费", "购", "益", "录"}:
        return True
    return bool(re.match("[^,;。]{0,3}(?:到位|起眼|上眼|出来|够|过来|断)", rest)) and matched.startswith("不")


def _clauses(sentence: str) -> list[str]:
    return [
        clause.strip()
        for clause in re.split("[,;。!?()]|(?<=[\u3400-\u9fff])\\s|——|但是|不过|然而|(?<!不)但(?!凡)", sentence)
        if clause.strip()
    ]


def _before(parts: list[str], number: int) -> str:
    """The clause before clause ``number`` that can be the object of its negation: no reason, no bare subject."""
    for position in range(number - 1, -1, -1):
        phrase = _trim(SUBJECT.sub("", parts[position]))
        if len(phrase) < 2 or FILLER.search(parts[position]):
            continue
        if position and re.match("以及|和|或|及", parts[position]):
            phrase = _trim(parts[position - 1]) + "、" + re.sub("^(?:以及|和|或|及)", "", phrase)
        return phrase
    return ""


def _prefix_scopes(parts: list[str], number: int) -> list[Scope]:
    """Scopes of the negations of one clause; a negation without an object takes what stands before it."""
    clause, after = parts[number], parts[number + 1 :]
    matches = [match for match in PREFIX.finditer(clause) if not _blocked(clause, match.start(), match.end())]
    # a lack inside the object of another negation (不看尚无收入的) is part of that object
    matches = [
        m
        for at, m in enumerate(matches)
        if at == 0 or not (m.group("lack") or m.group().startswith(("尚未", "未", "没")))
    ]
    if len(matches) > 1 and EMPTY.match(clause[matches[-1].end() :].strip(" :、")):
        matches = [
            m for m in matches[:-1] if not re.match("未|没|无|尚|缺|暂无|不具备|不能|不符", m.group())
        ] + matches[-1:]
    found: list[Scope] = []
    for at, match in enumerate(matches):
        stop = matches[at + 1].start() if at + 1 < len(matches) else len(clause)
        rest = clause[match.end() : stop].strip(" :、")
        rest = re.sub("^(?:投递|接待|受理|接受|考虑)", "", rest) if match.group().endswith(("勿", "恕不")) else rest
        mode: Mode = "lack" if match.group("lack") else "not"
        firm = _firm(match.group() + clause[: match.start()][-6:])
        if match.group("verb") in {"含", "包含", "包括"} and "的" in rest:
            continue  # 不含动物原料的鸡排 describes, it does not rule out
        if len(rest) < 2 or EMPTY.match(rest) or THIS.match(rest) or _BARE_VERB.match(rest):
            phrase = _trim(SUBJECT.sub("", clause[matches[at - 1].end() if at else 0 : match.start()]))
            if len(phrase) < 2 and clause.endswith(":"):
                phrase = "、".join(after)
            found += [Scope(item, mode, firm) for item in _object(parts, number, phrase)]
        else:
            more = [item for item in after[:1] if re.match("以及|和|或|及|还有|包括|尤其|特别是|如", item)]
            found.append(Scope(_trim(VERB_TAIL.sub("", "、".join([rest, *more]))), mode, firm))
    return found


def scopes(sentence: str) -> list[Scope]:
    """Scoped phrases of a folded sentence, in order; empty when it rules nothing out and demands nothing."""
    if _MARKS.isdisjoint(sentence) and _DEMAND_MARKS.isdisjoint(sentence):
        return []
    if PAST.search(sentence):
        return []
    found: list[Scope] = []
    rest = sentence
    for reader in (_listed, _exceptions, _complements):
        scoped, rest = reader(rest)
        found.extend(scoped)
    found.extend(_by_clause(rest))
    return [scope for scope in found if len(scope.phrase) > 1]


def _listed(sentence: str) -> tuple[list[Scope], str]:
    match = LIST.search(sentence)
    if match is None:
        return [], sentence
    return [Scope(_trim(match.group("x")), "not", 1.0)], sentence[: match.start()] + "。" + sentence[match.end() :]


def _exceptions(sentence: str) -> tuple[list[Scope], str]:
    """除 X 外: X is ruled out (…均可), or all but X (…一律不看), or nothing is (…还)."""
    match = EXCEPT.search(sentence)
    if match is None:
        return [], sentence
    remaining = sentence[: match.start()] + "。"
    rest = match.group("rest")
    if ADDITIVE.match(rest):
        return [], remaining + rest
    if PREFIX.search(rest) and not re.search("不限|不设|不做限制|不挑", rest):
        return [Scope(_trim(match.group("x")), "only", 1.0)], remaining
    if OPEN.search(rest) or not rest:
        return [Scope(_trim(match.group("x")), "not", 1.0)], remaining
    return [], remaining + rest


def _complements(sentence: str) -> tuple[list[Scope], str]:
    """X 以外不投, 非 X 不投, 专注 X、其他不看: only X."""
    match = OUTSIDE.search(sentence)
    if match is not None:
        phrase = _trim(match.group("x") or match.group("y") or "")
        return [Scope(phrase, "only", 1.0)], sentence[: match.start()] + "。"
    others = OTHERS.search(sentence)
    if others is not None:
        focus = FOCUS.search(sentence[: others.start()])
        phrase = _trim(focus.group("x")) if focus else _trim(sentence[: others.start()])
        return [Scope(phrase, "only", 1.0)], sentence[: others.start()] + "。" + sentence[others.end() :]
    return [], sentence


def _object(parts: list[str], number: int, phrase: str) -> list[str]:
    """What a rejection at the end of clause ``number`` is about: ``phrase``, or the clauses before it.

    Clauses that state the case (凡…, 如果…, 涉及…) belong to it wherever they stand before.
    """
    own = _trim(SUBJECT.sub("", phrase))
    own = "" if FILLER.search(own) or THIS.match(own) else own
    before = _before(parts, number)
    found = [own] if len(own) > 1 else [before]
    if own and re.match("其(?!他|它|余|中)", phrase.strip()):
        found = [f"{before}的{own}"]
    cases = [_trim(part) for part in parts[:number] if CONDITION.match(part) and not FILLER.search(part)]
    return [item for item in dict.fromkeys([*found, *cases]) if len(item) > 1]


def _by_clause(sentence: str) -> list[Scope]:
    found: list[Scope] = []
    parts = _clauses(sentence)
    for number, clause in enumerate(parts):
        if _MARKS.isdisjoint(clause) and _DEMAND_MARKS.isdisjoint(clause):
            continue
        if CAUSE.search(clause):
            continue
        only = ONLY.search(clause)
        if only is not None and not re.search(
            "[只仅](?:要|需|用|占|有|能|看(?:单位|能否|是否|结果|数据|技术|团队|长期))", clause
        ):
            found.append(Scope(_trim(clause[only.end() :]), "only", _firm(only.group())))
            continue
        found.extend(_clause_scopes(parts, number))
    return list(dict.fromkeys(found))


def _clause_scopes(parts: list[str], number: int) -> list[Scope]:
    """Negations of one clause: by a closing predicate, before the verb, by a general rejection; else a demand."""
    clause = parts[number]
    tail = SUFFIX.search(clause)
    if tail is not None and not re.search("(?:不|无|从不|并非)$", clause[: tail.start()]):
        firm = _firm(tail.group())
        return [Scope(phrase, "not", firm) for phrase in _object(parts, number, clause[: tail.start()])]
    prefixed = _prefix_scopes(parts, number)
    if any(scope.mode == "not" for scope in prefixed):
        return prefixed
    if not BOILERPLATE.search(clause):
        for pattern in (GENERIC, IDIOM, REDIRECT):
            match = pattern.search(clause)
            if match is not None:
                verb = re.sub("^[^不]*不(?:能|得|准|许|可以|可|予|再|允许|会|应|宜|必)?", "", match.group())
                verb = verb if re.match("[^不]{0,4}不(?:能|得|准|许|可|予|再|允许)", match.group()) else ""
                phrases = _object(parts, number, clause[: match.start()])
                return [Scope(phrase + verb, "not", 1.0) for phrase in phrases]
    if prefixed:
        return prefixed
    demand = NEED.search(clause)
    return [Scope(demand.group("x"), "need", 1.0)] if demand is not None else []
