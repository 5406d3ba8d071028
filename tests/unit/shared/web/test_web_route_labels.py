"""Labels of routes in metrics."""

import pytest

from shared.telemetry.log_fields import is_route
from shared.web.route_labels import route_label


@pytest.mark.parametrize(
    ("rule", "label"),
    [
        (None, "/unknown"), ("/", "/page"), ("/v1/machine-keys", "/v1/machine_keys"), ("/healthz", "/healthz"),
        ("/v1/users/<uuid:user_id>/suspend", "/v1/users/<user_id>/suspend"),
        ("/v1/episodes/<uuid:id>/<any(goals, contacts):kind>", "/v1/episodes/<id>/<kind>"),
        ("/static/board.css", "/static/board_css"), ("/v1/x2/<int:N>", "/other"),
    ],
)  # fmt: skip
def test_a_label_is_the_template_without_what_metrics_refuse(rule, label):
    """Every label passes the metrics' own check, so that no request fails for its name."""
    assert route_label(rule) == label
    assert is_route(label)
