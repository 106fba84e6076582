package sessions_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"griot/internal/access"
	"griot/internal/api/sessions"
	"griot/internal/api/sse"
	"griot/internal/limit"
)

func (w *world) create(t testing.TB) (id string) {
	t.Helper()
	status, answer := w.do(t, "POST", "/v1/sessions", newSession)
	var s struct{ ID string }
	if err := json.Unmarshal([]byte(answer), &s); err != nil || status != 201 {
		t.Fatalf("%d %s", status, answer)
	}
	return s.ID
}

func (w *world) append(t testing.TB, id string, clientSeq int, text string) {
	t.Helper()
	body := fmt.Sprintf(`{"segments":[{"client_seq":%d,"speaker":"Aria","start_ms":%d,"text":%q}]}`, clientSeq, clientSeq*1000, text)
	if status, answer := w.do(t, "POST", "/v1/sessions/"+id+"/segments", body); status != 200 {
		t.Fatalf("%d %s", status, answer)
	}
}

// oneEvent connects, skips the status and breaks the connection after one
// more event.
func (w *world) oneEvent(t testing.TB, id, lastID string) (sse.Event, error) {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	headers := []string{"Accept", "text/event-stream"}
	if lastID != "" {
		headers = append(headers, "Last-Event-ID", lastID)
	}
	res := w.send(t, ctx, "GET", "/v1/sessions/"+id+"/transcript", "", headers...)
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode == http.StatusNoContent { // there was done, and nobody to read it
		return sse.Event{Name: "done"}, nil
	}
	r := sse.NewReader(res.Body)
	for {
		if e, err := r.Next(); err != nil || e.Name != "status" {
			return e, err
		}
	}
}

// A reader whose connection breaks after every event, one that polls page by
// page, and the document have the same segments, byte for byte.
func TestEveryWayToReadGivesTheSameBytes(t *testing.T) {
	w := newWorld(t, sessions.Streams{Poll: time.Millisecond})
	id := w.create(t)
	const segments = 60
	var writer sync.WaitGroup
	writer.Go(func() {
		for i := range segments {
			w.append(t, id, i, fmt.Sprintf("Nº %d: <b>\"quoted\"</b> & 'x' \u2028 \u0085 \\ €", i))
		}
		w.do(t, "POST", "/v1/sessions/"+id+"/complete", "")
	})
	var streamed []string
	for lastID := ""; ; {
		e, err := w.oneEvent(t, id, lastID)
		if err != nil {
			t.Fatal(err)
		}
		if e.Name == "done" {
			break
		}
		if want := fmt.Sprint(len(streamed) + 1); e.Name != "segment" || e.ID != want {
			t.Fatalf("%+v, want segment %s", e, want)
		}
		streamed, lastID = append(streamed, e.Data), e.ID
	}
	writer.Wait()
	if len(streamed) != segments {
		t.Fatalf("%d segments", len(streamed))
	}
	var polled []string
	for more := true; more; {
		var page struct {
			Data    []json.RawMessage
			HasMore bool `json:"has_more"`
		}
		_, body := w.do(t, "GET", fmt.Sprintf("/v1/sessions/%s/segments?limit=7&after=%d", id, len(polled)), "")
		ok(t, json.Unmarshal([]byte(body), &page))
		for _, raw := range page.Data {
			polled = append(polled, string(raw))
		}
		more = page.HasMore
	}
	var doc struct {
		Segments []json.RawMessage
		Text     string
	}
	_, body := w.do(t, "GET", "/v1/sessions/"+id+"/transcript", "")
	ok(t, json.Unmarshal([]byte(body), &doc))
	var documented []string
	for _, raw := range doc.Segments {
		documented = append(documented, string(raw))
	}
	if diff := cmp.Diff(streamed, polled); diff != "" {
		t.Errorf("stream (-), poll (+): %s", diff)
	}
	if diff := cmp.Diff(streamed, documented); diff != "" {
		t.Errorf("stream (-), document (+): %s", diff)
	}
	for _, raw := range documented {
		var s struct {
			Text  string
			Range [2]int
		}
		ok(t, json.Unmarshal([]byte(raw), &s))
		if got := doc.Text[s.Range[0] : s.Range[1]+1]; got != s.Text {
			t.Errorf("the range of %q names %q", s.Text, got)
		}
	}
}

