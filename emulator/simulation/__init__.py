"""The simulation layer: where time is."""
