package main

import (
	"fmt"
	"sync"
	"testing"

	"griot/internal/api/hosttest"
)

// TestFollow has two hundred readers and cut, slow and resumed streams.
func TestFollow(t *testing.T) { hosttest.Follow(t, start(t, t.TempDir()).Host, 200) }

// TestShutdownLetsReadersResume ends the server under a reader and starts
// another on the same data.
func TestShutdownLetsReadersResume(t *testing.T) {
	data := t.TempDir()
	s := start(t, data)
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
	ok(t, s.stop())
	if e, err := st.Next(); err == nil {
		t.Errorf("after the shutdown the stream sent %v", e)
	}
	s = start(t, data)
	s.Say(t, id, 3, 2)
	s.Call(t, "POST", "/v1/sessions/"+id+"/complete", nil, 200)
	last, rest := "3", []string(nil)
	done, err := s.ReadSome(id, &last, &rest, 100)
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
				id := s.Live(b)
				var wg sync.WaitGroup
				for range readers {
					wg.Go(func() {
						if segments, err := s.ReadCut(id, 10_000); err != nil || len(segments) != 100 {
							b.Errorf("%d segments, %v", len(segments), err)
						}
					})
				}
				for from := 0; from < 100; from += 10 {
					s.Say(b, id, from, 10)
				}
				s.Call(b, "POST", "/v1/sessions/"+id+"/complete", nil, 200)
				wg.Wait()
			}
			b.ReportMetric(float64(100*readers), "events/op")
		})
	}
}
