package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"runtime/metrics"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// cpu is what the runtime counts of a process's processors, in seconds.
type cpu struct{ Total, Idle, Collector float64 }

// tellUsage writes the process's usage to a file, again and again: a child
// does so for whoever measures it.
func tellUsage(file string) {
	samples := []metrics.Sample{
		{Name: "/cpu/classes/total:cpu-seconds"}, {Name: "/cpu/classes/idle:cpu-seconds"}, {Name: "/cpu/classes/gc/total:cpu-seconds"},
	}
	for range time.Tick(100 * time.Millisecond) {
		metrics.Read(samples)
		data, err := json.Marshal(cpu{samples[0].Value.Float64(), samples[1].Value.Float64(), samples[2].Value.Float64()})
		if err == nil && os.WriteFile(file+".new", data, 0o600) == nil {
			_ = os.Rename(file+".new", file) // the next one will
		}
	}
}

func readUsage(b *testing.B, file string) (u cpu) {
	b.Helper()
	data, err := os.ReadFile(file)
	ok(b, err)
	ok(b, json.Unmarshal(data, &u))
	return u
}

// share returns the collector's share of the processors' work since before.
func (u cpu) share(before cpu) float64 {
	return (u.Collector - before.Collector) / (u.Total - u.Idle - before.Total + before.Idle)
}

// BenchmarkGrowth writes memories through the API into one server of its own,
// searching meanwhile, and measures it as it grows: its memory, the
// collector's share of its work, and the medians of a create and of a search
// among eight clients. Run it with -benchtime=1x; it takes minutes.
func BenchmarkGrowth(b *testing.B) {
	file := filepath.Join(b.TempDir(), "usage")
	b.Setenv("GRIOT_CHILD_USAGE", file)
	for b.Loop() {
		s, cmd := child(b, b.TempDir())
		written := 0
		for _, stage := range []int{10_000, 40_000, 100_000} {
			s.grow(b, &written, stage-2_000)
			begun, before := time.Now(), readUsage(b, file)
			creates, searches := s.grow(b, &written, stage)
			took, after := time.Since(begun), readUsage(b, file)
			name := fmt.Sprintf("%dk-", stage/1000)
			b.ReportMetric(ownMB(b, cmd.Process.Pid), name+"own-MB")
			b.ReportMetric(filedMB(b, cmd.Process.Pid), name+"of-file-MB")
			b.ReportMetric(100*after.share(before), name+"gc-%")
			b.ReportMetric(median(creates), name+"create-ms")
			b.ReportMetric(median(searches), name+"search-ms")
			b.ReportMetric(float64(len(creates))/took.Seconds(), name+"creates/s")
		}
	}
	b.ReportMetric(0, "ns/op")
}

// grow creates memories until there are so many, with a search for every
// fourth, and returns how long each took.
func (s *server) grow(b *testing.B, written *int, until int) (creates, searches []time.Duration) {
	b.Helper()
	const clients = 8
	var mu sync.Mutex
	var all sync.WaitGroup
	for client := range clients {
		from, to := *written+(until-*written)*client/clients, *written+(until-*written)*(client+1)/clients
		all.Go(func() {
			r := rand.New(rand.NewPCG(uint64(from), 1))
			for n := from; n < to; n++ {
				created := s.timed(b, "/api/memories", map[string]any{
					"conversationId": "NEW", "content": sentence(r, 40), "topics": []string{fmt.Sprint("topic ", n%50)},
				}, http.StatusCreated)
				var searched []time.Duration
				if n%4 == 0 {
					searched = append(searched, s.timed(b, "/api/conversations/search", map[string]any{"query": sentence(r, 4)}, http.StatusOK))
				}
				mu.Lock()
				creates, searches = append(creates, created), append(searches, searched...)
				mu.Unlock()
			}
		})
	}
	all.Wait()
	*written = until
	return creates, searches
}

// sentence is of words as frequent as in speech: the n-th comes 1/n as often
// as the first.
func sentence(r *rand.Rand, words int) string {
	zipf := rand.NewZipf(r, 1.1, 4, 20_000)
	var out strings.Builder
	for range words {
		fmt.Fprintf(&out, "word%d ", zipf.Uint64())
	}
	return out.String()
}

// timed sends a POST and returns how long its answer took.
func (s *server) timed(b *testing.B, path string, body any, status int) time.Duration {
	data, err := json.Marshal(body)
	if err != nil {
		b.Error(err)
		return 0
	}
	req, err := http.NewRequest(http.MethodPost, s.Base+path, strings.NewReader(string(data)))
	if err != nil {
		b.Error(err)
		return 0
	}
	req.Header.Set("Authorization", "Bearer "+s.env.First.Key)
	begun := time.Now()
	resp, err := growing.Do(req)
	if err != nil {
		b.Error(err)
		return 0
	}
	defer resp.Body.Close()
	var answer any
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil || resp.StatusCode != status {
		b.Errorf("%s: %s, %v", path, resp.Status, err)
	}
	return time.Since(begun)
}

// growing keeps the connections of all clients.
var growing = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 16}}

func median(times []time.Duration) (ms float64) {
	slices.Sort(times)
	return float64(times[len(times)/2].Microseconds()) / 1000
}
