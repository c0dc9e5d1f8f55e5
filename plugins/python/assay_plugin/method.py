"""Methods of a service: what is common to those of every kind."""

import traceback

import grpc


def unary(request, function):
    """A method that answers once. What it raises is said in words."""

    def answer(message, context):
        try:
            return function(message)
        except Exception as e:
            fail(context, e)

    return grpc.unary_unary_rpc_method_handler(
        answer, request_deserializer=request.FromString, response_serializer=_bytes
    )


def stream(request, function):
    """A method that answers many times: a generator of message and context."""
    return grpc.unary_stream_rpc_method_handler(
        function, request_deserializer=request.FromString, response_serializer=_bytes
    )


def fail(context, error):
    """Ends a call with the words of an error. Never returns."""
    traceback.print_exception(error)
    context.abort(grpc.StatusCode.UNKNOWN, words(error))


def words(error) -> str:
    text = str(error)
    return valid(text if text and type(error) is RuntimeError else f"{type(error).__name__}: {text}")


def valid(text: str) -> str:
    """Lone surrogates, which some decoders leave, have no UTF-8."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _bytes(message):
    return message.SerializeToString()
