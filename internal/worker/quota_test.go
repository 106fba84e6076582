package worker_test

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"griot/internal/errs"
	"griot/internal/quota"
	"griot/internal/session"
	"griot/internal/session/upload"
	"griot/internal/table"
)

func (w *world) quotas() quota.Book { return quota.Book{Table: w.table, Now: w.clock} }

func (w *world) limit(n quota.Name, limit int64) {
	w.t.Helper()
	ok(w.t, w.quotas().Set(w.t.Context(), w.caller.Workspace, n, &limit))
}

func (w *world) used(n quota.Name) int64 {
	w.t.Helper()
	s, err := w.quotas().Read(w.t.Context(), w.caller.Workspace)
	ok(w.t, err)
	return s.Used(n)
}

// checkCounts holds what counts of the workspace's quotas against what it has,
// when no upload is waited for: files, and the texts of sessions that are over.
func checkCounts(w *world) {
	w.t.Helper()
	page, err := w.sessions.Sessions.List(w.t.Context(), w.caller, session.ListInput{Limit: 200})
	ok(w.t, err)
	var open, bytes int64
	for _, s := range page.Sessions {
		if !s.Status.Terminal() {
			open++
			continue
		}
		var texts []string
		for _, seg := range document(w, s.ID).Segments {
			texts = append(texts, seg.Text)
		}
		bytes += int64(len(strings.Join(texts, "\n")))
	}
	for _, prefix := range []string{"uploads/", upload.InboxPrefix, "sessions/"} {
		objects, _, err := w.blobs.List(w.t.Context(), prefix, "")
		ok(w.t, err)
		for _, o := range objects {
			refused := strings.HasPrefix(o.Key, upload.RefusedPrefix)
			if !refused && (prefix != "sessions/" || strings.HasSuffix(o.Key, "/fetched")) {
				bytes += o.Size
			}
		}
	}
	for n, want := range map[quota.Name]int64{quota.OpenSessions: open, quota.StoredBytes: bytes, quota.WaitingUploads: 0} {
		if got := w.used(n); got != want {
			w.t.Errorf("%d count as %s, there are %d", got, n, want)
		}
	}
}

// checkOver checks that an error is a quota's refusal, which names it and its
// value.
func checkOver(t *testing.T, err error, n quota.Name, limit int64) {
	t.Helper()
	if !errs.Is(err, errs.QuotaExceeded) || !strings.Contains(err.Error(), fmt.Sprintf("%s: the quota is %d", n, limit)) {
		t.Errorf("%s: got %v", n, err)
	}
}

func TestOpenSessions(t *testing.T) {
	w := newWorld(t)
	w.limit(quota.OpenSessions, 3)
	create := func() (session.Session, error) { return w.sessions.Create(t.Context(), w.caller, live, nil) }
	a, b, c := createLive(w), createLive(w), createLive(w)
	_, err := create()
	checkOver(t, err, quota.OpenSessions, 3)

	// Those that there are can be ended in all ways, and each gives its place back.
	w.limit(quota.OpenSessions, 1)
	w.limit(quota.StoredBytes, 0)
	ok(t, say(w, a.ID, 0, "one", "two"))
	_, err = w.sessions.Complete(t.Context(), w.caller, a.ID, nil)
	ok(t, err)
	w.drain()
	_, err = w.sessions.Cancel(t.Context(), w.caller, b.ID, nil)
	ok(t, err)
	_, err = w.sessions.Delete(t.Context(), w.caller, c.ID)
	ok(t, err)
	w.drain()
	if got := w.get(a.ID); got.Status != session.Completed {
		t.Fatalf("the session is %s", got.Status)
	}
	checkCounts(w)
	_, err = create()
	checkOver(t, err, quota.StoredBytes, 0)
	w.limit(quota.StoredBytes, 100)
	d, err := create()
	ok(t, err)
	_, err = create()
	checkOver(t, err, quota.OpenSessions, 1)

	// What it has said goes with a session.
	for _, id := range []string{a.ID, b.ID, d.ID} {
		_, err := w.sessions.Delete(t.Context(), w.caller, id)
		ok(t, err)
	}
	w.drain()
	if n := w.used(quota.StoredBytes); n != 0 {
		t.Errorf("%d bytes are left", n)
	}
	checkCounts(w)
}

