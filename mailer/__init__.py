"""Relais: the newsletter and mailing pipeline for networks of local authorities."""

__version__ = "0.1.0"
