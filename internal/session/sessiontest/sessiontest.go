// Package sessiontest has the services of sessions upon embedded drivers, and
// what tests say in sessions.
package sessiontest

import (
	"fmt"
	"testing"
	"time"

	"griot/internal/access"
	"griot/internal/session"
	"griot/internal/session/capture"
	"griot/internal/session/lifecycle"
	"griot/internal/system/systemtest"
	"griot/internal/table"
	"griot/internal/table/tabletest"
	"griot/internal/transcript"
)

// New returns the services, on a table that refuses what overlaps, and who may
// do all in a workspace with one project.
func New(t testing.TB) (*lifecycle.Service, access.Principal) {
	t.Helper()
	e, _ := systemtest.Embed(t, "http://127.0.0.1:3000", time.Now)
	store := tabletest.NewContended(e.Table, 0)
	projects := &access.Directory{Table: store, Now: time.Now}
	ws, _, err := projects.CreateWorkspace(t.Context(), "Acme")
	OK(t, err)
	sessions := &session.Store{Table: store, Blobs: e.Blobs, Jobs: e.Queues, Now: time.Now}
	return lifecycle.New(sessions, lifecycle.Options{Projects: projects}),
		access.Principal{Workspace: ws.ID, KeyID: "k", Scopes: []access.Scope{access.All}}
}

// Twin returns the same services over records of their own, as another process
// has them: what is done to the fields of one is not done to the other's.
func Twin(svc *lifecycle.Service) *lifecycle.Service {
	sessions := *svc.Sessions
	return lifecycle.New(&sessions, svc.Options)
}

// OK ends the test where there is an error.
func OK(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// LiveInput is that of a live session.
var LiveInput = session.CreateInput{Template: "open_exploration", Title: "Talk", IntervieweeEmail: "ann@acme.com"}

// Live creates a live session and returns its id.
func Live(t testing.TB, svc *lifecycle.Service, p access.Principal) string {
	t.Helper()
	s, err := svc.Create(t.Context(), p, LiveInput, nil)
	OK(t, err)
	return s.ID
}

// Batch is what a source says with the client_seq from ≤ i < to.
func Batch(source string, from, to int) capture.AppendInput {
	in := capture.AppendInput{Source: source}
	for i := from; i < to; i++ {
		in.Segments = append(in.Segments, Incoming(source, i))
	}
	return in
}

// Incoming is what a source says with client_seq i.
func Incoming(source string, i int) capture.Incoming {
	return capture.Incoming{ClientSeq: int64(i), Turn: transcript.Turn{Speaker: source, Text: fmt.Sprintf("%s says %d, <b>&é.", source, i)}}
}

// Rows returns the rows of a session whose sort keys have a prefix.
func Rows(t testing.TB, svc *lifecycle.Service, p access.Principal, id, prefix string) []table.Item {
	t.Helper()
	rows, err := table.ReadAll(t.Context(), svc.Sessions.Table, table.Query{
		Table: table.Sessions, PK: p.Workspace + "#" + id, Prefix: prefix, Consistency: table.Consistent,
	})
	OK(t, err)
	return rows
}
