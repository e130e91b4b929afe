"""Exchange formats of other systems: LandXML, EDIGEO, MOJ map XML, FAMIS/gCadas text, and tables of plots."""
