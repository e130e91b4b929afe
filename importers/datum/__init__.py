"""The datum detective: a whole file in the wrong place, recognised and never moved unasked."""
