"""The product without a face. Importing any part of it fills the permission table."""

from core import permissions as permissions
