// Package search finds conversations by words: a small log-structured
// inverted index over the ports, with BM25-family ranking.
//
// A unit is what is indexed at once: a memory, or a conversation's own title
// and summary. Every unit belongs to one conversation of one workspace.
// Units written lately are rows of the table, one per unit ("the tail"),
// written in the transaction of what they describe; a worker merges them into
// immutable segments in the blob store. Both are read by every query.
//
// What a caller should cut a transcript into: one memory per passage of
// consecutive whole segments, each led by its speaker's name ("Ann: …" on a
// line of its own), closed when it has reached PassageWords words, or at a
// change of speaker when it has half of them, and never more than
// PassageSegments segments. Passages do not overlap.
package search

import (
	"time"

	"griot/internal/blob"
	"griot/internal/queue"
	"griot/internal/table"
)

// Recommended bounds of a passage; see the package's comment.
const (
	PassageWords    = 100
	PassageSegments = 5
)

// Index is the search index of all workspaces.
type Index struct {
	Table  table.Store
	Blobs  blob.Store
	Merges queue.Queue   // of queue.Merge
	Cache  *Cache        // shared by all indexes of a process; nil: none
	Pause  time.Duration // between a few rows and the next that leave the tail; 0: none
}

// Doc is a unit to index. Title and Summary are for the conversation's own
// unit, Text is a memory's; any of them may be empty, and all are searched.
type Doc struct {
	Conversation string // its id, without "#"
	Memory       string // its id; "" is the conversation's own unit
	Title        string
	Summary      string
	Text         string
	Topics       []string
	At           time.Time // when it happened (eventTime, else timestamp); in a conversation's own unit, when it was created
}

// Hit is a conversation that matches. Scores compare within one answer only.
type Hit struct {
	Conversation string
	Score        float64
	Memories     []Match  // best first; at most MaxMatches
	Terms        []string // what of the query occurs in it, for Snippet
}

// MaxMatches is the most memories that a Hit names.
const MaxMatches = 20

// Match is a memory that matches.
type Match struct {
	Conversation string
	Memory       string
	Score        float64
	Terms        []string
}
