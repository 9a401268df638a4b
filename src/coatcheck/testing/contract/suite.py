"""All themes of the contract in one class."""

from coatcheck.testing.contract.auditing import AuditingContract
from coatcheck.testing.contract.basics import BasicsContract
from coatcheck.testing.contract.corruption import CorruptionContract
from coatcheck.testing.contract.endings import EndingsContract
from coatcheck.testing.contract.feeding import FeedingContract
from coatcheck.testing.contract.granting import GrantingContract
from coatcheck.testing.contract.merging import MergingContract
from coatcheck.testing.contract.moving import MovingContract
from coatcheck.testing.contract.overviewing import OverviewContract
from coatcheck.testing.contract.processes import ProcessesContract
from coatcheck.testing.contract.rows import RowsContract
from coatcheck.testing.contract.scanning import ScanContract
from coatcheck.testing.contract.sweeping import SweepingContract
from coatcheck.testing.contract.touching import TouchingContract
from coatcheck.testing.contract.users import UsersContract


class StoreContract(
    BasicsContract,
    TouchingContract,
    MergingContract,
    GrantingContract,
    EndingsContract,
    UsersContract,
    SweepingContract,
    CorruptionContract,
    RowsContract,
    ScanContract,
    OverviewContract,
    ProcessesContract,
    FeedingContract,
    MovingContract,
    AuditingContract,
):
    """Everything a store must do; see `StoreCase` for what a subclass says."""
