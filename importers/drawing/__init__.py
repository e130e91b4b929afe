"""Drawings of CAD programs: DXF and DGN, levels after Appendix 21, lines made into plots, labels put to them."""
