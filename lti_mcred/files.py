"""Where the files that are not Python live: in a checkout beside the package, in a wheel inside it."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def resource_dir(name: str) -> Path:
    """Return the folder `name` (templates, static, migrations, config, examples).

    Raises FileNotFoundError when the installation is incomplete.
    """
    for candidate in (_PACKAGE / "_files" / name, _PACKAGE.parent / name):
        if candidate.is_dir():
            return candidate
    message = f"The installation has no folder {name!r}. Install lti-mcred again."
    raise FileNotFoundError(message)
