"""Every door for carriers; signed, and safe to come twice."""

from flask import Blueprint

CARRIER_DOORS: tuple[Blueprint, ...] = ()
