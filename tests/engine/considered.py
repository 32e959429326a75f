"""What one model would do with a request, whatever the rules say."""

from switchyard.engine.candidates import Candidate, Obstacle, consider
from switchyard.engine.errors import NoRoute
from switchyard.engine.models import Model
from switchyard.engine.prompt import read
from switchyard.engine.request import Request, check_request
from switchyard.engine.route import task_of


def candidate_for(request: Request, model: Model) -> Candidate:
    """Raises NoRoute with the obstacle's own words."""
    check_request(request)
    signals = read(request.prompt)
    result = consider(request, signals, task_of(request, signals), model)
    if isinstance(result, Obstacle):
        raise NoRoute(f"{model.name}: {result.why}.")
    return result
