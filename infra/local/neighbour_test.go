package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"griot/internal/api/hosttest"
)

// BenchmarkHeavyNeighbour measures how long a tenant's interview takes from its
// upload to completed, alone and beside twelve heavy files of another tenant
// that have come shortly before. Run it with -benchtime=1x.
func BenchmarkHeavyNeighbour(b *testing.B) {
	const megabytes = 6
	heavy, light := interviewOf(b, megabytes<<20), sample(b, "onboarding.md")
	for _, files := range []int{0, 12} {
		b.Run(fmt.Sprintf("files=%d", files), func(b *testing.B) {
			s, cmd := child(b, b.TempDir())
			quiet := hosttest.Host{Base: s.Base, Key: newTenant(b, s.data)}
			var sent []string
			for i := range files {
				sent = append(sent, s.Upload(b, heavy+strings.Repeat("!", i+1)))
			}
			var most, all time.Duration
			rounds := 0
			begun := time.Now()
			for b.Loop() {
				for range 5 {
					from := time.Now()
					id := quiet.Upload(b, light)
					await(b, func() bool { return quiet.Call(b, "GET", "/v1/sessions/"+id, nil, 200)["status"] == "completed" })
					took := time.Since(from)
					most, all, rounds = max(most, took), all+took, rounds+1
				}
			}
			under := 0
			for _, id := range sent {
				if s.Call(b, "GET", "/v1/sessions/"+id, nil, 200)["status"] != "completed" {
					under++
				}
			}
			b.ReportMetric(most.Seconds(), "s-most")
			b.ReportMetric(all.Seconds()/float64(rounds), "s-mean")
			b.ReportMetric(float64(under), "heavy-left")
			for _, id := range sent {
				for s.Call(b, "GET", "/v1/sessions/"+id, nil, 200)["status"] != "completed" {
					<-time.After(50 * time.Millisecond)
				}
			}
			b.ReportMetric(time.Since(begun).Seconds(), "s-all")
			b.ReportMetric(peakMB(b, cmd.Process.Pid), "MB-peak")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// newTenant makes a workspace and returns a key of it.
func newTenant(t testing.TB, data string) (key string) {
	t.Helper()
	for _, word := range strings.Fields(command(t, data, "workspaces", "create", "Quiet")) {
		if strings.HasPrefix(word, "ws_") {
			return pick(command(t, data, "keys", "create", "-workspace", word), "cmk_live_")
		}
	}
	t.Fatal("no workspace was made")
	return ""
}
