"""What an editor means, and what that does to which parcels: intents in, rows of the register out. Nothing is written."""
