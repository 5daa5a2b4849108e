"""Texts of projects and institutions as claims, each with the verbatim sentence that says it."""

from __future__ import annotations

from features.reading.claims import Claim, Reading
from features.reading.institution import read_institution
from features.reading.project import read_project

__all__ = ["Claim", "Reading", "read_institution", "read_project"]
