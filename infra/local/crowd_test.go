package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// BenchmarkSilentReaders measures what readers of a session in which nobody
// speaks cost the server. Run it with -benchtime=1x; it takes half a minute.
func BenchmarkSilentReaders(b *testing.B) {
	const readers, silence = 300, 30 * time.Second
	for b.Loop() {
		s, cmd := child(b, b.TempDir())
		id := s.Live(b)
		s.Say(b, id, 0, 1)
		for range readers {
			st, err := s.Open(b.Context(), id, "")
			ok(b, err)
			b.Cleanup(func() { st.Close() })
			for e, err := st.Next(); e.Name != "segment"; e, err = st.Next() {
				ok(b, err)
			}
		}
		before := processorSeconds(b, cmd.Process.Pid)
		<-time.After(silence)
		used := processorSeconds(b, cmd.Process.Pid) - before
		b.ReportMetric(used/readers*float64(time.Hour/silence), "CPU-s/reader-hour")
	}
	b.ReportMetric(0, "ns/op")
}

// processorSeconds is what a process has used of the processors, as Linux
// counts it: in hundredths of a second.
func processorSeconds(b *testing.B, pid int) (seconds float64) {
	b.Helper()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		b.Skip("no /proc here")
	}
	_, rest, _ := strings.Cut(string(stat), ") ")
	for _, field := range strings.Fields(rest)[11:13] {
		ticks, err := strconv.ParseFloat(field, 64)
		ok(b, err)
		seconds += ticks / 100
	}
	return seconds
}

// BenchmarkWriters measures appends of eight writers to one live session, each
// with a source of its own and one segment at a time. Run it with
// -benchtime=2000x.
func BenchmarkWriters(b *testing.B) {
	const writers = 8
	s, _ := child(b, b.TempDir())
	id := s.Live(b)
	var mu sync.Mutex
	var took []time.Duration
	refused, left := 0, make(chan int, b.N)
	for i := range b.N {
		left <- i
	}
	close(left)
	b.ResetTimer()
	var all sync.WaitGroup
	for writer := range writers {
		all.Go(func() {
			for i := range left {
				begun := time.Now()
				status := s.says(b.Context(), id, fmt.Sprint("writer ", writer), i)
				mu.Lock()
				took = append(took, time.Since(begun))
				if status != http.StatusOK {
					refused++
				}
				mu.Unlock()
			}
		})
	}
	all.Wait()
	slices.Sort(took)
	for name, share := range map[string]int{"p50-ms": 50, "p99-ms": 99, "max-ms": 100} {
		at := min(len(took)-1, len(took)*share/100)
		b.ReportMetric(float64(took[at].Microseconds())/1000, name)
	}
	b.ReportMetric(float64(refused), "refused")
}

// says appends one segment of a source and returns the status, or 0.
func (s *server) says(ctx context.Context, id, source string, seq int) int {
	body := fmt.Sprintf(`{"source":%q,"segments":[{"client_seq":%d,"text":"Number %d."}]}`, source, seq, seq)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.Base+"/v1/sessions/"+id+"/segments", strings.NewReader(body))
	if err != nil {
		return 0
	}
	req.Header.Set("Authorization", "Bearer "+s.env.First.Key)
	resp, err := growing.Do(req)
	if err != nil {
		return 0
	}
	defer resp.Body.Close()
	return resp.StatusCode
}
