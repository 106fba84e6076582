package hosttest

import (
	"slices"
	"sync"
	"testing"
)

// Follow runs the tests of live streams against a host that has workers.
// readers is how many follow one session at once.
func Follow(t *testing.T, h Host, readers int) {
	t.Run("cut after every event", func(t *testing.T) { cutEverywhere(t, h) })
	t.Run("many readers", func(t *testing.T) { manyReaders(t, h, readers) })
	t.Run("a slow reader harms nobody", func(t *testing.T) { slowReader(t, h) })
}

// cutEverywhere reads a live session over connections that break after every
// single segment, while it is being spoken, and afterwards in every other
// way: all of them give the same bytes.
func cutEverywhere(t *testing.T, h Host) {
	id := h.Live(t)
	const total = 60
	got := make(chan []string)
	go func() {
		segments, err := h.ReadCut(id, 1)
		if err != nil {
			t.Error(err)
		}
		got <- segments
	}()
	for from := 0; from < total; from += 6 {
		h.Say(t, id, from, 6)
	}
	h.Call(t, "POST", "/v1/sessions/"+id+"/complete", nil, 200)
	live := <-got
	if status := h.Ended(t, id); status != "completed" {
		t.Fatalf("the session is %s", status)
	}
	want := h.Document(t, id)
	if len(want) != total || !slices.Equal(live, want) {
		t.Errorf("the live stream gave %d segments, the document has %d; equal: %v", len(live), len(want), slices.Equal(live, want))
	}
	for n := 1; n <= total+1; n++ {
		again, err := h.ReadCut(id, n)
		if err != nil || !slices.Equal(again, want) {
			t.Errorf("cut after every %d: %d segments, %v", n, len(again), err)
		}
		if polled := h.Polled(t, id, n); !slices.Equal(polled, want) {
			t.Errorf("polled by %d: %d segments", n, len(polled))
		}
	}
}

func manyReaders(t *testing.T, h Host, readers int) {
	id := h.Live(t)
	var wg sync.WaitGroup
	for range readers {
		wg.Go(func() {
			segments, err := h.ReadCut(id, 1000)
			if err != nil || len(segments) != 100 {
				t.Errorf("a reader got %d segments, %v", len(segments), err)
			}
		})
	}
	for from := 0; from < 100; from += 10 {
		h.Say(t, id, from, 10)
	}
	h.Call(t, "POST", "/v1/sessions/"+id+"/complete", nil, 200)
	wg.Wait()
}

// slowReader has a reader that reads nothing while others and the writer go
// on.
func slowReader(t *testing.T, h Host) {
	id := h.Live(t)
	slow, err := h.Open(t.Context(), id, "")
	ok(t, err)
	defer slow.Close()
	for from := 0; from < 5000; from += 500 {
		h.Say(t, id, from, 500)
	}
	h.Call(t, "POST", "/v1/sessions/"+id+"/complete", nil, 200)
	segments, err := h.ReadCut(id, 10_000)
	if err != nil || len(segments) != 5000 {
		t.Errorf("the other reader got %d segments, %v", len(segments), err)
	}
}