// A session that failed is opened again only if there is room.
func TestRetryNeedsRoom(t *testing.T) {
	w := newWorld(t)
	s := createUpload(w, w.upload("just a text\x00\x01\x02"))
	w.drain()
	if got := w.get(s.ID); got.Status != session.Failed {
		t.Fatalf("the session is %s", got.Status)
	}
	checkCounts(w)
	w.limit(quota.OpenSessions, 1)
	other := createLive(w)
	_, err := w.sessions.Retry(t.Context(), w.caller, s.ID, nil)
	checkOver(t, err, quota.OpenSessions, 1)
	_, err = w.sessions.Cancel(t.Context(), w.caller, other.ID, nil)
	ok(t, err)
	_, err = w.sessions.Retry(t.Context(), w.caller, s.ID, nil)
	ok(t, err)
	if n := w.used(quota.OpenSessions); n != 1 {
		t.Errorf("%d are open", n)
	}
	w.settle()
	checkCounts(w)
}

func TestWaitingUploads(t *testing.T) {
	w := newWorld(t)
	w.limit(quota.WaitingUploads, 2)
	size := int64(len(interview))
	sign := func() (upload.Upload, error) {
		return w.sessions.Uploads.CreateUpload(t.Context(), w.caller, upload.UploadInput{SizeBytes: &size}, nil)
	}
	first, err := sign()
	ok(t, err)
	second, err := sign()
	ok(t, err)
	_, err = sign()
	checkOver(t, err, quota.WaitingUploads, 2)

	// One that has come does not wait, however often that is told.
	w.arrive(first.Request.URL, interview)
	w.drain()
	w.arrive(first.Request.URL, interview)
	w.drain()
	if n, bytes := w.used(quota.WaitingUploads), w.used(quota.StoredBytes); n != 1 || bytes != 2*size {
		t.Errorf("%d wait, %d bytes count", n, bytes)
	}
	third, err := sign()
	ok(t, err)
	_, err = sign()
	checkOver(t, err, quota.WaitingUploads, 2)

	// One whose session is deleted does not either, nor one whose time is over.
	s := createUpload(w, second.Request.URL)
	_, err = w.sessions.Delete(t.Context(), w.caller, s.ID)
	ok(t, err)
	w.drain()
	if n := w.used(quota.WaitingUploads); n != 1 {
		t.Errorf("%d wait", n)
	}
	w.advance(30 * time.Minute)
	checkCounts(w)
	for range 2 {
		_, err = sign()
		ok(t, err)
	}

	// A file that comes late counts when it comes, and until it is forgotten.
	w.arrive(third.Request.URL, interview)
	w.drain()
	w.advance(30 * time.Minute)
	checkCounts(w)
	w.advance(8 * 24 * time.Hour)
	sweep(w)
	if n := w.used(quota.StoredBytes); n != 0 {
		t.Errorf("%d bytes are left", n)
	}
}

func TestStoredBytes(t *testing.T) {
	w := newWorld(t)
	size := int64(len(interview))
	w.limit(quota.StoredBytes, 2*size-1)
	url := w.upload(interview)
	_, err := w.sessions.Uploads.CreateUpload(t.Context(), w.caller, upload.UploadInput{SizeBytes: &size}, nil)
	checkOver(t, err, quota.StoredBytes, 2*size-1)
	s := createUpload(w, url)
	w.drain()
	checkCounts(w)
	if got := w.get(s.ID); got.Status != session.Completed {
		t.Fatalf("the session is %s", got.Status)
	}
	_, err = w.sessions.Delete(t.Context(), w.caller, s.ID)
	ok(t, err)
	w.drain()
	checkCounts(w)
	createUpload(w, w.upload(interview))
	w.settle()
	checkCounts(w)
}

// A drop waits for room among the open sessions, and is refused where there is
// none for its bytes.
func TestDropsOverAQuota(t *testing.T) {
	w := newWorld(t)
	path := w.caller.Workspace + "/" + w.project + "/system_ownership/"
	w.limit(quota.OpenSessions, 1)
	s := createLive(w)
	drop(w, upload.InboxPrefix+path+"first.txt", interview)
	w.drain()
	if n := w.used(quota.OpenSessions); n != 1 {
		t.Fatalf("%d are open", n)
	}
	_, err := w.sessions.Delete(t.Context(), w.caller, s.ID)
	ok(t, err)
	for range 4 { // the drop waits, and then the session after its due row
		w.advance(6 * time.Minute)
		w.drain()
	}
	page, err := w.sessions.Sessions.List(t.Context(), w.caller, session.ListInput{Limit: 50})
	ok(t, err)
	if len(page.Sessions) != 1 || page.Sessions[0].Status != session.Completed {
		t.Fatalf("sessions = %+v", page.Sessions)
	}
	checkCounts(w)

	w.limit(quota.StoredBytes, w.used(quota.StoredBytes)+int64(len(interview))-1)
	drop(w, upload.InboxPrefix+path+"second.txt", interview)
	w.drain()
	if reason := readAll(w, upload.RefusedPrefix+path+"second.txt"+upload.ReasonSuffix); !strings.Contains(reason, "stored_bytes: the quota is") {
		t.Errorf("the reason is %q", reason)
	}
	checkCounts(w)
}

