// Package search finds conversations by words. It is the front of the index
// (package index: how units are kept) and of the ranking (package rank: which
// conversations match a query best); analysis says what the terms of a text
// are.
//
// A unit is what is indexed at once: a memory, or a conversation's own title
// and summary. Every unit belongs to one conversation of one workspace.
//
// What a caller should cut a transcript into: one memory per passage of
// consecutive whole segments, each led by its speaker's name ("Ann: …" on a
// line of its own), closed when it has reached PassageWords words, or at a
// change of speaker when it has half of them, and never more than
// PassageSegments segments. Passages do not overlap.
package search

import (
	"context"
	"iter"
	"time"

	"griot/internal/blob"
	"griot/internal/search/analysis"
	"griot/internal/search/index"
	"griot/internal/search/posting"
	"griot/internal/search/rank"
	"griot/internal/search/when"
	"griot/internal/table"
	"griot/internal/timestamp"
)

// Recommended bounds of a passage; see the package's comment.
const (
	PassageWords    = 100
	PassageSegments = 5
)

// Index is the search index of all workspaces.
type Index index.Index

func (x *Index) of(workspace string) *index.Workspace { return (*index.Index)(x).Of(workspace) }

// What callers give and get.
type (
	Doc     = analysis.Doc
	Hit     = rank.Hit
	Match   = rank.Match
	Cache   = index.Cache
	Waiting = index.Waiting
)

const (
	// MaxMatches is the most memories that a Hit names.
	MaxMatches = rank.MaxMatches
	// TablePause is Index.Pause where the tail is a partition of DynamoDB.
	TablePause = index.TablePause
	// RenewAfter is how old a write has to be for Renew to be complete for it.
	RenewAfter = index.RenewAfter
)

// NewCache returns a cache of at most limit bytes.
func NewCache(limit int64) *Cache { return index.NewCache(limit) }

// Put returns the write that makes a unit findable, in place of what was
// indexed under the same ids before. It belongs into the transaction that
// writes the unit itself: the order of those transactions is the order of
// versions. A transaction can hold one write of a unit only. Call Written
// after the commit.
func (x *Index) Put(workspace string, doc Doc) table.Op {
	return index.Put(workspace, doc.Conversation, doc.Memory, analysis.Unit(doc))
}

// Remove returns the write after which a unit (memory "": the conversation's
// own) is not found any more; see Put. A caller who re-reads every hit needs
// none to hide a whole conversation: Purge is enough.
func (x *Index) Remove(workspace, conversation, memory string) table.Op {
	return index.Put(workspace, conversation, memory, &posting.Unit{})
}

// Written takes note of committed writes of Put and Remove: now and then, in
// proportion to their size, it sends a job for Merge. A lost call costs
// reading, never a hit.
func (x *Index) Written(ctx context.Context, workspace string, ops ...table.Op) error {
	return x.of(workspace).Written(ctx, ops...)
}

// Query is what is searched for.
type Query struct {
	Text string
	// Now is what "yesterday" in the text is relative to.
	Now time.Time
	// Within is the time to which a search is held: only what memories of that
	// time say counts, and what their conversations are called. Days are gone by
	// and not always at that: callers check the memories that they are given.
	Within timestamp.Range
}

// Search yields the conversations of a workspace that have any word of the
// query, best first, ties newest (greatest id) first. Any string is a query;
// one without words has no hits. All that was committed before the first
// step is seen. Hits are made as they are asked for, so a caller may go on
// until it has as many as it wants after re-reading them; an error ends it.
func (x *Index) Search(ctx context.Context, workspace string, query Query) iter.Seq2[Hit, error] {
	return find(ctx, x, workspace, query, rank.Conversations, func(h Hit) string { return h.Conversation })
}

// Memories yields single memories instead, in the manner of Search.
func (x *Index) Memories(ctx context.Context, workspace string, query Query) iter.Seq2[Match, error] {
	return find(ctx, x, workspace, query, rank.Memories, func(m Match) string { return m.Conversation + "#" + m.Memory })
}

// find yields what ranked finds in a snapshot, each once: when a merge took
// the snapshot away, a newer one is gone through from its front.
func find[T any](
	ctx context.Context, x *Index, workspace string, query Query,
	ranked func(context.Context, *index.Snapshot, analysis.Query, func(T) bool) error, id func(T) string,
) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		q := analysis.ParseQuery(query.Text, query.Now)
		if len(q.Slots) == 0 {
			return
		}
		q.Within = when.Within(query.Within, query.Now)
		yielded := map[string]bool{}
		err := x.of(workspace).View(ctx, func(s *index.Snapshot) error {
			return ranked(ctx, s, q, func(found T) bool {
				if yielded[id(found)] {
					return true
				}
				yielded[id(found)] = true
				return yield(found, nil)
			})
		})
		if err != nil {
			var none T
			yield(none, err)
		}
	}
}

// Merge moves the tail into a segment if it has grown enough, and keeps
// segments few. It may be called at any time, by several at once, and again
// after any failure.
func (x *Index) Merge(ctx context.Context, workspace string) error {
	return x.of(workspace).Merge(ctx)
}

// Purge removes a conversation's units (memories nil), or the named memories
// of it, from every row and object, so that no word of theirs is left, and
// returns how many units the index held. Nobody may Put one of them any more
// when it is called. The writes that note returns for that number are made in
// the transaction that settles it, once, whatever is repeated: an exact
// receipt. A repeated call finishes what an earlier one began, and returns 0
// for what that has settled.
//
// Purges that wait, the next one first, are settled with it if there is room,
// so that a segment is rewritten once for all of them. Their own calls find
// that done and do the rest; should they never come, nothing is lost but what
// is left to them.
func (x *Index) Purge(ctx context.Context, workspace, conversation string, memories []string, note func(units int) []table.Op, waiting ...Waiting) (int, error) {
	return x.of(workspace).Purge(ctx, conversation, memories, note, waiting...)
}

// Renew removes from all objects what newer versions of a conversation's units
// have replaced, so that no word is left that only older ones had. It is
// complete for writes that are RenewAfter old, and for those before the last
// Purge of anything that there was. It may be repeated.
func (x *Index) Renew(ctx context.Context, workspace, conversation string) error {
	return x.of(workspace).Renew(ctx, conversation)
}

// IsSegment reports whether an object is one of the search index.
func IsSegment(key string) bool { return index.IsSegment(key) }

// Named returns the segments, with their sizes, that a row of the table rests
// on.
func Named(row table.Item) ([]blob.Info, error) { return index.Named(row) }