// A reader who does not read is dropped after the write deadline, while
// another on the same session gets everything.
func TestASlowReaderIsDropped(t *testing.T) {
	w := newWorld(t, sessions.Streams{Poll: time.Millisecond, Write: time.Second})
	id := w.create(t)
	conn, err := net.Dial("tcp", strings.TrimPrefix(w.base, "http://"))
	ok(t, err)
	defer func() { _ = conn.Close() }()
	ok(t, conn.(*net.TCPConn).SetReadBuffer(1<<10))
	_, err = fmt.Fprintf(conn, "GET /v1/sessions/%s/transcript HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n\r\n", id, w.vars["KEY"])
	ok(t, err)
	text := strings.Repeat("x", 10_000)
	fast := make(chan int)
	go func() {
		n := 0
		res := w.send(t, t.Context(), "GET", "/v1/sessions/"+id+"/transcript", "")
		defer func() { _ = res.Body.Close() }()
		for r := sse.NewReader(res.Body); ; n++ {
			if _, err := r.Next(); err != nil {
				break
			}
		}
		fast <- n
	}()
	const batches, each = 20, 50 // 10 MB, more than the sockets hold
	for i := range batches {
		var b strings.Builder
		for j := range each {
			fmt.Fprintf(&b, `,{"client_seq":%d,"text":"%s"}`, i*each+j, text)
		}
		w.do(t, "POST", "/v1/sessions/"+id+"/segments", `{"segments":[`+b.String()[1:]+`]}`)
	}
	w.do(t, "POST", "/v1/sessions/"+id+"/cancel", "")
	// status twice, the segments, done
	if n := <-fast; n != batches*each+3 {
		t.Errorf("the other reader got %d events", n)
	}
	// Both requests have ended, although one has not read its answer. The rest
	// of it is in the sockets' buffers.
	for end := time.Now().Add(20 * time.Second); strings.Count(w.log.String(), "endpoint=sessions-transcript") < 2; {
		if time.Now().After(end) {
			t.Fatal("the stream of the slow reader goes on")
		}
		<-time.After(time.Millisecond)
	}
	if strings.Contains(w.log.String(), "level=ERROR") {
		t.Error("a slow reader is logged as an error")
	}
	if n := len(regexp.MustCompile(`endpoint=sessions-transcript .*bytes=1\d{7} `).FindAllString(w.log.String(), -1)); n != 1 {
		t.Errorf("%d readers were sent everything", n)
	}
}

func TestStreamsEndWhenTheKeyIsRevoked(t *testing.T) {
	w := newWorld(t, sessions.Streams{Poll: time.Millisecond, Reverify: 10 * time.Millisecond})
	id := w.create(t)
	res := w.send(t, t.Context(), "GET", "/v1/sessions/"+id+"/transcript", "")
	defer func() { _ = res.Body.Close() }()
	r := sse.NewReader(res.Body)
	if e, err := r.Next(); err != nil || e.Name != "status" {
		t.Fatal(e, err)
	}
	keyID, _, _ := strings.Cut(w.vars["KEY"], ".")
	_, err := w.dir.RevokeKey(t.Context(), keyID, access.DescendantsStay)
	ok(t, err)
	if e, err := r.Next(); err != io.EOF {
		t.Error(e, err)
	}
}

