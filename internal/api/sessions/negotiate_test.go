package sessions

import (
	"net/http/httptest"
	"slices"
	"testing"

	"griot/internal/api"
	"griot/internal/errs"
	"griot/internal/session"
)

func parse(t testing.TB, raw string) api.Query {
	t.Helper()
	r := httptest.NewRequest("GET", "/", nil)
	r.URL.RawQuery = raw
	q, err := api.ParseQuery(r)
	if err != nil {
		t.Skip(err)
	}
	return q
}

// outcome is what a choice looks like in the tables: a format, or the status
// of an error.
func outcome(f format, err error) string {
	switch {
	case errs.Is(err, errs.Malformed):
		return "400"
	case errs.Is(err, errs.Conflict):
		return "409"
	case err != nil:
		return err.Error()
	}
	return string(f)
}

const axios = "application/json, text/plain, */*"

// Columns: scheduled, in_progress, processing, completed, failed, cancelled.
func TestNegotiate(t *testing.T) {
	for _, c := range []struct {
		query, accept string
		want          [6]string
	}{
		// by state
		{"", "", [6]string{"409", "sse", "sse", "json", "json", "json"}},
		{"", "*/*", [6]string{"409", "sse", "sse", "json", "json", "json"}},
		{"", "text/html, */*;q=0.8", [6]string{"409", "sse", "sse", "json", "json", "json"}},
		{"", "image/png", [6]string{"409", "sse", "sse", "json", "json", "json"}},
		{"", "text/*", [6]string{"409", "sse", "sse", "json", "json", "json"}},
		{"after=3", "", [6]string{"409", "sse", "sse", "json", "json", "json"}},
		// by format
		{"format=json", "", [6]string{"409", "json", "json", "json", "json", "json"}},
		{"format=sse", "", [6]string{"409", "sse", "sse", "sse", "sse", "sse"}},
		{"format=vtt", "", [6]string{"409", "409", "409", "vtt", "vtt", "vtt"}},
		{"format=srt", "", [6]string{"409", "409", "409", "srt", "srt", "srt"}},
		{"format=text", "", [6]string{"409", "409", "409", "text", "text", "text"}},
		{"format=markdown", "", [6]string{"409", "409", "409", "markdown", "markdown", "markdown"}},
		{"format=xml", "", [6]string{"400", "400", "400", "400", "400", "400"}},
		{"format=", "", [6]string{"400", "400", "400", "400", "400", "400"}},
		{"format=JSON", "", [6]string{"400", "400", "400", "400", "400", "400"}},
		// format wins over Accept
		{"format=json", "text/event-stream", [6]string{"409", "json", "json", "json", "json", "json"}},
		{"format=sse", "application/json", [6]string{"409", "sse", "sse", "sse", "sse", "sse"}},
		{"format=vtt", axios, [6]string{"409", "409", "409", "vtt", "vtt", "vtt"}},
		{"format=xml", axios, [6]string{"400", "400", "400", "400", "400", "400"}},
		// by Accept
		{"", "text/event-stream", [6]string{"409", "sse", "sse", "sse", "sse", "sse"}},
		{"", "Text/Event-Stream; charset=utf-8", [6]string{"409", "sse", "sse", "sse", "sse", "sse"}},
		{"", "text/event-stream, */*", [6]string{"409", "sse", "sse", "sse", "sse", "sse"}},
		{"", "application/json", [6]string{"409", "json", "json", "json", "json", "json"}},
		{"", axios, [6]string{"409", "json", "json", "json", "json", "json"}},
		{"", "text/plain, application/json;q=0.1", [6]string{"409", "json", "json", "json", "json", "json"}},
		{"", "application/json;q=0", [6]string{"409", "sse", "sse", "json", "json", "json"}},
		{"", "application/json, text/event-stream", [6]string{"409", "json", "json", "json", "json", "json"}},
		{"", "text/event-stream, application/json;q=0.5", [6]string{"409", "sse", "sse", "sse", "sse", "sse"}},
		{"", "text/event-stream;q=0.5, application/json", [6]string{"409", "json", "json", "json", "json", "json"}},
		{"", "text/vtt", [6]string{"409", "409", "409", "vtt", "vtt", "vtt"}},
		{"", "application/x-subrip", [6]string{"409", "409", "409", "srt", "srt", "srt"}},
		{"", "text/plain", [6]string{"409", "409", "409", "text", "text", "text"}},
		{"", "text/markdown, text/plain", [6]string{"409", "409", "409", "markdown", "markdown", "markdown"}},
		{"", "text/markdown;q=0.5, text/plain", [6]string{"409", "409", "409", "text", "text", "text"}},
		{"", "text/vtt, */*", [6]string{"409", "sse", "sse", "vtt", "vtt", "vtt"}},
		{"", "text/vtt;q=0", [6]string{"409", "sse", "sse", "json", "json", "json"}},
	} {
		for i, status := range session.Statuses {
			f, err := negotiate(parse(t, c.query), []string{c.accept}, status)
			if got := outcome(f, err); got != c.want[i] {
				t.Errorf("?%s, Accept: %s, %s: %s, want %s", c.query, c.accept, status, got, c.want[i])
			}
		}
	}
}

func TestNegotiateReadsAllHeaders(t *testing.T) {
	f, err := negotiate(parse(t, ""), []string{"text/html", "application/json"}, session.InProgress)
	if got := outcome(f, err); got != "json" {
		t.Error(got)
	}
}

// Whatever the client sends, it gets a known form that its session can have,
// or one of two errors.
func FuzzNegotiate(f *testing.F) {
	for i, seed := range []string{axios, "text/vtt;q=.5,,;=", "text/event-stream;q=NaN", "*/*;q=1e400"} {
		f.Add("", seed, i)
		f.Add("format=srt", seed, i)
	}
	f.Fuzz(func(t *testing.T, query, accept string, n int) {
		status := session.Statuses[uint(n)%6]
		got, err := negotiate(parse(t, query), []string{accept}, status)
		switch o := outcome(got, err); {
		case o == "400" || o == "409":
		case !slices.Contains(formats, got):
			t.Errorf("%s", o)
		case got.export() && !status.Terminal(), status == session.Scheduled:
			t.Errorf("%s of a session that is %s", got, status)
		}
	})
}
