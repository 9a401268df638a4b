"""The dashboard: its read models, its pages over real stores, and its door."""
