"""What a server loads."""

import os

from parentportal.app import create_app
from parentportal.settings import Settings

application = create_app(Settings.from_environment(os.environ))
