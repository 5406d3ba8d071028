"""Pages for people with a browser: rendered here, of one look, with no script and nothing from elsewhere.

A service's wiring has ``build_pages(context, gateway) -> PageSet``: a plain Flask blueprint with templates of its own
folder (``templates/<service>/<page>.html``) that extend ``alongside/layout.html`` and fill its blocks ``title``,
``description``, ``styles``, ``before``, ``content`` and ``footer``. A route calls ``gateway.require``, ``read`` and
``command`` as the API's routes do, and answers a form with ``go_to``. A form has method POST and holds
``{{ parts.form_fields() }}`` (``alongside/parts.html``): without its check it is refused, and its number is the
command's idempotency key.

Addresses below a page set's prefixes are open to a session cookie and to nothing else; the API takes a bearer token
and never a cookie, so a form of another site can reach neither.
"""
