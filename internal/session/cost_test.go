package session_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"griot/internal/access"
	"griot/internal/extraction"
	"griot/internal/session"
	"griot/internal/table"
)

var update = flag.Bool("update", false, "write what was measured into the documentation")

const (
	costFile  = "../docs/performance.md"
	costBegin = "<!-- costs of sessions -->\n"
	costEnd   = "<!-- end -->"
)

// TestCosts holds the documented cost of every operation against what the
// embedded driver counts by DynamoDB's rules.
func TestCosts(t *testing.T) {
	got := costTable(t)
	doc, err := os.ReadFile(costFile)
	ok(t, err)
	before, rest, found := strings.Cut(string(doc), costBegin)
	want, after, found2 := strings.Cut(rest, costEnd)
	if !found || !found2 {
		t.Fatalf("%s has no place for the costs", costFile)
	}
	if *update {
		ok(t, os.WriteFile(costFile, []byte(before+costBegin+got+costEnd+after), 0o600))
		return
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("documented (-) and measured (+) costs differ; -update writes them:\n%s", diff)
	}
}

// meter runs operations and notes what each of them cost.
type meter struct {
	t   *testing.T
	out bytes.Buffer
}

func (m *meter) run(name string, do func(ctx context.Context) error) {
	m.t.Helper()
	var u table.Usage
	ok(m.t, do(table.WithUsage(m.t.Context(), &u)))
	n := u.Totals()
	fmt.Fprintf(&m.out, "| %s | %d | %.1f | %d | %.0f |\n", name, n.Reads, n.ReadUnits, n.Writes, n.WriteUnits)
}

func costTable(t *testing.T) string {
	svc, p := newService(t)
	// Two ids of one millisecond cost a write more: let there be none.
	now := time.Now()
	svc.Now = func() time.Time { now = now.Add(10 * time.Millisecond); return now }
	m := &meter{t: t}
	m.out.WriteString("| operation | reads | read units | writes | write units |\n|---|---|---|---|---|\n")
	var id string
	m.run("create a live session", func(ctx context.Context) error {
		s, err := svc.Create(ctx, p, session.CreateInput{
			Template: "open_exploration", Title: "Talk", IntervieweeEmail: "ann@acme.com",
		}, nil)
		id = s.ID
		return err
	})
	m.run("append one segment", appending(svc, p, id, 0, 1))
	m.run("append 50 segments", appending(svc, p, id, 64, 114))
	m.run("append one segment that is known", appending(svc, p, id, 0, 1))
	m.run("get a session", func(ctx context.Context) error { _, err := svc.Get(ctx, p, id); return err })
	m.run("one poll of a stream", func(ctx context.Context) error {
		_, err := svc.State(ctx, p, id, table.Eventual)
		return err
	})
	m.run("a page of 51 segments", func(ctx context.Context) error {
		_, err := svc.Segments(ctx, p, id, 0, 200)
		return err
	})
	m.run("complete the capture", func(ctx context.Context) error {
		_, err := svc.Complete(ctx, p, id, nil)
		return err
	})
	m.run("store the result of extraction", func(ctx context.Context) error {
		s, segs, _, err := svc.Captive(ctx, p.Workspace, id)
		if err != nil {
			return err
		}
		return svc.Finish(ctx, s, extraction.Cite(extraction.Source{SessionID: id}, extraction.ExtractorVersion{}, segs, extraction.Findings{}))
	})
	m.run("the finished document", func(ctx context.Context) error {
		_, body, err := svc.OpenDocument(ctx, p, id)
		if err != nil {
			return err
		}
		defer body.Close()
		_, err = io.Copy(io.Discard, body)
		return err
	})
	for range 50 {
		newLive(t, svc, p)
	}
	m.run("list 50 sessions", func(ctx context.Context) error {
		_, err := svc.List(ctx, p, session.ListInput{Limit: 50})
		return err
	})
	m.run("cancel", func(ctx context.Context) error {
		_, err := svc.Cancel(ctx, p, newLive(t, svc, p), nil)
		return err
	})
	size := int64(80_000)
	var up session.Upload
	m.run("create an upload", func(ctx context.Context) (err error) {
		up, err = svc.CreateUpload(ctx, p, session.UploadInput{SizeBytes: &size}, nil)
		return err
	})
	m.run("create a session for it", func(ctx context.Context) error {
		_, err := svc.Create(ctx, p, session.CreateInput{Template: "open_exploration", Title: "File", UploadURL: up.Request.URL}, nil)
		return err
	})
	m.run("delete a session", func(ctx context.Context) error { _, err := svc.Delete(ctx, p, id); return err })
	m.run("remove what it had", func(ctx context.Context) error { return svc.Purge(ctx, p.Workspace, id) })
	return m.out.String()
}

func appending(svc *session.Service, p access.Principal, id string, from, to int) func(context.Context) error {
	return func(ctx context.Context) error {
		_, err := svc.Append(ctx, p, id, batch("a", from, to), nil)
		return err
	}
}
