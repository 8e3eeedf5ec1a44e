"""Ways to show a badge elsewhere: a code for a telephone's camera, and the form that LinkedIn fills in from a link."""

import io
from datetime import datetime
from urllib.parse import urlencode

import segno

# LinkedIn's "Add to profile" (certificates): https://addtoprofile.linkedin.com/
_LINKEDIN = "https://www.linkedin.com/profile/add"


def qr_svg(address: str) -> str:
    """Return a QR code of an address as SVG: dark on white whatever the page's colours, with the quiet zone around it.

    Error correction is as high as the size allows (ISO/IEC 18004), so that a print survives a fold.
    """
    out = io.BytesIO()
    segno.make_qr(address, error="m").save(out, kind="svg", scale=4, border=4, dark="#000", light="#fff", xmldecl=False)
    return out.getvalue().decode("ascii")


def linkedin_url(
    name: str, organisation: str, *, awarded: datetime, expires: datetime | None, address: str, credential_id: str
) -> str:
    """Return the address that opens LinkedIn's form for a certificate with these values in it.

    Month and year are those of the times as they are given: put them into the zone in which people read them first.
    """
    values: dict[str, str | int] = {
        "startTask": "CERTIFICATION_NAME", "name": name, "organizationName": organisation,
        "issueYear": awarded.year, "issueMonth": awarded.month,
    }  # fmt: skip
    if expires is not None:
        values |= {"expirationYear": expires.year, "expirationMonth": expires.month}
    return f"{_LINKEDIN}?{urlencode({**values, 'certUrl': address, 'certId': credential_id})}"
