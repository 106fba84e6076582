"""The main job, with generated clients: an interview is held, ends, is extracted,
and is found as a conversation. Every answer has to be of its documented class."""

import os
import time

import griot_conversations as conversations
import griot_sessions as sessions
from griot_conversations.api.conversations import get_conversation_timeline, search_conversations
from griot_conversations.api.memories import create_memory
from griot_conversations.models import MemoryCreate, Search
from griot_sessions.api.projects import list_projects
from griot_sessions.api.sessions import complete_session, create_session, get_extraction, get_session
from griot_sessions.api.transcript import append_segments, list_segments
from griot_sessions.models import Extraction, Problem, SegmentAppend, Session, SessionCreate, Status

SAID = [
    ("Ines", "How do you release the payroll run?"),
    ("Tomas", "First I export the hours from Personio. Then I compare them with the rota."),
    ("Tomas", "After that the controller signs the list, and I upload it to the bank."),
    ("Ines", "And who can do it when you are away?"),
    ("Tomas", "Nobody. I am the only one who knows how to reconcile the rota. None of it is written down."),
]


def until(what, seconds=60):
    """Asks again until there is something."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if got := what():
            return got
        time.sleep(0.2)
    raise SystemExit(f"nothing came of {what.__name__} in {seconds} s")


def interview(client):
    project = list_projects.sync(client=client).data[0]
    body = SessionCreate.from_dict({"template": "operational_workflow", "title": "Payroll", "interviewee_email": "tomas@example.com", "project_id": project.id})
    made = create_session.sync(client=client, body=body)
    assert isinstance(made, Session) and made.status == Status.IN_PROGRESS, made
    segments = [{"client_seq": i, "speaker": who, "text": text, "start_ms": 4000 * i, "end_ms": 4000 * i + 3500} for i, (who, text) in enumerate(SAID)]
    append_segments.sync(made.id, client=client, body=SegmentAppend.from_dict({"segments": segments}))
    page = list_segments.sync(made.id, client=client)
    assert [s.text for s in page.data] == [text for _, text in SAID], page
    complete_session.sync(made.id, client=client)

    def completed():
        got = get_session.sync(made.id, client=client)
        return got if got.status == Status.COMPLETED and got.conversation_id else None

    return until(completed)


def candidates(client, session):
    found = get_extraction.sync(session.id, client=client)
    assert isinstance(found, Extraction), found
    said = " ".join(text for _, text in SAID)
    risks = {r.signal.value: r for r in found.risk_signals}
    assert "single_person_dependency" in risks, risks
    for candidate in found.sop_candidates + found.entity_candidates + found.risk_signals:
        assert candidate.citations and all(c.quote in said for c in candidate.citations), candidate
    for sop in found.sop_candidates:
        assert sop.title and all(step.what for step in sop.body.steps), sop
    for entity in found.entity_candidates:
        assert entity.name and entity.type_.value, entity
    return found


def memory(client, session):
    timeline = get_conversation_timeline.sync(session.conversation_id, client=client)
    assert timeline.count == len(timeline.data) > 0, timeline
    body = Search.from_dict({"query": "who reconciles the rota?"})

    def found():
        hits = search_conversations.sync(client=client, body=body)
        return next((c for c in hits.data if c.id == session.conversation_id), None)

    assert until(found).title == "Payroll"
    new = create_memory.sync(client=client, body=MemoryCreate.from_dict({"conversationId": session.conversation_id, "content": "Ines learns the rota in June."}))
    assert new.data.content == "Ines learns the rota in June." and new.meta.conversation_id == session.conversation_id, new


def main():
    base, key = os.environ["BASE"], os.environ["KEY"]
    ours = sessions.AuthenticatedClient(base_url=base, token=key)
    session = interview(ours)
    found = candidates(ours, session)
    missing = get_session.sync("ses_01M8PNHXA9CC6JVDYPQE8NXHNR", client=ours)
    assert isinstance(missing, Problem) and missing.status == 404, missing
    memory(conversations.AuthenticatedClient(base_url=base, token=key), session)
    print(f"generated clients: {len(SAID)} segments, {len(found.sop_candidates)} SOPs, {len(found.entity_candidates)} entities, "
          f"{len(found.risk_signals)} risks, found as a conversation")


if __name__ == "__main__":
    main()
