"""A gate as two tasks: ``gate`` judges; ``approve`` asks a person about warnings, and only then emits the asset."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from airflow.providers.standard.operators.hitl import ApprovalOperator, HITLOperator
from airflow.sdk import Asset, Context, chain, task
from gate_pages import GatePage, address
from stage_tasks import optional, stage_run

from include.stages import Workspace

if TYPE_CHECKING:
    from include.ledger import StageReport
    from include.validate.outcome import Layer

ASKED = "asked_about"
"""XCom: which outcome the question is about."""
APPROVAL = {
    "approval.ask": optional("boolean", "Approval: ask", "Ask a person when a gate passes with warnings."),
    "approval.hours": optional("number", "Approval: hours", "How long the question waits.", exclusiveMinimum=0),
    "approval.otherwise": optional(
        "string", "Approval: otherwise", "What an unanswered question comes to.", enum=[None, "approve", "reject"]
    ),
}
"""Fields of a trigger form."""


def gate(
    layer: Layer, stage: Callable[[Workspace, str], StageReport], outlets: Sequence[Asset] = ()
) -> tuple[Any, Any]:
    """The tasks ``gate`` and ``approve``, one after the other. The assets are emitted by the second, never before."""

    @task(task_id="gate", retries=0)
    def judge() -> dict[str, object]:
        with stage_run() as (work, crawl):
            return stage(work, crawl).summary()

    judged = judge()
    judged.operator.operator_extra_links = (GatePage(layer),)  # type: ignore[attr-defined]
    approve = Approval(task_id="approve", layer=layer, outlets=list(outlets))
    chain(judged, approve)
    return judged, approve


class Approval(ApprovalOperator):
    """Asks a person about the warnings of a gate, with the evidence; without any it ends at once.

    What was approved is not asked about again, by a backfill say, until something else was observed; clearing the task
    asks anew. A rejection fails the task: nothing downstream starts, and the log says who said no to what.
    """

    def __init__(self, *, layer: Layer, **kwargs: Any) -> None:
        # The real time limit and default come from the run's parameters, when the question is asked.
        super().__init__(
            subject=f"May the {layer} go on?", defaults=self.REJECT, response_timeout=timedelta(days=1), **kwargs
        )
        self.layer = layer
        self.operator_extra_links = (GatePage(layer),)

    def execute(self, context: Context) -> Any:
        """Ask, or say why nobody is asked."""
        from include.validate.approval import identity, question
        from include.validate.asking import note_question, open_question

        with stage_run() as (work, crawl):
            approval = work.params.approval
            outcome = open_question(work.lake, crawl, self.layer, approval, anew=context["ti"].try_number > 1)
            if outcome is not None:
                note_question(work.lake, outcome, context["ti"].run_id)
        if outcome is None:
            self.log.info("Nobody is asked: there are no warnings, approval.ask is false, or they were approved before")
            self._announce(context, crawl, "nobody: not asked")
            return None
        context["ti"].xcom_push(ASKED, identity(outcome))
        self.subject = f"{crawl}: the gate on the {self.layer} passed with {len(outcome.warned)} warning(s). Go on?"
        self.body = question(outcome.warned, f"[summary and Data Docs]({address(crawl, self.layer)})")
        self.defaults = [self.APPROVE if approval.otherwise == "approve" else self.REJECT]
        self.response_timeout = timedelta(hours=approval.hours)
        return super().execute(context)

    def execute_complete(self, context: Context, event: dict[str, Any]) -> Any:
        """Take the answer. A rejection fails this task instead of skipping the next one: the run must not look done."""
        from include.validate.asking import take_answer

        answer = HITLOperator.execute_complete(self, context, event)
        approved, user = answer["chosen_options"] == [self.APPROVE], answer["responded_by_user"]
        by = user["name"] if user else "nobody: the time was up, and approval.otherwise decided"
        about = context["ti"].xcom_pull(task_ids=self.task_id, key=ASKED)
        with stage_run() as (work, crawl):
            if not user:  # what Airflow took as the default may be that of an earlier try
                approved = work.params.approval.otherwise == "approve"
            take_answer(work.lake, crawl, self.layer, about, approved, by)
        self._announce(context, crawl, by)
        return {"approved_by": by}

    def _announce(self, context: Context, crawl: str, by: str) -> None:
        """Log where the evidence is, and put it into the event of each asset."""
        page = address(crawl, self.layer)
        self.log.info("Approved by %s. Evidence: %s", by, page)
        for asset in self.outlets:
            context["outlet_events"][asset].extra = {"approved_by": by, "data_docs": page}
