"""What a text says, as claims: each with the verbatim sentence that says it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Claim:
    """One statement of a project or an institution.

    ``kind`` is one of sector, service, facility, stage, round, region, ticket_min, ticket_max, amount, space, topic,
    applicant_kind, and for what an institution restricts itself to, only_sector, only_region, only_round, only_stage.
    ``value`` is a code of the vocabulary or tree of that kind, or the phrase itself (kind topic).
    ``polarity`` is +1 (states, offers, wants, has) or -1 (rules out). ``inferred`` marks what is only implied.
    ``sentence`` is a verbatim substring of the stored text; '' when a structured column says it.
    ``number`` is CNY (tickets, amount), m2 (space), t/m2, m or kVA (facilities), the share of the text in [0, 1]
    (sectors of a text), the firmness in (0, 1] (exclusions), or None.
    """

    kind: str
    value: str
    polarity: int = 1
    inferred: bool = False
    sentence: str = ""
    number: float | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """A text as read: its sentences in order, and its claims."""

    sentences: tuple[str, ...] = ()
    claims: tuple[Claim, ...] = ()

    @property
    def ruling(self) -> frozenset[str]:
        """Sentences of which a claim says what they rule out."""
        return frozenset(claim.sentence for claim in self.claims if claim.polarity < 0 and claim.sentence)

    def of(self, kind: str, polarity: int | None = None) -> tuple[Claim, ...]:
        """Claims of one kind, and of one polarity if given."""
        return tuple(c for c in self.claims if c.kind == kind and (polarity is None or c.polarity == polarity))
