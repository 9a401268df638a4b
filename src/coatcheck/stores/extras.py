"""What to say where a package that an extra brings is not installed."""

from coatcheck.core.errors import ConfigurationError


def missing_extra(error: ModuleNotFoundError, extra: str) -> ConfigurationError:
    """Return the fault that names the package, and the extra that brings it."""
    package = (error.name or extra).partition(".")[0]
    return ConfigurationError(f"{package} is not installed", remedy=f"pip install 'coatcheck[{extra}]'")
