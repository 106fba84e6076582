package access

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"griot/internal/errs"
	"griot/internal/table"
)

// usedAttr of a key's row is the beginning of the hour in which the key was
// last used.
const usedAttr = "used"

const (
	// noteTimeout bounds how long a note may be waited for.
	noteTimeout = time.Second
	// notePause is for how long none is tried after one failed.
	notePause = time.Minute
)

// uses are the notes that this process is writing.
type uses struct {
	mu     sync.Mutex
	open   map[string]chan struct{} // by key; closed when its note is written
	resume time.Time                // after one failed
}

// noteUse writes down, beside the request, that a key is used in this hour; the
// row that was read says whether that is known. A note that fails is tried
// again by a later request: it is never a request's fault.
func (d *Directory) noteUse(ctx context.Context, keyID string, last time.Time) {
	now := d.now()
	hour := now.Truncate(time.Hour)
	if !last.Before(hour) || !d.uses.begin(keyID, now) {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), noteTimeout)
	go func() {
		defer cancel()
		err := d.writeUse(ctx, keyID, hour)
		d.uses.end(keyID, err == nil, now)
		if err != nil && !errs.Is(err, errs.InsufficientStorage) { // which the host has said
			slog.WarnContext(ctx, "the use of a key was not noted; it will be", "key", keyID, "error", err)
		}
	}()
}

// writeUse only moves the time forward. Of two that note the same hour one
// changes nothing, and both succeed.
func (d *Directory) writeUse(ctx context.Context, keyID string, hour time.Time) error {
	ms := hour.UnixMilli()
	_, err := d.Table.Write(ctx, table.Repeatable(table.Update(keyRow(keyID), table.Attrs{usedAttr: ms},
		table.Exists(), table.MissingOrLess(usedAttr, ms))))
	if table.Failed(err) != nil {
		return nil
	}
	return err
}

// begin reports whether the caller is to write the key's note now.
func (u *uses) begin(keyID string, now time.Time) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.open[keyID] != nil || now.Before(u.resume) {
		return false
	}
	if u.open == nil {
		u.open = map[string]chan struct{}{}
	}
	u.open[keyID] = make(chan struct{})
	return true
}

func (u *uses) end(keyID string, written bool, now time.Time) {
	u.mu.Lock()
	defer u.mu.Unlock()
	close(u.open[keyID])
	delete(u.open, keyID)
	if !written {
		u.resume = now.Add(notePause)
	}
}

func (u *uses) begun() []chan struct{} {
	u.mu.Lock()
	defer u.mu.Unlock()
	var all []chan struct{}
	for _, done := range u.open {
		all = append(all, done)
	}
	return all
}

// Settle waits for the notes that were begun before it, a second at most. A
// process calls it before it is stopped or frozen.
func (d *Directory) Settle() {
	for _, done := range d.uses.begun() {
		<-done
	}
}

// readUses completes keys with the times of their last use, which stand in the
// rows that requests read anyway, so that a use costs one write.
func (d *Directory) readUses(ctx context.Context, keys []Key) error {
	d.Settle()
	for first := 0; first < len(keys); first += table.MaxBatchGet {
		part := keys[first:min(first+table.MaxBatchGet, len(keys))]
		rows := make([]table.Key, len(part))
		for i, k := range part {
			rows[i] = keyRow(k.ID)
		}
		items, err := d.Table.BatchGet(ctx, rows, table.Consistent)
		if err != nil {
			return err
		}
		for i, item := range items {
			part[i].LastUsedAt = item.Time(usedAttr)
		}
	}
	return nil
}
