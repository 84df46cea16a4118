"""What a day brings to contracts: some end, tasks of renewals come, periods are invoiced. Every hour, for every zone."""

from core.customers.contracts import actions, documents, invoicing, renewals
from core.kernel.actor import Actor
from core.kernel.tasks import every, task


@every("contracts.advance", cron="12 * * * *")
@task("contracts.advance", retry=3)
def advance(actor: Actor) -> None:
    """Ends what is over, plans renewals and invoices what is due. Harmless when it is run again."""
    while actions.expire(actor) == actions.AT_ONCE:
        continue
    renewals.plan_tasks(actor)
    invoicing.invoice_due(actor)


@every("contracts.sweep_documents", cron="25 3 * * 0")
def sweep_documents(actor: Actor) -> None:
    """Removes contents that no document has any more: those of tenants that were purged."""
    documents.sweep(actor)
