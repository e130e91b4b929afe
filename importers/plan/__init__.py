"""Plans on paper: a part of the register at a true scale, in the axes of its VN-2000 zone."""
