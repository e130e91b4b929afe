"""The map far out: land uses as areas, generalised so that neighbours neither gap nor overlap."""
