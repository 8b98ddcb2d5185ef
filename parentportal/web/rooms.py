"""Which rooms there are: one blueprint for each kind of visitor."""

from parentportal.web.oversight import blueprint as oversight
from parentportal.web.parent import blueprint as parent
from parentportal.web.public import blueprint as public
from parentportal.web.school import blueprint as school
from parentportal.web.security import blueprint as security
from parentportal.web.sign_in import blueprint as sign_in

ROOMS = (public, sign_in, security, parent, school, oversight)
