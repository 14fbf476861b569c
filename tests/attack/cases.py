"""All cases."""

from tests.attack import addresses, files, injection, names, servers
from tests.attack.ground import Case

CASES: list[Case] = [*addresses.CASES, *names.CASES, *servers.CASES, *injection.CASES, *files.CASES]
