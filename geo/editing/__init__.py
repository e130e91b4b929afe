"""What corrections do to shapes: cut, joined, corners moved. VN-2000 metres on the millimetre grid, neighbours included."""
