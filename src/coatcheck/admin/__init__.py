"""The dashboard for operators: read models, pages, and what keeps them live. Mount it with an adapter."""

from coatcheck.admin.application import Admin
from coatcheck.admin.desk import Desk, Door

__all__ = ["Admin", "Desk", "Door"]
