"""The plugin's side of go-plugin: a handshake line, certificates that only host
and plugin have, and the services that the host wants of every plugin."""

import os
import sys
import tempfile
import threading
from concurrent import futures

import grpc
from google.protobuf import empty_pb2
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from .certificate import make_certificate
from .proto.goplugin import goplugin_pb2

COOKIE = ("ASSAY_PLUGIN", "36d4c62c-2a5f-4ac7-9f34-3b4b8f6f7b0e")
MAX_MESSAGE = 32 << 20  # of a request; a longer answer is the host's to refuse
THREADS = 1024  # made when they are needed; one must be left for the health


def serve(versions, handlers) -> None:
    """Serves the handlers until the host ends the plugin. Never returns."""
    if os.environ.get(COOKIE[0]) != COOKIE[1]:
        sys.exit("This is a plugin of assay: it is started by assay, after\n  assay plugins install FOLDER")
    client = os.environ.get("PLUGIN_CLIENT_CERT", "").encode()
    offered = os.environ.get("PLUGIN_PROTOCOL_VERSIONS", "").split(",")
    version = max((v for v in versions if str(v) in offered), default=max(versions))
    handshake = os.fdopen(os.dup(1), "w")
    printed = _capture_stdout()
    over = threading.Event()

    server = grpc.server(
        futures.ThreadPoolExecutor(THREADS),
        options=[
            ("grpc.max_receive_message_length", MAX_MESSAGE),
            ("grpc.max_send_message_length", -1),
            ("grpc.so_reuseport", 0),
        ],
    )
    server.add_generic_rpc_handlers((*handlers, _controller(over), _stdio(printed)))
    healthy = health.HealthServicer()
    healthy.set("plugin", health_pb2.HealthCheckResponse.SERVING)
    health_pb2_grpc.add_HealthServicer_to_server(healthy, server)

    key, certificate, line = make_certificate()
    credentials = grpc.ssl_server_credentials(
        [(key, certificate)], root_certificates=client, require_client_auth=True
    )
    network, address = _listen(server, credentials)
    server.start()
    print(1, version, network, address, "grpc", line, sep="|", file=handshake, flush=True)

    threading.Thread(target=_outlive, args=(over,), daemon=True).start()
    over.wait()
    server.stop(grace=0.5).wait()
    os._exit(0)  # requests under way are nobody's any more


def _listen(server, credentials):
    """A socket in a folder that only the user can enter; a port where there are
    no such sockets."""
    if os.name == "nt":
        return "tcp", f"127.0.0.1:{server.add_secure_port('127.0.0.1:0', credentials)}"
    folder = os.environ.get("PLUGIN_UNIX_SOCKET_DIR") or tempfile.mkdtemp(prefix="plugin")
    path = os.path.join(folder, "socket")
    server.add_secure_port("unix:" + path, credentials)
    return "unix", path


def _outlive(over):
    """The host holds the other end of standard input: it ends when the host does."""
    while os.read(0, 1 << 12):
        pass
    over.set()


def _capture_stdout():
    """What is printed goes to the host's log, and not where the handshake went."""
    out, into = os.pipe()
    os.dup2(into, 1)
    os.close(into)
    sys.stdout = os.fdopen(1, "w", buffering=1, closefd=False)
    return out


def _controller(over):
    def shutdown(_, context):
        over.set()
        return empty_pb2.Empty()

    method = grpc.unary_unary_rpc_method_handler(
        shutdown,
        request_deserializer=empty_pb2.Empty.FromString,
        response_serializer=empty_pb2.Empty.SerializeToString,
    )
    return grpc.method_handlers_generic_handler("plugin.GRPCController", {"Shutdown": method})


def _stdio(printed):
    def stream(_, context):
        while data := os.read(printed, 1 << 10):
            yield goplugin_pb2.StdioData(channel=goplugin_pb2.StdioData.STDOUT, data=data)

    method = grpc.unary_stream_rpc_method_handler(
        stream,
        request_deserializer=empty_pb2.Empty.FromString,
        response_serializer=goplugin_pb2.StdioData.SerializeToString,
    )
    return grpc.method_handlers_generic_handler("plugin.GRPCStdio", {"StreamStdio": method})
