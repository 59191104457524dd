"""Metadata definitions: namespaces with what properties mean, for whoever shows them to people."""
