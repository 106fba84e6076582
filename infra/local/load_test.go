package main

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"griot/internal/api/hosttest"
)

// interviewOf returns a Markdown transcript of at least n bytes.
func interviewOf(t testing.TB, n int) string {
	t.Helper()
	one := sample(t, "onboarding.md")
	return strings.Repeat(one+"\n\n", n/len(one)+1)
}

func TestHundredInterviewsAtOnce(t *testing.T) {
	many := 100
	if testing.Short() {
		many = 12 // more than there are workers: to race they need not be more
	}
	s := start(t, t.TempDir())
	content := interviewOf(t, 80<<10)
	sendInterviews(t, s, many, content)
	if n := s.completed(t); n != many {
		t.Errorf("%d interviews are completed", n)
	}
}

// sendInterviews sends n interviews at once and waits until none is under
// way. On a busy machine they take minutes: it waits for each of them as long
// as for one.
func sendInterviews(t testing.TB, s *server, n int, content string) {
	t.Helper()
	before := s.completed(t)
	var wg sync.WaitGroup
	for range n {
		wg.Go(func() { s.Upload(t, content) })
	}
	wg.Wait()
	for i := range n {
		hosttest.Await(t, func() bool { return s.completed(t) > before+i })
	}
}

// completed counts the completed sessions among the last 200.
func (s *server) completed(t testing.TB) int {
	t.Helper()
	return len(s.Call(t, "GET", "/v1/sessions?limit=200&status=completed", nil, 200)["data"].([]any))
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
				sendInterviews(b, s, n, content)
				b.ReportMetric(time.Since(begun).Seconds(), "s")
			}
			b.ReportMetric(peakMB(b, cmd.Process.Pid), "MB-peak")
		})
	}
}

// peakMB is the most memory that a process had, as Linux counts it.
func peakMB(b *testing.B, pid int) float64 { return statusMB(b, pid, "VmHWM:") }

// ownMB is what it has now beside pages of files, which Linux takes back when
// it needs them: the database is read as such pages.
func ownMB(b *testing.B, pid int) float64 { return statusMB(b, pid, "RssAnon:") }

// filedMB is what it has of those.
func filedMB(b *testing.B, pid int) float64 { return statusMB(b, pid, "RssFile:") }

func statusMB(b *testing.B, pid int, field string) float64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		b.Skip("no /proc here")
	}
	var kb float64
	_, rest, _ := strings.Cut(string(status), field)
	if _, err := fmt.Sscan(rest, &kb); err != nil {
		b.Fatal(err)
	}
	return kb / 1000
}
