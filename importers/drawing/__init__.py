"""Drawings of CAD programs as surveys: DXF and DGN V7; DWG and DGN V8 are named and refused with a way out."""

from importers.drawing.known import Kind, recognises, refuse

__all__ = ["Kind", "recognises", "refuse"]
