"""A key of any kind → the parcel it means, or exactly why not."""
