package session_test

import (
	"slices"
	"testing"

	"griot/internal/errs"
	"griot/internal/session"
	"griot/internal/session/sessiontest"
)

func TestListPages(t *testing.T) {
	svc, p := sessiontest.New(t)
	var want []string
	for range 23 {
		want = append(want, sessiontest.Live(t, svc, p))
	}
	slices.Reverse(want)
	var got []string
	in := session.ListInput{Limit: 5}
	for {
		page, err := svc.Sessions.List(t.Context(), p, in)
		sessiontest.OK(t, err)
		for _, s := range page.Sessions {
			got = append(got, s.ID)
		}
		if in.Cursor = page.NextCursor; in.Cursor == "" {
			break
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("listed %d sessions in another order than created", len(got))
	}
	page, err := svc.Sessions.List(t.Context(), p, session.ListInput{Limit: 5, Status: "completed"})
	if err != nil || len(page.Sessions) != 0 || page.NextCursor == "" {
		t.Errorf("a filtered page = %+v, %v; want it empty with a cursor", page, err)
	}
	other := p
	other.Workspace = "ws_01ARZ3NDEKTSV4RRFFQ69G5FAV"
	if _, err := svc.Sessions.List(t.Context(), other, session.ListInput{Limit: 5, Cursor: page.NextCursor}); !errs.Is(err, errs.Malformed) {
		t.Errorf("the cursor of another workspace: %v", err)
	}
}
