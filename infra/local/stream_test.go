package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
)

// event is one server-sent event as it was on the wire.
type event struct{ id, name, data string }

// open begins a stream; last is the Last-Event-ID, or "".
func (s *server) open(ctx context.Context, id, last string) (*stream, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.base+"/v1/sessions/"+id+"/transcript", nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+s.first.key)
	req.Header.Set("Accept", "text/event-stream")
	if last != "" {
		req.Header.Set("Last-Event-ID", last)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		resp.Body.Close()
		return nil, fmt.Errorf("the stream answered %s", resp.Status)
	}
	return &stream{resp.Body, bufio.NewReader(resp.Body)}, nil
}

type stream struct {
	io.Closer
	r *bufio.Reader
}

// next returns the next event; comments and retry are passed over.
func (s *stream) next() (event, error) {
	var e event
	for {
		line, err := s.r.ReadString('\n')
		if err != nil {
			return e, err
		}
		field, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		switch field {
		case "id":
			e.id = value
		case "event":
			e.name = value
		case "data":
			e.data = value
		case "":
			if e.name != "" {
				return e, nil
			}
		}
	}
}

// readCut collects a session's segments over connections that each break
// after n events.
func (s *server) readCut(id string, n int) (segments []string, err error) {
	for last := ""; ; {
		done, err := s.readSome(id, &last, &segments, n)
		if err != nil || done {
			return segments, err
		}
	}
}

func (s *server) readSome(id string, last *string, segments *[]string, n int) (done bool, err error) {
	st, err := s.open(context.Background(), id, *last)
	if err != nil {
		return false, err
	}
	defer st.Close()
	for seen := 0; seen < n; {
		e, err := st.next()
		if errors.Is(err, io.EOF) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		switch e.name {
		case "segment":
			*segments, *last = append(*segments, e.data), e.id
			seen++
		case "done":
			return true, nil
		}
	}
	return false, nil
}

// document returns the segments of the JSON document, byte for byte.
func (s *server) document(t testing.TB, id string) (segments []string) {
	t.Helper()
	var doc struct{ Segments []json.RawMessage }
	s.decode(t, "/v1/sessions/"+id+"/transcript?format=json", &doc)
	for _, raw := range doc.Segments {
		segments = append(segments, string(raw))
	}
	return segments
}

// polled returns the same from pages of GET …/segments.
func (s *server) polled(t testing.TB, id string, limit int) (segments []string) {
	t.Helper()
	for {
		var page struct {
			Data    []json.RawMessage
			HasMore bool `json:"has_more"`
		}
		s.decode(t, fmt.Sprintf("/v1/sessions/%s/segments?after=%d&limit=%d", id, len(segments), limit), &page)
		for _, raw := range page.Data {
			segments = append(segments, string(raw))
		}
		if !page.HasMore {
			return segments
		}
	}
}

func (s *server) decode(t testing.TB, path string, into any) {
	t.Helper()
	req, err := http.NewRequest(http.MethodGet, s.base+path, nil)
	ok(t, err)
	req.Header.Set("Authorization", "Bearer "+s.first.key)
	resp, err := http.DefaultClient.Do(req)
	ok(t, err)
	defer resp.Body.Close()
	ok(t, json.NewDecoder(resp.Body).Decode(into))
}

