"""Faults that the field reports, tried on the program: damage, kills, full disks, low memory."""
