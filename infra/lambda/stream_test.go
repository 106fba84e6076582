package main

import (
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// TestThousandReconnects reads live sessions over a thousand connections that
// break at random: nothing is lost and nothing comes twice. Fifty a session:
// a function does not notice that its reader has left, and runs until its
// session is over.
func TestThousandReconnects(t *testing.T) {
	s := start(t)
	for range 20 {
		reconnect(t, s, 50)
	}
}

func reconnect(t *testing.T, s *server, times int) {
	id := s.Live(t)
	total := 5 * times
	spoken := make(chan struct{})
	go func() {
		defer close(spoken)
		for from := 0; from < total; from += 5 {
			s.Say(t, id, from, 5)
		}
	}()
	var got []string
	last := ""
	for range times {
		if _, err := s.ReadSome(id, &last, &got, 1+rand.IntN(4)); err != nil {
			t.Fatal(err)
		}
	}
	<-spoken
	s.Call(t, "POST", "/v1/sessions/"+id+"/complete", nil, 200)
	for done := false; !done; {
		var err error
		if done, err = s.ReadSome(id, &last, &got, total); err != nil {
			t.Fatal(err)
		}
	}
	if status := s.Ended(t, id); status != "completed" {
		t.Fatalf("the session is %s", status)
	}
	if want := s.Document(t, id); len(want) != total || !slices.Equal(got, want) {
		t.Errorf("%d segments over %d connections, the document has %d of %d", len(got), times, len(want), total)
	}
}

// BenchmarkLag measures how long a segment takes from the answer to its append
// (durable) and from the request for it (said) until a client has it. Run it
// with -benchtime=300x.
func BenchmarkLag(b *testing.B) {
	s := start(b)
	id := s.Live(b)
	st, err := s.Open(b.Context(), id, "")
	ok(b, err)
	defer st.Close()
	var durable, said []time.Duration
	for b.Loop() {
		time.Sleep(rand.N(250 * time.Millisecond)) // meets the poll at any of its moments
		n := len(said)
		arrived := make(chan time.Time, 1)
		go func() {
			for {
				e, err := st.Next()
				if err != nil {
					b.Error(err)
				}
				if err != nil || e.Name == "segment" {
					arrived <- time.Now()
					return
				}
			}
		}()
		begun := time.Now()
		s.Say(b, id, n, 1)
		answered := time.Now()
		at := <-arrived
		durable = append(durable, max(0, at.Sub(answered)))
		said = append(said, at.Sub(begun))
	}
	for name, lags := range map[string][]time.Duration{"durable": durable, "said": said} {
		slices.Sort(lags)
		b.ReportMetric(float64(lags[len(lags)/2].Milliseconds()), name+"-p50-ms")
		b.ReportMetric(float64(lags[len(lags)*99/100].Milliseconds()), name+"-p99-ms")
	}
	b.ReportMetric(0, "ns/op")
}

// A stream whose process is killed breaks; it does not end.
func TestKilledStreamBreaks(t *testing.T) {
	s := start(t)
	id := s.Live(t)
	s.Say(t, id, 0, 3)
	st, err := s.Open(t.Context(), id, "")
	ok(t, err)
	defer st.Close()
	for seen := 0; seen < 3; {
		e, err := st.Next()
		ok(t, err)
		if e.Name == "segment" {
			seen++
		}
	}
	s.killBusy(t, "sessions-transcript") // those of readers who have left, too
	if e, err := st.Next(); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("after the kill: %v, %v", e, err)
	}
	last, rest := "3", []string(nil)
	s.Say(t, id, 3, 1)
	s.Call(t, "POST", "/v1/sessions/"+id+"/complete", nil, 200)
	done, err := s.ReadSome(id, &last, &rest, 10)
	if err != nil || !done || len(rest) != 1 || !json.Valid([]byte(rest[0])) {
		t.Errorf("resumed: %v, done %v, %v", rest, done, err)
	}
}
