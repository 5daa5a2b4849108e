"""Who may look: the roles of institutions, each in its channel, organizers, project owners and the administrator.

A role belongs to kinds (``institution``, ``organizer``, ``owner``, ``admin``); pages and queries name the kinds they
are open to. What of a page's rows a person sees is decided by :class:`app.dashboard.access.Access`.
"""

from __future__ import annotations

from dataclasses import dataclass

KINDS = ("institution", "organizer", "owner", "admin")


@dataclass(frozen=True)
class Role:
    """One role. ``channel`` is empty for those who choose it."""

    name: str
    channel: str
    kinds: tuple[str, ...] = ("institution",)

    @property
    def organizes(self) -> bool:
        """Whether the role sees what organizers see: also projects that were not asked, and failed rules."""
        return "organizer" in self.kinds


ROLES = {
    role.name: role
    for role in (
        Role("fund", "financing"),
        Role("park", "placement"),
        Role("service", "services"),
        Role("leader", "challenge"),
        Role("organizer", "", ("organizer",)),
        Role("mentor", "services"),
        Role("owner", "", ("owner",)),
        Role("admin", "", ("organizer", "admin")),
    )
}
DEMONSTRATED = ("fund", "park", "service", "leader", "organizer")
"""Roles that visitors of the open demonstration may choose; the others exist for people with an account only."""
