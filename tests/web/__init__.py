"""The page's own arithmetic, run by node and held to the floors it repeats."""
