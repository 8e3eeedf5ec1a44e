"""Where an LMS has its endpoints: what a registration holds, and how they follow from what a person knows. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Endpoints:
    """What a registration holds of an LMS; "" where only the LMS's administrator can know."""

    issuer: str = ""
    auth_url: str = ""
    token_url: str = ""
    jwks_url: str = ""
    token_audience: str = ""
