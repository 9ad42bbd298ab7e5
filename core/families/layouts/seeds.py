"""Which seeds the two-task table and trained layouts take: the study's own first, then the next ones."""

from core.families.layouts.request import OracleRequest, TableRequest
from core.studies.seeds import next_seeds, own_seeds
from core.studies.specification import StudySpecification

FIRST_ORACLE_SEED = 100


def table_seeds(specification: StudySpecification, n: int) -> tuple[int, ...]:
    """Return n seeds for the two-task table: the study's own first, then the next that no measured layout uses."""
    return next_seeds(own_seeds(specification, TableRequest), own_seeds(specification, OracleRequest), n)


def oracle_seeds(specification: StudySpecification, n: int) -> tuple[int, ...]:
    """Return n seeds for layouts: the study's own first, then the next that the table does not use."""
    own, table = own_seeds(specification, OracleRequest), own_seeds(specification, TableRequest)
    return next_seeds(own, table, n, FIRST_ORACLE_SEED)
