"""The platform in front of the tool."""

from tests.lms_fixtures import lms

__all__ = ["lms"]