// The text of a live session is bounded by what held when it began, or by what
// holds now if that is more.
func TestSessionText(t *testing.T) {
	w := newWorld(t)
	w.limit(quota.SessionText, 10)
	w.limit(quota.SessionSegments, 3)
	s := createLive(w)
	ok(t, say(w, s.ID, 0, "12345", "6789")) // and the line break in between
	checkOver(t, say(w, s.ID, 2, "x"), quota.SessionText, 10)
	ok(t, say(w, s.ID, 0, "12345", "6789")) // again
	w.limit(quota.SessionText, 100)
	checkOver(t, say(w, s.ID, 2, "x", "y"), quota.SessionSegments, 3)
	ok(t, say(w, s.ID, 2, "x"))
	w.limit(quota.SessionText, 1)
	w.limit(quota.SessionSegments, 0)
	unbounded := createLive(w)
	checkOver(t, say(w, unbounded.ID, 0, "x"), quota.SessionSegments, 0)
	if got := w.get(s.ID); got.LastSeq != 3 {
		t.Errorf("%d segments", got.LastSeq)
	}
	_, err := w.sessions.Complete(t.Context(), w.caller, s.ID, nil)
	ok(t, err)
	w.drain()
	checkCounts(w)

	// A file may be longer than a live session.
	w.limit(quota.SessionText, 1)
	file := createUpload(w, w.upload(interview))
	w.drain()
	if got := w.get(file.ID); got.Status != session.Completed {
		t.Errorf("the session of a file is %s", got.Status)
	}
}

// Sessions of a version without quotas count from their next step on.
func TestSessionsOfBefore(t *testing.T) {
	w := newWorld(t)
	in := live
	in.ScheduledFor = w.now.Add(time.Hour).Format(time.RFC3339)
	s, err := w.sessions.Create(t.Context(), w.caller, in, nil)
	ok(t, err)
	begun := createLive(w)
	ok(t, say(w, begun.ID, 0, "one"))
	forget(w, s.ID, begun.ID)
	w.advance(2 * time.Hour)
	sweep(w)
	if n := w.used(quota.OpenSessions); n != 1 {
		t.Errorf("%d are counted", n)
	}
	_, err = w.sessions.Complete(t.Context(), w.caller, begun.ID, nil)
	ok(t, err)
	w.drain()
	checkCounts(w)
	for _, id := range []string{s.ID, begun.ID} {
		_, err := w.sessions.Delete(t.Context(), w.caller, id)
		ok(t, err)
	}
	w.drain()
	checkCounts(w)
}

// A hundred clients open sessions and sign uploads at once; as many get one as
// there is room for.
func TestCrowdAtTheQuotas(t *testing.T) {
	w := newWorld(t)
	w.limit(quota.OpenSessions, 20)
	w.limit(quota.WaitingUploads, 30)
	size := int64(1)
	var sessions, uploads atomic.Int64
	var all sync.WaitGroup
	for range 100 {
		all.Go(func() {
			if _, err := w.sessions.Create(t.Context(), w.caller, live, nil); err == nil {
				sessions.Add(1)
			} else if !errs.Is(err, errs.QuotaExceeded) {
				t.Error(err)
			}
		})
		all.Go(func() {
			if _, err := w.sessions.Uploads.CreateUpload(t.Context(), w.caller, upload.UploadInput{SizeBytes: &size}, nil); err == nil {
				uploads.Add(1)
			} else if !errs.Is(err, errs.QuotaExceeded) {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if sessions.Load() != 20 || uploads.Load() != 30 || w.used(quota.OpenSessions) != 20 || w.used(quota.StoredBytes) != 30 {
		t.Errorf("%d sessions, %d uploads", sessions.Load(), uploads.Load())
	}
}

// forget makes sessions as a version wrote them that counted nothing.
func forget(w *world, ids ...string) {
	w.t.Helper()
	for _, id := range ids {
		op := table.Update(table.Key{Table: table.Sessions, PK: w.caller.Workspace + "#" + id, SK: "head"}, nil, table.Exists())
		op.Remove = []string{"open"}
		_, err := w.table.Write(w.t.Context(), op)
		ok(w.t, err)
	}
	page, err := w.table.Query(w.t.Context(), table.Query{Table: table.Sessions, PK: w.caller.Workspace + "#quota"})
	ok(w.t, err)
	for _, row := range page.Items {
		_, err := w.table.Write(w.t.Context(), table.Delete(row.Key))
		ok(w.t, err)
	}
}
