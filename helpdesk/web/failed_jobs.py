"""Jobs that workers could not finish."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from helpdesk.administration import failed_jobs as jobs
from helpdesk.administration.queries import governs_all
from helpdesk.kernel.db import transaction
from helpdesk.kernel.i18n import gettext
from helpdesk.web.access import current, staff_only
from helpdesk.web.administration import ADMINISTRATORS

door = Blueprint("failed_jobs", __name__, url_prefix="/failed-jobs")


@door.get("")
@staff_only(*ADMINISTRATORS)
def failed_jobs() -> ResponseReturnValue:
    """What broke off, and facts whose reactions do not come to an end."""
    whole = governs_all(current())
    return render_template(
        "failed_jobs/failed_jobs.html",
        whole=whole,
        jobs=jobs.open_ones(current()) if whole else [],
        stuck=jobs.stuck(current()) if whole else [],
    )


@door.post("/<int:job_id>/retry")
@staff_only(*ADMINISTRATORS)
def retry(job_id: int) -> ResponseReturnValue:
    """Once more."""
    with transaction():
        jobs.retry(current(), job_id)
    flash(gettext("It is being tried again."), "calm")
    return redirect(url_for("failed_jobs.failed_jobs"), 303)


@door.post("/<int:job_id>/dismiss")
@staff_only(*ADMINISTRATORS)
def dismiss(job_id: int) -> ResponseReturnValue:
    """Out of the list."""
    with transaction():
        jobs.dismiss(current(), job_id)
    return redirect(url_for("failed_jobs.failed_jobs"), 303)
