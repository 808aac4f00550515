"""The site's settings without its content security policy, for Firefox 140 alone.

The driver's code calls eval() in the page there, which the policy forbids; newer releases run it
in a realm of its own. Chromium and newer Firefox run the same journeys under the policy.
"""

from chatsite.settings import *  # noqa: F403

MIDDLEWARE = [name for name in MIDDLEWARE if not name.endswith(".ContentPolicy")]  # noqa: F405
