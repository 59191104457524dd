"""The store layer: where the SQL engine is."""
