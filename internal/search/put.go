package search

import (
	"context"
	"fmt"
	"math/rand/v2"

	"griot/internal/queue"
	"griot/internal/search/posting"
	"griot/internal/table"
)

// jobBytes is how much is written, on average, between two jobs for Merge.
const jobBytes = mergeAt / 2

// Put returns the write that makes a unit findable, in place of what was
// indexed under the same ids before. It belongs into the transaction that
// writes the unit itself: the order of those transactions is the order of
// versions. A transaction can hold one write of a unit only. Tell Written
// after the commit.
func (x *Index) Put(workspace string, doc Doc) table.Op {
	return putRow(workspace, doc.Conversation, doc.Memory, analyse(doc))
}

// Remove returns the write after which a unit (memory "": the conversation's
// own) is not found any more; see Put. A caller who re-reads every hit needs
// none to hide a whole conversation: Purge is enough.
func (x *Index) Remove(workspace, conversation, memory string) table.Op {
	return putRow(workspace, conversation, memory, &posting.Unit{})
}

// Written takes note of committed writes of Put and Remove: now and then, in
// proportion to their size, it sends a job for Merge. Processes that know
// nothing of each other have to agree on nothing for that. A lost call costs
// reading, never a hit.
func (x *Index) Written(ctx context.Context, workspace string, ops ...table.Op) error {
	size := 0
	for _, op := range ops {
		if op.Key.PK == tailPK(workspace) {
			size += table.Item{Key: op.Key, Attrs: op.Attrs}.Size()
		}
	}
	if size <= rand.IntN(jobBytes) {
		return nil
	}
	err := x.Merges.Send(ctx, queue.Outgoing{Body: Job{workspace}.Encode(), Group: workspace})
	if err != nil {
		return fmt.Errorf("sending a merge job: %w", err)
	}
	return nil
}
