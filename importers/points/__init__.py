"""What instruments write: point lists, GSI, SDR33, GTS, Nikon RAW, RW5; points made into plots."""
