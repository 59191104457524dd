"""Volumes: the resource that outgrew a file."""
