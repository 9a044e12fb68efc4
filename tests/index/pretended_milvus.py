"""Servers that speak Milvus's protocol as far as a test needs it; imported late: it is slow."""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterator
from concurrent import futures
from contextlib import contextmanager
from typing import Any

import grpc
from pymilvus.grpc_gen import milvus_pb2, milvus_pb2_grpc


class Pretender(milvus_pb2_grpc.MilvusServiceServicer):  # type: ignore[misc]
    """Speaks the protocol, wants a password and never answers what matters."""

    def __init__(self, secret: str) -> None:
        self.secret = secret
        self.over = threading.Event()

    def Connect(self, request: Any, context: Any) -> Any:  # noqa: N802
        told = dict(context.invocation_metadata()).get("authorization", "")
        if base64.b64decode(told).decode() != self.secret:
            context.abort(grpc.StatusCode.UNAUTHENTICATED, "auth check failure")
        return milvus_pb2.ConnectResponse()

    def ShowCollections(self, request: Any, context: Any) -> Any:  # noqa: N802
        self.over.wait(30)
        return milvus_pb2.ShowCollectionsResponse()


@contextmanager
def pretending(*servicers: Pretender) -> Iterator[str]:
    server = grpc.server(futures.ThreadPoolExecutor(4))
    for one in servicers:
        milvus_pb2_grpc.add_MilvusServiceServicer_to_server(one, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        for one in servicers:
            one.over.set()
        server.stop(None).wait()
