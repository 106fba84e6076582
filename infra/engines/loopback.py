"""Starts LocalStack in host mode on 127.0.0.1 only: its gateway ignores the
address it is told to listen on and takes every interface."""
from functools import partialmethod

from twisted.internet.endpoints import TCP4ServerEndpoint

TCP4ServerEndpoint.__init__ = partialmethod(TCP4ServerEndpoint.__init__, interface="127.0.0.1")

from localstack.runtime.main import main  # noqa: E402

main()
