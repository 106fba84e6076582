package main

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

// interviewOf returns a Markdown transcript of at least n bytes.
func interviewOf(t testing.TB, n int) string {
	t.Helper()
	one := sample(t, "onboarding.md")
	return strings.Repeat(one+"\n\n", n/len(one)+1)
}

func TestHundredInterviewsAtOnce(t *testing.T) {
	s := start(t, t.TempDir())
	content := interviewOf(t, 80<<10)
	var wg sync.WaitGroup
	for range 100 {
		wg.Go(func() {
			if status := s.Ended(t, s.Upload(t, content)); status != "completed" {
				t.Errorf("an interview is %s", status)
			}
		})
	}
	wg.Wait()
}

// BenchmarkInterview measures one interview of 80 KB from its upload to
// completed, and what a hundred at once need of time and memory. Run it with
// -benchtime=1x.
func BenchmarkInterview(b *testing.B) {
	content := interviewOf(b, 80<<10)
	for _, n := range []int{1, 100} {
		b.Run(fmt.Sprintf("at once=%d", n), func(b *testing.B) {
			s, cmd := child(b, b.TempDir())
			for b.Loop() {
				begun := time.Now()
				var wg sync.WaitGroup
				for range n {
					wg.Go(func() { s.Ended(b, s.Upload(b, content)) })
				}
				wg.Wait()
				b.ReportMetric(time.Since(begun).Seconds(), "s")
			}
			b.ReportMetric(peakMB(b, cmd.Process.Pid), "MB-peak")
		})
	}
}

// peakMB is the most memory that a process had, as Linux counts it.
func peakMB(b *testing.B, pid int) float64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		b.Skip("no /proc here")
	}
	var kb float64
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	if _, err := fmt.Sscan(rest, &kb); err != nil {
		b.Fatal(err)
	}
	return kb / 1000
}
