"""The register as collections of features, the way GIS programs ask for it (OGC API - Features): present and past, by place,
day and filter, page by page, in any VN-2000 zone."""
