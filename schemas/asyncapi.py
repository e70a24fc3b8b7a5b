"""The AsyncAPI 3.0 document: every topic, what stands in it, and who may write to it."""

from collections.abc import Sequence

from schemas.topic_files import Service, Topic, retention_milliseconds

SCHEMA_FORMAT = "application/schema+json;version=draft-2020-12"

Document = dict[str, object]


def document(topics: Sequence[Topic]) -> Document:
    """Return the whole document; messages refer to the files in ``schemas/events``."""
    types = sorted({name for topic in topics for name in topic.types})
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Holdfast",
            "version": "1.0.0",
            "description": (
                "Every topic of Holdfast. Events are CloudEvents 1.0; a type name carries its "
                "version, and a published version never changes."
            ),
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": {topic.name: _channel(topic) for topic in topics},
        "operations": {f"write-{topic.name}": _operation(topic) for topic in topics},
        "components": {"messages": {name: _message(name) for name in types}},
    }


def _channel(topic: Topic) -> Document:
    return {
        "address": topic.name,
        "description": topic.description,
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in topic.types},
        "bindings": {
            "kafka": {
                "topic": topic.name,
                "partitions": topic.partitions,
                "topicConfiguration": {
                    "cleanup.policy": [topic.cleanup],
                    "retention.ms": retention_milliseconds(topic),
                },
                "bindingVersion": "0.5.0",
            }
        },
        "x-key": topic.key,
        "x-timestamp-type": topic.timestamp,
    }


def _operation(topic: Topic) -> Document:
    return {
        "action": "send",
        "channel": {"$ref": f"#/channels/{topic.name}"},
        "summary": f"{_together(topic.writers)} may write {topic.name}; everybody else reads it.",
        "x-writers": [writer.value for writer in topic.writers],
    }


def _together(writers: Sequence[Service]) -> str:
    *others, last = writers
    return f"{', '.join(others)} and {last}" if others else last.value


def _message(name: str) -> Document:
    return {
        "name": name,
        "contentType": "application/json",
        "payload": {
            "schemaFormat": SCHEMA_FORMAT,
            "schema": {"$ref": f"./events/{name}.json"},
        },
    }