// TestStreamCutAfterEveryEvent reads a live session over connections that
// break after every single segment, while it is being spoken, and afterwards
// in every other way: all of them give the same bytes.
func TestStreamCutAfterEveryEvent(t *testing.T) {
	s := start(t, t.TempDir())
	id := s.live(t)
	const total = 60
	got := make(chan []string)
	go func() {
		segments, err := s.readCut(id, 1)
		if err != nil {
			t.Error(err)
		}
		got <- segments
	}()
	for from := 0; from < total; from += 6 {
		s.say(t, id, from, 6)
	}
	s.call(t, "POST", "/v1/sessions/"+id+"/complete", nil, 200)
	live := <-got
	if status := s.ended(t, id); status != "completed" {
		t.Fatalf("the session is %s", status)
	}
	want := s.document(t, id)
	if len(want) != total || !slices.Equal(live, want) {
		t.Errorf("the live stream gave %d segments, the document has %d; equal: %v", len(live), len(want), slices.Equal(live, want))
	}
	for n := 1; n <= total+1; n++ {
		again, err := s.readCut(id, n)
		if err != nil || !slices.Equal(again, want) {
			t.Errorf("cut after every %d: %d segments, %v", n, len(again), err)
		}
		if polled := s.polled(t, id, n); !slices.Equal(polled, want) {
			t.Errorf("polled by %d: %d segments", n, len(polled))
		}
	}
}

func TestTwoHundredReaders(t *testing.T) {
	s := start(t, t.TempDir())
	id := s.live(t)
	var wg sync.WaitGroup
	for range 200 {
		wg.Go(func() {
			segments, err := s.readCut(id, 1000)
			if err != nil || len(segments) != 100 {
				t.Errorf("a reader got %d segments, %v", len(segments), err)
			}
		})
	}
	for from := 0; from < 100; from += 10 {
		s.say(t, id, from, 10)
	}
	s.call(t, "POST", "/v1/sessions/"+id+"/complete", nil, 200)
	wg.Wait()
}

// TestSlowReaderHarmsNobody has a reader that reads nothing while others and
// the writer go on.
func TestSlowReaderHarmsNobody(t *testing.T) {
	s := start(t, t.TempDir())
	id := s.live(t)
	slow, err := s.open(t.Context(), id, "")
	ok(t, err)
	defer slow.Close()
	for from := 0; from < 5000; from += 500 {
		s.say(t, id, from, 500)
	}
	s.call(t, "POST", "/v1/sessions/"+id+"/complete", nil, 200)
	segments, err := s.readCut(id, 10_000)
	if err != nil || len(segments) != 5000 {
		t.Errorf("the other reader got %d segments, %v", len(segments), err)
	}
}

// TestShutdownLetsReadersResume ends the server under a reader and starts
// another on the same data.
func TestShutdownLetsReadersResume(t *testing.T) {
	data := t.TempDir()
	s := start(t, data)
	id := s.live(t)
	s.say(t, id, 0, 3)
	st, err := s.open(t.Context(), id, "")
	ok(t, err)
	defer st.Close()
	for seen := 0; seen < 3; {
		e, err := st.next()
		ok(t, err)
		if e.name == "segment" {
			seen++
		}
	}
	ok(t, s.stop())
	if e, err := st.next(); err == nil {
		t.Errorf("after the shutdown the stream sent %v", e)
	}
	s = start(t, data)
	s.say(t, id, 3, 2)
	s.call(t, "POST", "/v1/sessions/"+id+"/complete", nil, 200)
	last, rest := "3", []string(nil)
	done, err := s.readSome(id, &last, &rest, 100)
	if err != nil || !done || len(rest) != 2 {
		t.Errorf("resumed: %d segments, done %v, %v", len(rest), done, err)
	}
}

func BenchmarkStreamFanOut(b *testing.B) {
	for _, readers := range []int{1, 10, 200} {
		b.Run(fmt.Sprintf("readers=%d", readers), func(b *testing.B) {
			s := start(b, b.TempDir())
			b.ResetTimer()
			for b.Loop() {
				id := s.live(b)
				var wg sync.WaitGroup
				for range readers {
					wg.Go(func() {
						if segments, err := s.readCut(id, 10_000); err != nil || len(segments) != 100 {
							b.Errorf("%d segments, %v", len(segments), err)
						}
					})
				}
				for from := 0; from < 100; from += 10 {
					s.say(b, id, from, 10)
				}
				s.call(b, "POST", "/v1/sessions/"+id+"/complete", nil, 200)
				wg.Wait()
			}
			b.ReportMetric(float64(100*readers), "events/op")
		})
	}
}
