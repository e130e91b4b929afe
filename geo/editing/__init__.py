"""Corrections of parcels as geometry alone: split, merge, move corners, close slivers (chỉnh lý thửa đất)."""
