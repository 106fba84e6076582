package conversation

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"griot/internal/conversation/tally"
	"griot/internal/id"
	"griot/internal/table"
	"griot/internal/text"
)

// A conversation has two rows, each in a list of the workspace in the order of
// creation: its info here, and its tally of memories. Memories and topics are in
// a partition of the conversation's own.

// InfoKey is the row of a conversation's Info.
func InfoKey(workspace, id string) table.Key { return row(workspace, "convs", id) }

// PartitionKey is a key in the partition of a conversation, in which the
// pointers to stored answers are listed.
func PartitionKey(workspace, id string) table.Key { return row(workspace, id, "-") }

func row(workspace, list, sk string) table.Key {
	return table.Key{Table: table.Conversations, PK: workspace + "#" + list, SK: sk}
}

// Untitled is the title of a conversation whose title was that of a memory
// that is gone, until it has another memory.
const Untitled = "Untitled"

// What gave a title, beside memories, which are noted by their ids. A title
// that a person or a session gave does not change with memories.
const (
	givenTitle = "given"
	noTitle    = "none" // it is Untitled
)

// cutJoined is Info.cut of a conversation whose passages of nothing but
// backchannels were joined to others. Those of another, 0, are as they were cut.
const cutJoined = 1

// Info is what a conversation is called and where it comes from.
type Info struct {
	title, summary string
	titled         string // what gave the title; see TitledBy
	source         string
	edited         time.Time // by a person; zero: never
	claim          string    // sort key of the pointer to the stored answer that has it; see idempotency
	cut            int64     // how a session was cut into its memories; see Joined
	rev            int64     // counted up by every change; 0 before the first one
}

// FromSession returns what a conversation is called that is made from a session.
func FromSession(session, title, summary string) Info {
	return Info{title: title, summary: summary, titled: givenTitle, source: session, cut: cutJoined}
}

// Joined reports whether the passages of the conversation's session were joined
// where they have nothing but backchannels.
func (i Info) Joined() bool { return i.cut == cutJoined }

// Edited reports whether a person gave the title or the summary.
func (i Info) Edited() bool { return !i.edited.IsZero() }

// WithSummary returns the info with another summary.
func (i Info) WithSummary(summary string) Info {
	i.summary = summary
	return i
}

// TitledBy reports whether a memory gave a conversation its title. Older rows
// do not say what did: their title was given, or is that of the memory that was
// created with them, in the very same millisecond, which no other memory has.
func (i Info) TitledBy(conversationID, memoryID string, created time.Time) bool {
	if i.titled == "" {
		return i.source == "" && created.Equal(id.Time(conversationID))
	}
	return i.titled == memoryID
}

// WithTitleOf returns the info with the title that a memory gives.
func (i Info) WithTitleOf(memoryID, content string) Info {
	i.title, i.titled = deriveTitle(content), memoryID
	return i
}

// Titleless reports whether the memory that gave the title is gone, and no other
// one was there to give another.
func (i Info) Titleless() bool { return i.titled == noTitle }

// WithoutTitle returns the info of a conversation whose title went with the last
// memory.
func (i Info) WithoutTitle() Info {
	i.title, i.titled = Untitled, noTitle
	return i
}

// maxDerivedTitle bounds the title that a memory gives (contract D 36).
const maxDerivedTitle = 80

// deriveTitle returns the first line of a text that is not blank, shortened at
// a word.
func deriveTitle(content string) string {
	breaks := func(r rune) bool { return strings.ContainsRune("\n\v\f\r\u0085\u2028\u2029", r) }
	withoutControls := func(r rune) rune { // which a title may not have
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}
	for line := range strings.FieldsFuncSeq(content, breaks) {
		if text.Blank(line) {
			continue
		}
		line = strings.TrimSpace(strings.Map(withoutControls, line))
		if utf8.RuneCountInString(line) <= maxDerivedTitle {
			return line
		}
		cut := string([]rune(line)[:maxDerivedTitle-1])
		if i := strings.LastIndexByte(cut, ' '); i > len(cut)/2 {
			cut = cut[:i]
		}
		return strings.TrimSpace(cut) + "…"
	}
	return Untitled // no memory's content is blank
}

func (i Info) attrs() table.Attrs {
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

// ReadInfo decodes the row of an Info.
func ReadInfo(item table.Item) Info {
	return Info{
		title: item.Str("title"), summary: item.Str("summary"), titled: item.Str("titled"), source: item.Str("source"),
		edited: item.Time("edited"), claim: item.Str("claim"),
		cut: item.Int("cut"), rev: item.Int("rev"),
	}
}

func build(conversationID string, i Info, t tally.Tally) Conversation {
	updated := t.Activity
	if i.edited.After(updated) {
		updated = i.edited
	}
	return Conversation{
		ID: conversationID, Title: i.title, Summary: i.summary, SourceSession: i.source,
		CreatedAt: id.Time(conversationID), UpdatedAt: updated, ActiveAt: t.Activity, Memories: t.Memories,
	}
}
