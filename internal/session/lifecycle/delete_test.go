package lifecycle_test

import (
	"strings"
	"testing"

	"griot/internal/blob"
	"griot/internal/deletion"
	"griot/internal/record"
	"griot/internal/session/sessiontest"
	"griot/internal/table"
)

// What a session of single segments cost to remove is less than half of what it
// cost to make, and all of it is counted.
func TestPurgeCostsLessThanHalf(t *testing.T) {
	svc, p := sessiontest.New(t)
	var made, removed table.Usage
	ctx := table.WithUsage(t.Context(), &made)
	s, err := svc.Create(ctx, p, sessiontest.LiveInput, nil)
	sessiontest.OK(t, err)
	for i := range 347 {
		_, err := svc.Capture.Append(ctx, p, s.ID, sessiontest.Batch("a", i, i+1), nil)
		sessiontest.OK(t, err)
	}
	rows := len(sessiontest.Rows(t, svc, p, s.ID, ""))
	ctx = table.WithUsage(t.Context(), &removed)
	del, err := svc.Delete(ctx, p, s.ID)
	sessiontest.OK(t, err)
	sessiontest.OK(t, svc.Purge(ctx, record.In(p.Workspace, s.ID)))
	if 2*removed.Totals().WriteUnits > made.Totals().WriteUnits {
		t.Errorf("made with %.0f write units, removed with %.0f", made.Totals().WriteUnits, removed.Totals().WriteUnits)
	}
	got, err := svc.GetDeletion(t.Context(), p, del.ID)
	sessiontest.OK(t, err)
	if left := sessiontest.Rows(t, svc, p, s.ID, ""); len(left) != 1 || got.TableItems != int64(rows) || got.Status != deletion.Done {
		t.Errorf("of %d rows %d are left; the receipt is %+v", rows, len(left), got)
	}
}

// A purge that a version without lists has begun is gone on with: what that one has
// written down is counted, whether or not it was there to be removed.
func TestPurgeGoesOnWithNotes(t *testing.T) {
	svc, p := sessiontest.New(t)
	id := sessiontest.Live(t, svc, p)
	del, err := svc.Delete(t.Context(), p, id)
	sessiontest.OK(t, err)
	gone, there := "sessions/"+p.Workspace+"/"+id+"/gone", "sessions/"+p.Workspace+"/"+id+"/there"
	for name, object := range map[string]string{"obj#1": gone, "obj#2": there} {
		_, err := svc.Sessions.Table.Write(t.Context(), table.Put(
			table.Key{Table: table.Sessions, PK: p.Workspace + "#" + id, SK: name}, table.Attrs{"object": object}))
		sessiontest.OK(t, err)
	}
	for _, object := range []string{there, there + "-too"} {
		_, err := svc.Sessions.Blobs.Put(t.Context(), object, strings.NewReader("{}"), 2, blob.Put{})
		sessiontest.OK(t, err)
	}
	sessiontest.OK(t, svc.Purge(t.Context(), record.In(p.Workspace, id)))
	got, err := svc.GetDeletion(t.Context(), p, del.ID)
	if err != nil || got.Objects != 3 || got.TableItems != 1 || got.Status != deletion.Done {
		t.Errorf("%+v, %v", got, err)
	}
}
