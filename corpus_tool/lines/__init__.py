"""Records as bytes: blocks of whole lines, decoded only where something needs them decoded."""
