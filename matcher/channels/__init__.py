"""Support channels, one a file; each defines ``CHANNEL``.

A channel says who supplies it, which rules decide whether a pair may be introduced, and which features count there.
"""
