"""Bus: names and declares what stands in RabbitMQ, encodes messages, publishes and consumes them.

Nameko and eventlet are imported in ``shared.bus.entrypoint`` alone.
"""
