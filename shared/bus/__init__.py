"""Bus: names and declares what stands in RabbitMQ, encodes messages, publishes and consumes them.

Nameko is imported in ``shared.bus.nameko_edge`` alone, on native threads.
"""
