package worker_test

import (
	"testing"

	"griot/internal/quota"
	"griot/internal/session/upload"
	"griot/internal/table"
)

// What sessions, texts and files count is put right, of those under way, those
// that are over and those that are being removed; rows of before count from then
// on.
func TestRecount(t *testing.T) {
	wrongs := map[string]func(w *world, sessions ...string){
		"nothing":      func(*world, ...string) {},
		"the counters": func(w *world, _ ...string) { w.change(stored(-700), open(2)) },
		"heads of before": func(w *world, sessions ...string) {
			for _, id := range sessions {
				key := table.Key{Table: table.Sessions, PK: w.caller.Workspace + "#" + id, SK: "head"}
				h, err := w.table.Get(t.Context(), key, table.Consistent)
				ok(t, err)
				w.change(stored(-h.Int("said")), open(-h.Int("open")))
				op := table.Update(key, nil, table.Exists())
				op.Remove = []string{"open", "said"}
				_, err = w.table.Write(t.Context(), op)
				ok(t, err)
			}
		},
	}
	for name, wrong := range wrongs {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			s := createUpload(w, w.upload("Ann: We pay on Mondays.\n\nBen: Who signs?\n\nAnn: Sam does.\n"))
			live, over := createLive(w), createLive(w)
			ok(t, say(w, live.ID, 0, "said"))
			ok(t, say(w, over.ID, 0, "one", "two"))
			_, err := w.sessions.Complete(t.Context(), w.caller, over.ID, nil)
			ok(t, err)
			w.drain()
			waits := w.used(quota.WaitingUploads)
			checkCounts(w)
			wrong(w, s.ID, live.ID, over.ID)
			for range 2 {
				ok(t, w.sessions.Recount(t.Context(), w.caller.Workspace))
				checkCounts(w)
			}
			if got := w.used(quota.WaitingUploads); got != waits {
				t.Errorf("%d uploads wait, want %d", got, waits)
			}

			// The file of a session that is being removed counts until it is gone.
			_, err = w.sessions.Delete(t.Context(), w.caller, s.ID)
			ok(t, err)
			ok(t, w.sessions.Recount(t.Context(), w.caller.Workspace))
			w.drain()
			checkCounts(w)
			for _, id := range []string{live.ID, over.ID} {
				_, err := w.sessions.Delete(t.Context(), w.caller, id)
				ok(t, err)
			}
			w.drain()
			if n := w.used(quota.StoredBytes); n != 0 {
				t.Errorf("%d bytes are left", n)
			}
			checkCounts(w)
		})
	}
}

// An upload that waits counts as long as it would have.
func TestRecountOfAWaitingUpload(t *testing.T) {
	w := newWorld(t)
	size := int64(1234)
	_, err := w.sessions.Uploads.CreateUpload(t.Context(), w.caller, upload.UploadInput{SizeBytes: &size}, nil)
	ok(t, err)
	w.change(quota.Amount{Counter: quota.Waiting, N: 5, At: w.clock()}, quota.Amount{Counter: quota.Incoming, N: 99, At: w.clock()})
	ok(t, w.sessions.Recount(t.Context(), w.caller.Workspace))
	if n, bytes := w.used(quota.WaitingUploads), w.used(quota.StoredBytes); n != 1 || bytes != size {
		t.Errorf("%d uploads wait with %d bytes", n, bytes)
	}
}

func stored(n int64) quota.Amount { return quota.Amount{Counter: quota.Stored, N: n} }
func open(n int64) quota.Amount   { return quota.Amount{Counter: quota.Open, N: n} }

// change changes counters and nothing that they are of.
func (w *world) change(amounts ...quota.Amount) {
	w.t.Helper()
	for _, op := range w.quotas().Change(w.caller.Workspace, "x", amounts...) {
		_, err := w.table.Write(w.t.Context(), op)
		ok(w.t, err)
	}
}
