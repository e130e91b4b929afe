"""The seven parameters of VN-2000 (Decision 05/2007/QĐ-BTNMT, article 1 = EPSG:6960), as the decision prints them."""

SHIFT_M = (-191.90441429, -39.30318279, -111.45032835)
"""ΔX, ΔY, ΔZ from VN-2000 to WGS84: Decision 05/2007/QĐ-BTNMT, article 1 = EPSG:6960."""
ROTATION_COORDINATE_FRAME_ARCSEC = (-0.00928836, 0.01975479, -0.00427372)
"""ω, ψ, ε as the decision prints them: coordinate-frame rotation."""
SCALE_PPM = 0.252906278
