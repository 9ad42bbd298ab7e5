"""The rule of ``core.data_roots``, under the name that data sets know."""

from core.data_roots import VARIABLE as VARIABLE
from core.data_roots import allowed as allowed
from core.data_roots import data_roots as data_roots
