"""The site's settings, on data of their own: tests never touch those of a site that runs here, and
processes that run tests side by side never touch one another's.
"""

import atexit
import os
import shutil
import tempfile

FOLDER = tempfile.mkdtemp(prefix="sotto-tests-")
os.environ["SOTTO_DATA"] = FOLDER
atexit.register(shutil.rmtree, FOLDER, ignore_errors=True)

from chatsite.settings import *  # noqa: E402, F403

# Live servers hash as the site does; so do the tests of the hasher itself.
PASSWORD_HASHERS = ["tests.hashers.QuickArgon2", "accounts.hashers.QueuedPBKDF2"]
