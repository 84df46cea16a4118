"""The encodings of OTLP: protobuf, and JSON with its own rules (ids in hex where protobuf's JSON has base64).

Source: OpenTelemetry protocol specification, "OTLP/HTTP", and its section "JSON Protobuf Encoding".
"""

import base64
import binascii
from collections.abc import Iterator, Mapping
from typing import Any, Literal

import orjson
from google.protobuf import json_format
from google.protobuf.message import DecodeError, Message
from google.rpc.status_pb2 import Status
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2 as logs
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2 as metrics
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as traces

from core.kernel.errors import ExpectedError

Signal = Literal["metrics", "logs", "traces"]
Encoding = Literal["application/x-protobuf", "application/json"]
PROTOBUF: Encoding = "application/x-protobuf"
JSON: Encoding = "application/json"
REQUESTS: dict[Signal, type[Message]] = {
    "metrics": metrics.ExportMetricsServiceRequest,
    "logs": logs.ExportLogsServiceRequest,
    "traces": traces.ExportTraceServiceRequest,
}
# What a partial success counts, by its field in the answer.
ANSWERS: dict[Signal, tuple[type[Message], str]] = {
    "metrics": (metrics.ExportMetricsServiceResponse, "rejected_data_points"),
    "logs": (logs.ExportLogsServiceResponse, "rejected_log_records"),
    "traces": (traces.ExportTraceServiceResponse, "rejected_spans"),
}
_IDS = ("traceId", "spanId", "parentSpanId", "trace_id", "span_id", "parent_span_id")
# Where ids are: everything else under these names is an attribute of somebody's own.
_LISTS = (
    "resourceSpans", "scopeSpans", "spans", "links", "resourceLogs", "scopeLogs", "logRecords",
    "resource_spans", "scope_spans", "resource_logs", "scope_logs", "log_records",
)  # fmt: skip


class Unreadable(ExpectedError):
    """A body that is not what it says it is; sending it again does not help."""

    code, status = "unreadable", 400


def parse(signal: Signal, body: bytes, encoding: Encoding) -> Any:
    """The request. Raises Unreadable."""
    message = REQUESTS[signal]()
    try:
        if encoding == PROTOBUF:
            message.ParseFromString(body)
        else:
            document = orjson.loads(body)
            if not isinstance(document, dict):
                raise ValueError("not an object")
            _to_base64(document)
            json_format.ParseDict(document, message, ignore_unknown_fields=True)
    except (DecodeError, json_format.ParseError, ValueError, RecursionError) as error:
        name = "protobuf" if encoding == PROTOBUF else "JSON"
        raise Unreadable(f"The body is no {type(message).__name__} in {name}: {str(error)[:200]}.") from error
    return message


def _to_base64(document: Any) -> None:
    """Ids from hex to what protobuf's JSON expects. Raises binascii.Error."""
    waiting = [document]
    while waiting:
        one = waiting.pop()
        if not isinstance(one, dict):
            continue
        for name in _IDS:
            if isinstance(one.get(name), str):
                one[name] = base64.b64encode(binascii.unhexlify(one[name])).decode()
        waiting += _children(one)


def _children(one: Mapping[str, Any]) -> Iterator[Any]:
    for name in _LISTS:
        listed = one.get(name)
        if isinstance(listed, list):
            yield from listed


def answer(signal: Signal, rejected: int, told: str) -> Message:
    """The answer; what was rejected and why where something was."""
    kind, counted = ANSWERS[signal]
    made: Any = kind()
    if rejected or told:
        setattr(made.partial_success, counted, rejected)
        made.partial_success.error_message = told
    message: Message = made
    return message


def failure(code: int, told: str) -> Message:
    """The body of an error: `google.rpc.Status`."""
    message: Message = Status(code=code, message=told)
    return message


def encoded(message: Message, encoding: Encoding) -> bytes:
    if encoding == PROTOBUF:
        return bytes(message.SerializeToString())
    return orjson.dumps(json_format.MessageToDict(message))
