package capture_test

import (
	"encoding/json"
	"slices"
	"testing"

	"griot/internal/access"
	"griot/internal/errs"
	"griot/internal/session/lifecycle"
	"griot/internal/session/sessiontest"
)

func TestFeedPages(t *testing.T) {
	svc, p := sessiontest.New(t)
	id := sessiontest.Live(t, svc, p)
	for from := 0; from < 100; from += 7 {
		_, err := svc.Capture.Append(t.Context(), p, id, sessiontest.Batch("a", from, from+7), nil)
		sessiontest.OK(t, err)
	}
	for _, limit := range []int{1, 3, 7, 50, 1000} {
		var got []string
		after := int64(0)
		for more := true; more; {
			page, err := svc.Capture.Segments(t.Context(), p, id, after, limit)
			sessiontest.OK(t, err)
			for _, line := range page.Lines {
				got = append(got, string(line.JSON))
				after = line.Seq
			}
			more = page.HasMore
		}
		if want := documentSegments(t, svc, p, id); !slices.Equal(got, want) {
			t.Errorf("pages of %d differ from the document", limit)
		}
	}
}

// documentSegments returns the document's segments byte for byte.
func documentSegments(t testing.TB, svc *lifecycle.Service, p access.Principal, id string) (out []string) {
	t.Helper()
	_, body, err := svc.Capture.OpenDocument(t.Context(), p, id)
	sessiontest.OK(t, err)
	defer body.Close()
	var doc struct{ Segments []json.RawMessage }
	sessiontest.OK(t, json.NewDecoder(body).Decode(&doc))
	for _, seg := range doc.Segments {
		out = append(out, string(seg))
	}
	return out
}

func TestFeedOfAnotherTenant(t *testing.T) {
	svc, p := sessiontest.New(t)
	id := sessiontest.Live(t, svc, p)
	other := p
	other.Workspace = "ws_01ARZ3NDEKTSV4RRFFQ69G5FAV"
	calls := map[string]func() error{
		"get": func() error { _, err := svc.Sessions.Get(t.Context(), other, id); return err },
		"append": func() error {
			_, err := svc.Capture.Append(t.Context(), other, id, sessiontest.Batch("a", 0, 1), nil)
			return err
		},
		"cancel":   func() error { _, err := svc.Cancel(t.Context(), other, id, nil); return err },
		"complete": func() error { _, err := svc.Complete(t.Context(), other, id, nil); return err },
		"segments": func() error { _, err := svc.Capture.Segments(t.Context(), other, id, 0, 1); return err },
		"document": func() error { _, _, err := svc.Capture.OpenDocument(t.Context(), other, id); return err },
		"result":   func() error { _, err := svc.Results.OpenExtraction(t.Context(), other, id); return err },
		"delete":   func() error { _, err := svc.Delete(t.Context(), other, id); return err },
	}
	for name, call := range calls {
		if err := call(); !errs.Is(err, errs.NotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
