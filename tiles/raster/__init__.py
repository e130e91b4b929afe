"""Tiles of scanned sheets and orthophotos."""
