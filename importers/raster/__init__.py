"""Scanned sheets and orthophotos: read, placed, brought into the web map's tiles."""
