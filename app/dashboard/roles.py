"""Who may look: four roles of institutions, each in its channel, and the organizer, who sees every channel.

There is no login: whoever opens the page chooses a role. It decides what the queries give, not only what is drawn.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Role:
    """One role. ``channel`` is empty for the organizer."""

    name: str
    channel: str

    @property
    def organizes(self) -> bool:
        """Whether the role is the organizer's."""
        return not self.channel


ROLES = {
    role.name: role
    for role in (
        Role("fund", "financing"),
        Role("park", "placement"),
        Role("service", "services"),
        Role("leader", "challenge"),
        Role("organizer", ""),
    )
}
