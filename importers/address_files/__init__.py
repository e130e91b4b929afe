"""Files of addresses: CSV in any usual columns, points of GeoJSON and its kin, INSPIRE Addresses in GML.

Each row says where an address belongs in one or several ways (parcel code, sheet and number, place, a digital address the
register knows, its text) and what the address is. What that comes to is found out by `register.address_match`.
"""
