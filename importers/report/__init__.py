"""The report of a checked survey: JSON, HTML, PDF and PNG."""
