"""SQL of topics: which thread of a group each of them is."""

from datetime import datetime

from sqlalchemy import Connection, delete, select

from core.database.columns import insert_new
from core.database.tables import topics
from core.topics.rules import Topic


def thread(tx: Connection, chat_id: int, topic: Topic) -> int | None:
    """The thread that a topic of a group is, None where it was not made yet."""
    here = (topics.c.chat_id == chat_id, topics.c.topic == topic)
    found: int | None = tx.execute(select(topics.c.thread_id).where(*here)).scalar()
    return found


def remember(tx: Connection, chat_id: int, topic: Topic, thread_id: int, now: datetime) -> int:
    """A topic of a group is this thread from now on; returns the one it is, where another process was quicker."""
    insert_new(tx, topics, ["chat_id", "topic"], chat_id=chat_id, topic=topic, thread_id=thread_id, at=now)
    return thread(tx, chat_id, topic) or thread_id


def forget(tx: Connection, chat_id: int, topic: Topic, thread_id: int) -> None:
    """A thread is there no more; one that was made in its place meanwhile stays known."""
    gone = (topics.c.chat_id == chat_id, topics.c.topic == topic, topics.c.thread_id == thread_id)
    tx.execute(delete(topics).where(*gone))


def forget_all(tx: Connection, chat_id: int) -> None:
    """The group is another chat now, with threads of its own."""
    tx.execute(delete(topics).where(topics.c.chat_id == chat_id))
