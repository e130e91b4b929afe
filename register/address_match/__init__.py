"""Files of addresses matched with the parcels, by code, number, digital address, place and text, all rows at once."""
