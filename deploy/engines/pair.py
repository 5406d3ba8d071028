"""Both engines of a stack, started and stopped together."""

from concurrent.futures import ThreadPoolExecutor

from deploy.engines.layout import Layout
from deploy.engines.mongod import Mongod
from deploy.engines.rabbitmq import RabbitNode


class EnginePair:
    """MongoDB and RabbitMQ of one stack."""

    def __init__(self, layout: Layout) -> None:
        """Bind to a stack; touches nothing yet."""
        self.layout = layout
        self.mongod = Mongod(layout)
        self.rabbit = RabbitNode(layout)

    def start(self) -> None:
        """Start both at once; idempotent.

        Raises:
            AlongsideError: of ``Mongod.start`` or ``RabbitNode.start``; the other one may run then.
        """
        with ThreadPoolExecutor(max_workers=2) as pool:
            starts = [pool.submit(self.mongod.start), pool.submit(self.rabbit.start)]
        for start in starts:
            start.result()

    def stop(self) -> None:
        """Stop both at once; idempotent."""
        with ThreadPoolExecutor(max_workers=2) as pool:
            stops = [pool.submit(self.mongod.stop), pool.submit(self.rabbit.stop)]
        for stop in stops:
            stop.result()

    def is_running(self) -> bool:
        """Whether both live."""
        return self.mongod.is_running() and self.rabbit.is_running()
