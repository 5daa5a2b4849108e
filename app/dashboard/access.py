"""What one person may see: role, own institutions or projects, region. Every query function asks it again.

A page that is not drawn guards nothing: addresses, downloads and stale sessions reach the query functions as well.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from app.dashboard.roles import ROLES, Role
from data.problem import DuijieError
from data.reference.regions import regions

DENIED = "access.denied"


@dataclass(frozen=True)
class Access:
    """Rights of one person.

    ``institutions`` are the person's own; None means every institution of the role's channel, as in the open
    demonstration. ``projects`` are a project owner's. ``region`` is the code of the division, contest region or
    macro-region whose projects an organizer sees, empty for the whole country. ``account`` is empty without login.
    """

    role: Role
    account: str = ""
    institutions: frozenset[str] | None = None
    projects: frozenset[str] = frozenset()
    region: str = ""

    @property
    def scope(self) -> tuple[object, ...]:
        """What rows depend on beyond the kind of the role: part of the key of every answer that is kept."""
        return (self.role.kinds, self.region, tuple(sorted(self.projects)))

    def has(self, kinds: Collection[str]) -> bool:
        """Whether the role belongs to one of these kinds, or is named itself."""
        return any(kind in kinds for kind in (*self.role.kinds, self.role.name))

    def require(self, kinds: Collection[str], what: str) -> None:
        """Refuse whoever belongs to none of these kinds.

        Raises
        ------
        DuijieError
            ``access.denied``.
        """
        if not self.has(kinds):
            raise denied(what)

    def require_channel(self, channel: str) -> None:
        """Refuse a channel that is not the role's own."""
        if self.role.channel and channel != self.role.channel:
            raise denied(f"channel {channel}")

    def require_institution(self, institution_id: str) -> None:
        """Refuse an institution that is not the person's own; whether it exists is not told."""
        if self.institutions is not None and institution_id not in self.institutions:
            raise denied("institution")

    def keeps_project(self, project_id: str, country: str | None, province: str | None, city: str | None) -> bool:
        """Whether a project with this address lies within what the person may see."""
        if "owner" in self.role.kinds:
            return project_id in self.projects
        if not self.region:
            return True
        return regions().covers(self.region, regions().resolve(country, province, city))

    @property
    def bounded(self) -> bool:
        """Whether :meth:`keeps_project` leaves projects out."""
        return bool(self.region) or "owner" in self.role.kinds


def open_access(role: str) -> Access:
    """Rights in the open demonstration, where visitors choose their role."""
    return Access(ROLES[role])


def denied(what: str) -> DuijieError:
    """A refusal; ``what`` goes into the journal and is not shown."""
    return DuijieError(DENIED, f"无权查看 / not permitted: {what}", "")
