// Package record is what every record that the domain keeps has in common,
// sessions and conversations alike: a reference, and a head. The head is the row
// of everything that changes. It has a revision, and whoever writes it has read
// revision n and writes n + 1 on the condition that n still stands, in one
// transaction with all that the change brings along. So any two changes of a
// record have an order, and one that is repeated has one effect.
//
// Beside its head a record has a row in a list of its workspace, which package
// table writes as it is; stored answers to the requests that made or changed it
// ([griot/internal/idempotency]); a due row while there is work to do for it
// ([griot/internal/task]); and when it is deleted a tombstone in place of the
// head, and a receipt ([griot/internal/deletion]).
package record

import (
	"context"
	"time"

	"griot/internal/idempotency"
	"griot/internal/table"
)

// Ref names a record: its workspace, and its id there.
type Ref struct {
	Workspace, ID string
}

// In is the record of a workspace that has an id.
func In(workspace, id string) Ref { return Ref{Workspace: workspace, ID: id} }

// Partition is the partition key of the rows that only this record has.
func (r Ref) Partition() string { return r.Workspace + "#" + r.ID }

// Head is the head of a record as it was read. Rev 0 is a head that has never
// been changed and was made without a revision.
type Head struct {
	Key table.Key
	Rev int64
}

// revision is the attribute of a head that counts its changes.
const revision = "rev"

// Create returns the write of a new head, which has revision 1.
func (h Head) Create(attrs table.Attrs) table.Op {
	attrs[revision] = int64(1)
	return table.Put(h.Key, attrs, table.Absent())
}

// Replace returns the write of the next revision.
func (h Head) Replace(attrs table.Attrs) table.Op {
	attrs[revision] = h.Rev + 1
	return table.Put(h.Key, attrs, h.unchanged()...)
}

// Check returns the operation that has a transaction refused if this is not the
// revision any more.
func (h Head) Check() table.Op { return table.Check(h.Key, h.unchanged()...) }

func (h Head) unchanged() []table.Cond {
	if h.Rev == 0 {
		return []table.Cond{table.Exists(), table.Missing(revision)}
	}
	return []table.Cond{table.Equal(revision, h.Rev)}
}

// Commit writes a head and what belongs to the change in one transaction, with
// the answer that the claim stores: it says result. Where another writer of the
// head was faster it is ErrStale; other conditions that fail stay what they are.
func (h Head) Commit(ctx context.Context, store table.Store, head table.Op, ops []table.Op, claim *idempotency.Claim, result any) error {
	claimed, err := claim.Ops(result, h.Key)
	if err != nil {
		return err
	}
	all := append(append([]table.Op{head}, ops...), claimed...)
	err = store.Transact(ctx, all)
	if failed := table.Failed(err); failed != nil && (failed.Index == 0 || failed.Old.Key == h.Key) {
		return ErrStale
	}
	return err
}

// TombstoneKept is how long a tombstone stays when everything that it stands for
// has been removed (contract D 31): until then a late message, or a client that
// deletes once more, finds that the record was there.
const TombstoneKept = 30 * 24 * time.Hour

// Expire has a tombstone that is written now go by itself when it was kept long
// enough.
func Expire(tombstone table.Attrs, now time.Time) table.Attrs {
	tombstone[table.ExpiresAttr] = now.Add(TombstoneKept).Unix()
	return tombstone
}
