package session_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"griot/internal/access"
	"griot/internal/blob/dir"
	"griot/internal/disk"
	"griot/internal/errs"
	"griot/internal/queue"
	queuebolt "griot/internal/queue/bolt"
	"griot/internal/session"
	"griot/internal/session/capture"
	"griot/internal/session/lifecycle"
	"griot/internal/session/upload"
	"griot/internal/table"
	tablebolt "griot/internal/table/bolt"
	"griot/internal/table/tabletest"
	"griot/internal/transcript"
)

// newService opens the embedded stores and makes a workspace with a project.
func newService(t testing.TB) (*lifecycle.Service, access.Principal) {
	t.Helper()
	data := t.TempDir()
	db, err := disk.Open(filepath.Join(data, "griot.db"), disk.Options{NoSync: true})
	ok(t, err)
	t.Cleanup(func() { ok(t, db.Close()) })
	bare, err := tablebolt.New(db, time.Now)
	ok(t, err)
	store := tabletest.NewContended(bare, 0)
	jobs := map[queue.Name]queue.Queue{}
	for _, name := range queue.Names {
		jobs[name], err = queuebolt.New(db, name, queuebolt.Options{})
		ok(t, err)
	}
	blobs, err := dir.Open(filepath.Join(data, "objects"), dir.Options{Base: "http://127.0.0.1:3000", NoSync: true})
	ok(t, err)
	t.Cleanup(func() { ok(t, blobs.Close()) })
	projects := &access.Directory{Table: store, Now: time.Now}
	ws, _, err := projects.CreateWorkspace(t.Context(), "Acme")
	ok(t, err)
	svc := lifecycle.New(&session.Store{Table: store, Blobs: blobs, Jobs: jobs, Now: time.Now}, lifecycle.Options{Projects: projects})
	return svc, access.Principal{Workspace: ws.ID, KeyID: "k", Scopes: []access.Scope{access.All}}
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func newLive(t testing.TB, svc *lifecycle.Service, p access.Principal) string {
	t.Helper()
	s, err := svc.Create(t.Context(), p, liveInput, nil)
	ok(t, err)
	return s.ID
}

var liveInput = session.CreateInput{Template: "open_exploration", Title: "Talk", IntervieweeEmail: "ann@acme.com"}

func batch(source string, from, to int) capture.AppendInput {
	in := capture.AppendInput{Source: source}
	for i := from; i < to; i++ {
		in.Segments = append(in.Segments, incoming(source, i))
	}
	return in
}

func incoming(source string, i int) capture.Incoming {
	return capture.Incoming{ClientSeq: int64(i), Turn: transcript.Turn{Speaker: source, Text: fmt.Sprintf("%s says %d, <b>&é.", source, i)}}
}

// texts returns a source's texts in seq order and checks seq and ranges.
func texts(t testing.TB, svc *lifecycle.Service, p access.Principal, id, source string) (out []string) {
	t.Helper()
	_, segs, err := svc.Capture.AllSegments(t.Context(), p, id)
	ok(t, err)
	next := int64(0)
	for i, seg := range segs {
		if seg.Seq != int64(i+1) || seg.Range[0] != next || seg.Range[1] != next+int64(len(seg.Text))-1 {
			t.Fatalf("segment %d = %+v, want its range to begin at %d", i, seg, next)
		}
		next = seg.Range[1] + 2
		if seg.SpeakerName() == source {
			out = append(out, seg.Text)
		}
	}
	return out
}

func TestAppendRepeatsAndOverlaps(t *testing.T) {
	svc, p := newService(t)
	id := newLive(t, svc, p)
	for _, tc := range []struct{ from, to, accepted int }{
		{0, 10, 10}, {0, 10, 0}, {5, 15, 5}, {100, 110, 10}, {0, 120, 95}, {119, 120, 0},
	} {
		got, err := svc.Capture.Append(t.Context(), p, id, batch("a", tc.from, tc.to), nil)
		ok(t, err)
		if got.Accepted != tc.accepted || got.Duplicates != tc.to-tc.from-tc.accepted {
			t.Errorf("%d to %d: %+v, want %d accepted", tc.from, tc.to, got, tc.accepted)
		}
	}
	if got := texts(t, svc, p, id, "a"); len(got) != 120 {
		t.Errorf("%d segments, want 120", len(got))
	}
}

func TestAppendRefusesAnotherText(t *testing.T) {
	svc, p := newService(t)
	id := newLive(t, svc, p)
	_, err := svc.Capture.Append(t.Context(), p, id, batch("a", 0, 3), nil)
	ok(t, err)
	other := batch("a", 0, 5)
	other.Segments[1].Text = "something else"
	if _, err := svc.Capture.Append(t.Context(), p, id, other, nil); !errs.Is(err, errs.Conflict) {
		t.Errorf("another text for a known client_seq: %v", err)
	}
	twice := capture.AppendInput{Segments: []capture.Incoming{incoming("", 7), incoming("", 7)}}
	got, err := svc.Capture.Append(t.Context(), p, id, twice, nil)
	if err != nil || got.Accepted != 1 || got.Duplicates != 1 {
		t.Errorf("the same twice in one batch: %+v, %v", got, err)
	}
	twice.Segments[1].Text = "other"
	twice.Segments[0].ClientSeq, twice.Segments[1].ClientSeq = 8, 8
	if _, err := svc.Capture.Append(t.Context(), p, id, twice, nil); !errs.Is(err, errs.Conflict) {
		t.Errorf("two texts for one client_seq in one batch: %v", err)
	}
	if got := texts(t, svc, p, id, "a"); len(got) != 3 {
		t.Errorf("%d segments of a, want 3", len(got))
	}
}

func TestAppendSpread(t *testing.T) {
	svc, p := newService(t)
	id := newLive(t, svc, p)
	var in capture.AppendInput
	for i := range 65 {
		in.Segments = append(in.Segments, incoming("", i*64))
	}
	if _, err := svc.Capture.Append(t.Context(), p, id, in, nil); !errs.Is(err, errs.FailedPrecondition) {
		t.Errorf("65 blocks: %v", err)
	}
	in.Segments = in.Segments[:64]
	_, err := svc.Capture.Append(t.Context(), p, id, in, nil)
	ok(t, err)
}

func TestAppendToEnded(t *testing.T) {
	svc, p := newService(t)
	id := newLive(t, svc, p)
	_, err := svc.Capture.Append(t.Context(), p, id, batch("a", 0, 2), nil)
	ok(t, err)
	_, err = svc.Cancel(t.Context(), p, id, nil)
	ok(t, err)
	got, err := svc.Capture.Append(t.Context(), p, id, batch("a", 0, 2), nil)
	if err != nil || got.Duplicates != 2 || got.LastSeq != 2 {
		t.Errorf("known segments after the end: %+v, %v", got, err)
	}
	if _, err := svc.Capture.Append(t.Context(), p, id, batch("a", 0, 3), nil); !errs.Is(err, errs.Conflict) {
		t.Errorf("a new segment after the end: %v", err)
	}
}

// TestAppendConcurrently has two sources send overlapping batches in random
// order, each from several connections at once.
func TestAppendConcurrently(t *testing.T) {
	svc, p := newService(t)
	id := newLive(t, svc, p)
	var wg sync.WaitGroup
	for _, source := range []string{"mic#1", "mic"} {
		for range 3 {
			wg.Go(func() {
				for _, at := range rand.Perm(20) {
					insist(t, func() error {
						_, err := svc.Capture.Append(t.Context(), p, id, batch(source, at*5, at*5+8), nil)
						return err
					})
				}
			})
		}
	}
	wg.Wait()
	for _, source := range []string{"mic#1", "mic"} {
		got := texts(t, svc, p, id, source)
		slices.Sort(got)
		if len(got) != 103 || len(slices.Compact(got)) != 103 {
			t.Errorf("%s has %d segments, want 103 different ones", source, len(got))
		}
	}
}

// insist repeats what the service asks to repeat.
func insist(t *testing.T, do func() error) {
	for {
		err := do()
		if !errs.Is(err, errs.Unavailable) {
			if err != nil {
				t.Error(err)
			}
			return
		}
	}
}

// TestAppendCostsTheSame compares the first append with one to a session of
// 10,000 segments.
func TestAppendCostsTheSame(t *testing.T) {
	svc, p := newService(t)
	id := newLive(t, svc, p)
	cost := func(from int) table.Totals {
		var u table.Usage
		_, err := svc.Capture.Append(table.WithUsage(t.Context(), &u), p, id, batch("a", from, from+1), nil)
		ok(t, err)
		return u.Totals()
	}
	first := cost(0)
	for from := 64; from < 10_048; from += 416 {
		_, err := svc.Capture.Append(t.Context(), p, id, batch("a", from, from+416), nil)
		ok(t, err)
	}
	last := cost(64 * 1000)
	if first.ReadUnits != last.ReadUnits || first.WriteUnits != last.WriteUnits || first.Reads != last.Reads {
		t.Errorf("the first append cost %+v, one behind 10,000 segments %+v", first, last)
	}
}

func TestFeedPages(t *testing.T) {
	svc, p := newService(t)
	id := newLive(t, svc, p)
	for from := 0; from < 100; from += 7 {
		_, err := svc.Capture.Append(t.Context(), p, id, batch("a", from, from+7), nil)
		ok(t, err)
	}
	for _, limit := range []int{1, 3, 7, 50, 1000} {
		var got []string
		after := int64(0)
		for more := true; more; {
			page, err := svc.Capture.Segments(t.Context(), p, id, after, limit)
			ok(t, err)
			for _, line := range page.Lines {
				got = append(got, string(line.JSON))
				after = line.Seq
			}
			more = page.HasMore
		}
		if want := documentSegments(t, svc, p, id); !slices.Equal(got, want) {
			t.Errorf("pages of %d differ from the document", limit)
		}
	}
}

// documentSegments returns the document's segments byte for byte.
func documentSegments(t testing.TB, svc *lifecycle.Service, p access.Principal, id string) (out []string) {
	t.Helper()
	_, body, err := svc.Capture.OpenDocument(t.Context(), p, id)
	ok(t, err)
	defer body.Close()
	var doc struct{ Segments []json.RawMessage }
	ok(t, json.NewDecoder(body).Decode(&doc))
	for _, seg := range doc.Segments {
		out = append(out, string(seg))
	}
	return out
}

func TestFeedOfAnotherTenant(t *testing.T) {
	svc, p := newService(t)
	id := newLive(t, svc, p)
	other := p
	other.Workspace = "ws_01ARZ3NDEKTSV4RRFFQ69G5FAV"
	calls := map[string]func() error{
		"get":      func() error { _, err := svc.Sessions.Get(t.Context(), other, id); return err },
		"append":   func() error { _, err := svc.Capture.Append(t.Context(), other, id, batch("a", 0, 1), nil); return err },
		"cancel":   func() error { _, err := svc.Cancel(t.Context(), other, id, nil); return err },
		"complete": func() error { _, err := svc.Complete(t.Context(), other, id, nil); return err },
		"segments": func() error { _, err := svc.Capture.Segments(t.Context(), other, id, 0, 1); return err },
		"document": func() error { _, _, err := svc.Capture.OpenDocument(t.Context(), other, id); return err },
		"result":   func() error { _, err := svc.Results.OpenExtraction(t.Context(), other, id); return err },
		"delete":   func() error { _, err := svc.Delete(t.Context(), other, id); return err },
	}
	for name, call := range calls {
		if err := call(); !errs.Is(err, errs.NotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestListPages(t *testing.T) {
	svc, p := newService(t)
	var want []string
	for range 23 {
		want = append(want, newLive(t, svc, p))
	}
	slices.Reverse(want)
	var got []string
	in := session.ListInput{Limit: 5}
	for {
		page, err := svc.Sessions.List(t.Context(), p, in)
		ok(t, err)
		for _, s := range page.Sessions {
			got = append(got, s.ID)
		}
		if in.Cursor = page.NextCursor; in.Cursor == "" {
			break
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("listed %d sessions in another order than created", len(got))
	}
	page, err := svc.Sessions.List(t.Context(), p, session.ListInput{Limit: 5, Status: "completed"})
	if err != nil || len(page.Sessions) != 0 || page.NextCursor == "" {
		t.Errorf("a filtered page = %+v, %v; want it empty with a cursor", page, err)
	}
	other := p
	other.Workspace = "ws_01ARZ3NDEKTSV4RRFFQ69G5FAV"
	if _, err := svc.Sessions.List(t.Context(), other, session.ListInput{Limit: 5, Cursor: page.NextCursor}); !errs.Is(err, errs.Malformed) {
		t.Errorf("the cursor of another workspace: %v", err)
	}
}

func TestCreateNamesEveryBadField(t *testing.T) {
	svc, p := newService(t)
	_, err := svc.Create(t.Context(), p, session.CreateInput{
		Template: "poem", Title: strings.Repeat("x", 501), RecordedAt: "yesterday",
	}, nil)
	var e *errs.Error
	if !errors.As(err, &e) || e.Kind != errs.InvalidArgument {
		t.Fatalf("error = %v", err)
	}
	var fields []string
	for _, f := range e.Fields {
		fields = append(fields, f.Field)
	}
	if want := []string{"template", "title", "interviewee_email", "recorded_at"}; !slices.Equal(fields, want) {
		t.Errorf("fields = %v, want %v", fields, want)
	}
}

func TestUploadURLs(t *testing.T) {
	svc, p := newService(t)
	for url, kind := range map[string]errs.Kind{
		"ftp://example.com/a.vtt":                        errs.InvalidArgument,
		"http://example.com/a.vtt":                       errs.InvalidArgument,
		"https://u:p@example.com/a.vtt":                  errs.InvalidArgument,
		"https://example.com:8443/a.vtt":                 errs.InvalidArgument,
		"https://" + strings.Repeat("x", 4<<10) + ".com": errs.InvalidArgument,
		"http://127.0.0.1:3000/uploads/" + p.Workspace + "/upl_01ARZ3NDEKTSV4RRFFQ69G5FAV": errs.NotFound,
		"http://127.0.0.1:3000/uploads/elsewhere":                                          errs.NotFound,
	} {
		_, err := svc.Create(t.Context(), p, session.CreateInput{Template: "open_exploration", Title: "x", UploadURL: url}, nil)
		if !errs.Is(err, kind) {
			t.Errorf("%.60s: %v", url, err)
		}
	}
	s, err := svc.Create(t.Context(), p, session.CreateInput{
		Template: "open_exploration", Title: "x", UploadURL: "https://10.0.0.1/a.vtt",
	}, nil)
	if err != nil || s.Status != session.InProgress {
		t.Errorf("a literal private address is refused later, not by create: %+v, %v", s, err)
	}
}

func BenchmarkAppend(b *testing.B) {
	for _, size := range []int{1, 50, 500} {
		b.Run(fmt.Sprintf("segments=%d", size), func(b *testing.B) {
			svc, p := newService(b)
			id := newLive(b, svc, p)
			var u table.Usage
			ctx := table.WithUsage(b.Context(), &u)
			n := 0
			for b.Loop() {
				_, err := svc.Capture.Append(ctx, p, id, batch("a", n, n+size), nil)
				ok(b, err)
				n += size
			}
			b.ReportMetric(u.Totals().ReadUnits/float64(b.N), "RU/op")
			b.ReportMetric(u.Totals().WriteUnits/float64(b.N), "WU/op")
		})
	}
}

// between runs a function once, after a head and before blocks are read.
type between struct {
	table.Store
	run func()
}

func (b *between) BatchGet(ctx context.Context, keys []table.Key, c table.Consistency) ([]table.Item, error) {
	if run := b.run; run != nil {
		b.run = nil
		run()
	}
	return b.Store.BatchGet(ctx, keys, c)
}

// A batch that another request has just made known is answered with what is
// stored by then: a file that two workers keep at once was taken for one that
// two versions had read, and its session failed.
func TestAppendBesideItsTwin(t *testing.T) {
	svc, p := newService(t)
	id := newLive(t, svc, p)
	of := *svc.Sessions
	twin := lifecycle.New(&of, svc.Options)
	svc.Sessions.Table = &between{svc.Sessions.Table, func() {
		_, err := twin.Capture.Append(t.Context(), p, id, batch("mic", 0, 5), nil)
		ok(t, err)
	}}
	got, err := svc.Capture.Append(t.Context(), p, id, batch("mic", 0, 5), nil)
	want := capture.Appended{SessionID: id, Duplicates: 5, LastSeq: 5}
	if err != nil || got != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
}

func TestKeepBesideItsTwin(t *testing.T) {
	svc, p := newService(t)
	size := int64(4)
	up, err := svc.Uploads.CreateUpload(t.Context(), p, upload.UploadInput{SizeBytes: &size}, nil)
	ok(t, err)
	s, err := svc.Create(t.Context(), p, session.CreateInput{Template: "open_exploration", Title: "File", UploadURL: up.Request.URL}, nil)
	ok(t, err)
	turns := make([]transcript.Turn, 7)
	for i := range turns {
		turns[i] = incoming("file", i).Turn
	}
	of := *svc.Sessions
	twin := lifecycle.New(&of, svc.Options)
	svc.Sessions.Table = &between{svc.Sessions.Table, func() { ok(t, twin.Capture.Keep(t.Context(), s.Ref(), turns)) }}
	ok(t, svc.Capture.Keep(t.Context(), s.Ref(), turns))
	if err := svc.Capture.Keep(t.Context(), s.Ref(), turns[:6]); !errs.Is(err, errs.Conflict) {
		t.Errorf("a file with fewer turns than are stored: %v", err)
	}
}
