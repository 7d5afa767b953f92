"""What keeps promises: an RQ worker that has loaded the house before it forks its jobs."""

from helpdesk.app import create_app
from helpdesk.jobs.runner import work

if __name__ == "__main__":
    work(create_app())
