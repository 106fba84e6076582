package conversation

import (
	"crypto/sha256"
	"encoding/base64"
	"hash/fnv"
	"time"

	"griot/internal/conversation/fence"
	"griot/internal/conversation/memory"
	"griot/internal/conversation/tally"
	"griot/internal/conversation/topic"
	"griot/internal/id"
	"griot/internal/table"
)

// The rows of a conversation: what it is called, what changes with its memories, and a partition
// of its own for its memories and topics. The two first are each in a list of
// the workspace, in the order of creation; the second is the tally's.
func infoKey(workspace, id string) table.Key { return row(workspace, "convs", id) }

// hiddenKey is there from the moment a conversation is hidden until nothing
// of it is left, tombKey for 30 days from then.
func hiddenKey(workspace, id string) table.Key { return row(workspace, "hidden", id) }

func tombKey(workspace, id string) table.Key { return row(workspace, "tombs", id) }

func row(workspace, list, sk string) table.Key {
	return table.Key{Table: table.Conversations, PK: workspace + "#" + list, SK: sk}
}

// claudePrefix begins the row in a conversation's partition that points to
// the row by which a client's session finds the conversation.
const claudePrefix = "claude#"

func claudeKey(workspace, hash string) table.Key { return row(workspace, "claude", hash) }

func claudeHash(session string) string {
	sum := sha256.Sum256([]byte(session))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func hash(s string) uint32 {
	h := fnv.New32a()
	h.Write([]byte(s))
	return h.Sum32()
}

// info is what a conversation is called and where it comes from; rev is
// counted up by every change of it.
type info struct {
	title, summary string
	titled         string // what gave the title; see titledBy
	source         string
	edited         time.Time // by a person; zero: never
	claim          string    // sort key of the pointer to the stored answer that has it; see idempotency
	cut            int64     // how a session was cut into its memories; see bridge
	rev            int64     // 0 before the first change
}

func (i info) attrs() table.Attrs {
	a := table.Attrs{"title": i.title}
	for name, value := range map[string]string{"summary": i.summary, "titled": i.titled, "source": i.source, "claim": i.claim} {
		if value != "" {
			a[name] = value
		}
	}
	if !i.edited.IsZero() {
		a["edited"] = i.edited.UnixMilli()
	}
	for name, n := range map[string]int64{"cut": i.cut, "rev": i.rev} {
		if n != 0 {
			a[name] = n
		}
	}
	return a
}

func readInfo(item table.Item) info {
	return info{
		title: item.Str("title"), summary: item.Str("summary"), titled: item.Str("titled"), source: item.Str("source"),
		edited: item.Time("edited"), claim: item.Str("claim"),
		cut: item.Int("cut"), rev: item.Int("rev"),
	}
}

func build(conversationID string, i info, t tally.Tally) Conversation {
	return Conversation{
		ID: conversationID, Title: i.title, Summary: i.summary, SourceSession: i.source,
		CreatedAt: id.Time(conversationID), UpdatedAt: later(t.Activity, i.edited), ActiveAt: t.Activity, Memories: t.Memories,
	}
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// createOps returns the writes of a new conversation.
func (s *Service) createOps(workspace, conversationID string, i info, t tally.Tally) []table.Op {
	return []table.Op{
		table.Put(infoKey(workspace, conversationID), i.attrs(), table.Absent()),
		t.Create(workspace, conversationID),
		fence.Add(workspace, conversationID),
		s.nameUnit(workspace, conversationID, i),
	}
}

func (s *Service) topics() topic.Index { return topic.Index{Table: s.Table} }

func (s *Service) tallies() tally.Store { return tally.Store{Table: s.Table, Now: s.Now} }

func (s *Service) store() memory.Store { return memory.Store{Table: s.Table} }

func (s *Service) fences() fence.Fences { return fence.Fences{Table: s.Table, Now: s.Now} }
