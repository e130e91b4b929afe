"""Exchange formats of other systems: LandXML, EDIGEO, MOJ map XML, FAMIS/gCadas text, and tables of plots."""

from importers.exchange.known import Kind, recognises

__all__ = ["Kind", "recognises"]
