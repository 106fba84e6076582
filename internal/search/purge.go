package search

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"griot/internal/queue"
	"griot/internal/table"
)

// Waiting is a conversation that Purge is going to be called for, too: all of
// it, with this note. Nobody may Put anything of it any more.
type Waiting struct {
	Conversation string
	Note         func(units int) []table.Op
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
// so that a segment is made anew once for all of them. Their own calls find
// that done and do the rest; should they never come, nothing is lost but what
// is left to them.
func (x *Index) Purge(ctx context.Context, workspace, conversation string, memories []string, note func(units int) []table.Op, waiting ...Waiting) (int, error) {
	t := target{Conversation: conversation, Memories: slices.Compact(slices.Sorted(slices.Values(memories)))}
	units, err := x.condemnAgain(ctx, workspace, t, note, waiting)
	if len(waiting) > 0 && (errors.Is(err, table.ErrCondition) || table.Retryable(err)) {
		// A receipt of the others is not as it should be; that is for their own calls.
		units, err = x.condemnAgain(ctx, workspace, t, note, nil)
	}
	if err != nil {
		return 0, err
	}
	return units, x.erase(ctx, workspace, t)
}

func (x *Index) condemnAgain(ctx context.Context, workspace string, t target, note func(int) []table.Op, waiting []Waiting) (units int, err error) {
	err = again(ctx, func() (err error) {
		units, err = x.condemn(ctx, workspace, t, note, waiting)
		return err
	})
	return units, err
}

func (x *Index) targetRows(ctx context.Context, workspace string, t target) ([]row, error) {
	rows, _, err := x.readTail(ctx, workspace, t.Conversation+"#", 0)
	return slices.DeleteFunc(rows, func(r row) bool { return !t.covers(r.conversation, r.memory) }), err
}

// erase removes a target that the manifest names, and its name at the end.
func (x *Index) erase(ctx context.Context, workspace string, t target) error {
	for more := true; more; {
		err := again(ctx, func() (err error) {
			more, err = x.eraseNext(ctx, workspace, t)
			return err
		})
		if err != nil {
			return err
		}
	}
	rows, err := x.targetRows(ctx, workspace, t)
	if err != nil {
		return err
	}
	if err := x.deleteRows(ctx, rows); err != nil {
		return err
	}
	if err := x.sweepLater(ctx, workspace); err != nil {
		return err
	}
	return again(ctx, func() error { return x.acquit(ctx, workspace, t) })
}

// sweepAfter is longer than a merge may run.
const sweepAfter = 10 * time.Minute

// sweepLater has the objects swept once more: a merge that read the manifest
// before the target was in it may still write one, and die.
func (x *Index) sweepLater(ctx context.Context, workspace string) error {
	err := x.Merges.Send(ctx, queue.Outgoing{Body: Job{workspace}.Encode(), Group: workspace, Delay: sweepAfter})
	if err != nil {
		return fmt.Errorf("sending a merge job: %w", err)
	}
	return nil
}

// eraseNext makes the oldest segment anew that has something of the target:
// what newer ones hide in older ones must not come back.
func (x *Index) eraseNext(ctx context.Context, workspace string, t target) (more bool, err error) {
	m, err := x.readManifest(ctx, workspace)
	if err != nil {
		return false, err
	}
	metas, err := x.metas(ctx, workspace, m.Segments)
	if err != nil {
		return false, err
	}
	i := slices.IndexFunc(metas, t.touches)
	if i < 0 {
		return false, nil
	}
	rows, _, err := x.readTail(ctx, workspace, "", 0)
	if err != nil {
		return false, err
	}
	return true, x.remake(ctx, workspace, m, i, newer(rows, metas[i+1:]))
}

// remake makes a segment anew, without what purges wait for and without units
// of which there is a newer version: others that are to go then find less to
// do.
func (x *Index) remake(ctx context.Context, workspace string, m manifest, i int, replaced func(conversation, memory string) bool) error {
	inputs, err := x.inputs(ctx, m.Segments[i:i+1], nil)
	if err != nil {
		return err
	}
	m.replaced = replaced
	if _, err = x.replace(ctx, workspace, m, i, i+1, inputs); err != nil {
		return fmt.Errorf("making a search segment anew: %w", err)
	}
	return nil
}

// acquit removes the objects that were replaced, and then the target's name:
// as long as that is there, a repeated call removes them.
func (x *Index) acquit(ctx context.Context, workspace string, t target) error {
	m, err := x.readManifest(ctx, workspace)
	if err != nil {
		return err
	}
	if err := x.sweep(ctx, workspace, m); err != nil {
		return err
	}
	if !slices.ContainsFunc(m.Purging, t.equal) {
		return nil
	}
	next := m
	next.Purging = slices.DeleteFunc(slices.Clone(m.Purging), t.equal)
	_, err = x.commit(ctx, workspace, m, next)
	return err
}
