"""OGC API - Features, parts 1 to 3, under `/ogc`: the register for GIS programs, as they come."""
