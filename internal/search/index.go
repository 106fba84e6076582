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
// PassageSegments segments. Passages do not overlap: the ranking itself looks
// at a passage's neighbours in time.
package search

import (
	"context"
	"iter"
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
	Merges queue.Queue // of queue.Merge
	Now    func() time.Time
	Cache  *Cache // shared by all indexes of a process; nil: none
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

// Put returns the write that makes a unit findable, in place of what was
// indexed under the same ids before. It belongs into the transaction that
// writes the unit itself: the order of those transactions is the order of
// versions. A transaction can hold one write of a unit only. Tell Written
// after the commit.
func (x *Index) Put(workspace string, doc Doc) table.Op {
	panic("not written yet")
}

// Remove returns the write after which a unit (memory "": the conversation's
// own) is not found any more; see Put. A caller who re-reads every hit needs
// none to hide a whole conversation: Purge is enough.
func (x *Index) Remove(workspace, conversation, memory string) table.Op {
	panic("not written yet")
}

// Written takes note of committed writes of Put and Remove: now and then, in
// proportion to their size, it sends a job for Merge. A lost call costs
// reading, never a hit.
func (x *Index) Written(ctx context.Context, workspace string, ops ...table.Op) error {
	panic("not written yet")
}

// Search yields the conversations of a workspace that have any word of the
// query, best first, ties newest (greatest id) first. Any string is a query;
// one without words has no hits. All that was committed before the first
// step is seen. Hits are made as they are asked for, so a caller may go on
// until it has as many as it wants after re-reading them; an error ends it.
func (x *Index) Search(ctx context.Context, workspace, query string) iter.Seq2[Hit, error] {
	panic("not written yet")
}

// Memories yields single memories instead, in the manner of Search.
func (x *Index) Memories(ctx context.Context, workspace, query string) iter.Seq2[Match, error] {
	panic("not written yet")
}

// Merge moves the tail into a segment if it has grown enough, and keeps
// segments few. It may be called at any time, by several at once, and again
// after any failure.
func (x *Index) Merge(ctx context.Context, workspace string) error {
	panic("not written yet")
}

// Purge removes a conversation's units (memories nil), or the named memories
// of it, from every row and object, so that no word of theirs is left, and
// returns how many units the index held. Nobody may Put one of them any more
// when it is called. The writes that note returns for that number are made in
// the transaction that settles it, once, whatever is repeated: an exact
// receipt. A repeated call finishes what an earlier one began, and returns 0
// for what that has settled.
func (x *Index) Purge(ctx context.Context, workspace, conversation string, memories []string, note func(units int) []table.Op) (int, error) {
	panic("not written yet")
}

// Snippet returns the part of text, at most max characters of it, in which
// the terms of a Hit are densest, cut at words, with "…" where something is
// left out.
func Snippet(text string, terms []string, max int) string {
	panic("not written yet")
}