// A reader that has read as much as it may is cut off without done, comes back,
// and is told when.
func TestStreamsEndWhenNothingIsLeft(t *testing.T) {
	w := newWorld(t, sessions.Streams{Poll: time.Millisecond, Reverify: 10 * time.Millisecond})
	id := w.create(t)
	keyID, _, _ := strings.Cut(w.vars["KEY"], ".")
	p, err := w.dir.Verify(t.Context(), w.vars["KEY"])
	ok(t, err)
	ok(t, w.limits.Set(t.Context(), p.Workspace, keyID, limit.Rates{limit.Standard: {0.05, 0, 0}})) // three requests
	res := w.send(t, t.Context(), "GET", "/v1/sessions/"+id+"/transcript", "")
	defer func() { _ = res.Body.Close() }()
	for r := sse.NewReader(res.Body); ; {
		e, err := r.Next()
		if err == io.EOF {
			break
		}
		if ok(t, err); e.Name == "done" {
			t.Fatal("the session is over")
		}
	}
	again := w.send(t, t.Context(), "GET", "/v1/sessions/"+id+"/transcript", "")
	defer func() { _ = again.Body.Close() }()
	if wait, _ := strconv.Atoi(again.Header.Get("Retry-After")); again.StatusCode != http.StatusTooManyRequests || wait < 1 || wait > 20 {
		t.Errorf("%d %v", again.StatusCode, again.Header)
	}
}

func TestStreamsEndWhenTheHostDrains(t *testing.T) {
	w := newWorld(t, sessions.Streams{})
	id := w.create(t)
	res := w.send(t, t.Context(), "GET", "/v1/sessions/"+id+"/transcript", "")
	defer func() { _ = res.Body.Close() }()
	r := sse.NewReader(res.Body)
	if e, err := r.Next(); err != nil || e.Name != "status" {
		t.Fatal(e, err)
	}
	close(w.drain)
	if e, err := r.Next(); err != io.EOF {
		t.Error(e, err)
	}
}

func TestStreamsEndWhenTheSessionIsDeleted(t *testing.T) {
	w := newWorld(t, sessions.Streams{Poll: time.Millisecond})
	id := w.create(t)
	res := w.send(t, t.Context(), "GET", "/v1/sessions/"+id+"/transcript", "")
	defer func() { _ = res.Body.Close() }()
	r := sse.NewReader(res.Body)
	if e, err := r.Next(); err != nil || e.Name != "status" {
		t.Fatal(e, err)
	}
	w.do(t, "DELETE", "/v1/sessions/"+id, "")
	if e, err := r.Next(); err != io.EOF {
		t.Error(e, err)
	}
}

// Appended segments reach 1, 10 and 200 readers of a session; the time is
// from the append to the last reader.
func BenchmarkFanOut(b *testing.B) {
	for _, readers := range []int{1, 10, 200} {
		b.Run(fmt.Sprintf("readers=%d", readers), func(b *testing.B) {
			w := newWorld(b, sessions.Streams{})
			id := w.create(b)
			var got sync.WaitGroup
			for range readers {
				res := w.send(b, b.Context(), "GET", "/v1/sessions/"+id+"/transcript", "")
				defer func() { _ = res.Body.Close() }()
				r := sse.NewReader(res.Body)
				go func() {
					for {
						e, err := r.Next()
						if err != nil {
							return
						}
						if e.Name == "segment" {
							got.Done()
						}
					}
				}()
			}
			b.ResetTimer()
			for i := range b.N {
				got.Add(readers)
				w.append(b, id, i, "One sentence of an interview, as long as they usually are.")
				got.Wait()
			}
		})
	}
}

// A long session is streamed from its beginning.
func BenchmarkReplay(b *testing.B) {
	const segments = 10_000
	w := newWorld(b, sessions.Streams{})
	id := w.create(b)
	for first := 0; first < segments; first += 500 {
		var batch strings.Builder
		for i := range 500 {
			fmt.Fprintf(&batch, `,{"client_seq":%d,"text":"One sentence of an interview, as long as they usually are."}`, first+i)
		}
		w.do(b, "POST", "/v1/sessions/"+id+"/segments", `{"segments":[`+batch.String()[1:]+`]}`)
	}
	w.do(b, "POST", "/v1/sessions/"+id+"/cancel", "")
	for b.Loop() {
		_, body := w.do(b, "GET", "/v1/sessions/"+id+"/transcript?format=sse", "")
		if n := strings.Count(body, "event: segment"); n != segments {
			b.Fatalf("%d segments", n)
		}
		b.SetBytes(int64(len(body)))
	}
	b.ReportMetric(float64(segments*b.N)/b.Elapsed().Seconds(), "events/s")
}
