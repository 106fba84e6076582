package sessions

import (
	"context"
	"net/http"
	"reflect"

	"griot/internal/access"
	"griot/internal/api"
	"griot/internal/limit"
	"griot/internal/record"
	"griot/internal/session/capture"
	"griot/internal/table"
)

// Transcript is GET /v1/sessions/{id}/transcript: a document, an export or a
// stream.
func Transcript(svc *capture.Service, streams Streams) api.Endpoint {
	streams = streams.withDefaults()
	return api.Endpoint{
		Name: "sessions-transcript", Method: http.MethodGet, Path: "/v1/sessions/{id}/transcript", Stream: true, Needs: access.SessionsRead,
		ClassOf: classOf, Answer: reflect.TypeFor[capture.Document](),
		Serve: func(w http.ResponseWriter, r *http.Request, p access.Principal) error {
			q, err := api.ParseQuery(r)
			if err != nil {
				return err
			}
			st, err := svc.State(r.Context(), p, r.PathValue("id"), table.Consistent)
			if err != nil {
				return err
			}
			f, err := negotiate(q, r.Header.Values("Accept"), st.Status)
			if err != nil {
				return err
			}
			switch f {
			case formatJSON:
				return document(w, r, p, svc)
			case formatSSE:
				return stream(w, r, p, svc, streams, q, st)
			}
			return serveExport(w, r, p, svc, f)
		},
	}
}

// classOf is that of exports, which are whole transcripts made anew, or of
// everything else.
func classOf(r *http.Request) limit.Class {
	q, err := api.ParseQuery(r)
	if err != nil {
		return limit.Standard
	}
	f, err := queried(q)
	if f == "" && err == nil {
		f = accepted(api.Choices(r.Header.Values("Accept")))
	}
	if f != "" && f.export() {
		return limit.Heavy
	}
	return limit.Standard
}

func document(w http.ResponseWriter, r *http.Request, p access.Principal, svc *capture.Service) error {
	_, body, err := svc.OpenDocument(r.Context(), p, r.PathValue("id"))
	if err != nil {
		return err
	}
	defer func() { _ = body.Close() }() // it was only read
	return api.StreamJSON(w, r, body)
}

// stream follows a session. Who has all of one that is over gets 204, at which
// an EventSource ends; it would come back for ever after another done.
func stream(w http.ResponseWriter, r *http.Request, p access.Principal, svc *capture.Service, streams Streams, q api.Query, st capture.State) error {
	id, at := r.PathValue("id"), cursorOf(r, q)
	if after, ok := api.Count(at.value); ok && after == st.LastSeq && st.Status.Terminal() {
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	out := newEvents(w, streams.Write)
	if r.Method == http.MethodHead { // the headers, and no stream
		out.open()
		return nil
	}
	lease, err := svc.Follow(r.Context(), p, st)
	if err != nil {
		return err
	}
	defer lease.End(r.Context())
	f := &follower{Streams: streams, out: out, feed: feed{
		state: func(ctx context.Context, c table.Consistency) (capture.State, error) {
			return svc.State(ctx, p, id, c)
		},
		segments: func(ctx context.Context, after int64, limit int) (capture.SegmentPage, error) {
			return svc.Segments(ctx, p, id, after, limit)
		},
		verify: func(ctx context.Context) error {
			again, err := api.Reverify(ctx, r)
			if err != nil {
				return err
			}
			lease.Renew(ctx)
			return again.Require(access.SessionsRead)
		},
	}}
	if streams.Watch != nil { // before the first look, so that nothing falls in between
		changed, leave := streams.Watch(record.In(p.Workspace, id))
		defer leave()
		f.changed = changed
	}
	return f.follow(r.Context(), at)
}

// cursorOf returns the reader's position. The header of a reconnecting
// EventSource goes first, and then the parameter that polyfills add instead of
// it to the URL they were given, which may have after.
func cursorOf(r *http.Request, q api.Query) cursor {
	if id := r.Header.Get("Last-Event-ID"); id != "" {
		return cursor{id, true}
	}
	for _, name := range []string{"lastEventId", "Last-Event-ID", "after"} {
		if q.Has(name) {
			return cursor{q.Get(name), true}
		}
	}
	return cursor{}
}
