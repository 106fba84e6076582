// Package conversations has the routes of the conversations API (/api), one
// constructor each. Rules are in internal/conversation; here are the shapes on
// the wire, which the published MemNexus clients read unchanged.
package conversations

import (
	"net/http"
	"reflect"
	"time"

	"griot/internal/access"
	"griot/internal/api"
	"griot/internal/conversation"
	"griot/internal/limit"
)

// conversationResponse has every key always: summary may be null, but must be
// there.
type conversationResponse struct {
	ID string `json:"id"`
	// As it was given, else the first line of a memory. Then it goes with that
	// memory, by deletion or correction, and the first memory that is left gives
	// the next one; where none is, it is `Untitled`.
	Title     string  `json:"title"`
	Summary   *string `json:"summary"`
	CreatedAt stamp   `json:"createdAt"`
	UpdatedAt stamp   `json:"updatedAt"`
	// Its creation or that of its last memory.
	LastActivityAt stamp `json:"lastActivityAt"`
	MemoryCount    int64 `json:"memoryCount"`
	// As memoryCount.
	MessageCount int64 `json:"messageCount"`
	// The first and the last time that its memories are about: their eventTime, or
	// else their creation. Null where it has none.
	FirstEventTime *stamp `json:"firstEventTime"`
	LastEventTime  *stamp `json:"lastEventTime"`
	// The session that it was made from.
	SourceSessionID *string `json:"sourceSessionId"`
}

func newConversationResponse(c conversation.Conversation) conversationResponse {
	return conversationResponse{
		ID: c.ID, Title: c.Title, Summary: text(c.Summary), SourceSessionID: text(c.SourceSession),
		CreatedAt: stamp(c.CreatedAt), UpdatedAt: stamp(c.UpdatedAt), LastActivityAt: stamp(c.ActiveAt),
		MemoryCount: c.Memories, MessageCount: c.Memories, FirstEventTime: optional(c.FirstEvent), LastEventTime: optional(c.LastEvent),
	}
}

// stamp is a time on the wire: UTC with Z and milliseconds. An offset would be
// refused by the clients' own schemas.
type stamp time.Time

// MarshalText is used by encoding/json.
func (s stamp) MarshalText() ([]byte, error) {
	return time.Time(s).UTC().AppendFormat(nil, "2006-01-02T15:04:05.000Z"), nil
}

// optional is nil for the zero time.
func optional(t time.Time) *stamp {
	if t.IsZero() {
		return nil
	}
	s := stamp(t)
	return &s
}

// text is nil for "".
func text(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// envelope is what single things are wrapped in.
type envelope[T any] struct {
	Data T `json:"data"`
}

// page is a part of a list.
type page[T any] struct {
	Data       []T        `json:"data"`
	Pagination pagination `json:"pagination"`
}

// pagination repeats what was asked for; count is of all that match.
type pagination struct {
	Limit  int `json:"limit"`
	Offset int `json:"offset"`
	// Of all that match.
	Count int `json:"count"`
}

// each converts a list; it is never nil.
func each[From, To any](items []From, convert func(From) To) []To {
	out := make([]To, 0, len(items))
	for _, item := range items {
		out = append(out, convert(item))
	}
	return out
}

// get is an endpoint that answers 200 with what do returns.
func get[Res any](name string, needs access.Scope, path string, do func(r *http.Request, p access.Principal) (Res, error)) api.Endpoint {
	return api.Endpoint{
		Name: name, Method: http.MethodGet, Path: path, Needs: needs, Answer: reflect.TypeFor[Res](),
		Serve: func(w http.ResponseWriter, r *http.Request, p access.Principal) error {
			v, err := do(r, p)
			if err != nil {
				return err
			}
			return api.WriteJSON(w, r, http.StatusOK, v)
		},
	}
}

// list is an endpoint that answers 200 with what do returns for a query.
func list[Q, Res any](name string, needs access.Scope, path string, do func(r *http.Request, p access.Principal, q Q) (Res, error)) api.Endpoint {
	return api.Listing(api.Endpoint{Name: name, Method: http.MethodGet, Path: path, Needs: needs, Answer: reflect.TypeFor[Res]()},
		func(w http.ResponseWriter, r *http.Request, p access.Principal, q Q) error {
			v, err := do(r, p, q)
			if err != nil {
				return err
			}
			return api.WriteJSON(w, r, http.StatusOK, v)
		})
}

// look is get with a query, of which what is not known is ignored.
func look[Q, Res any](name string, needs access.Scope, path string, do func(r *http.Request, p access.Principal, q Q) (Res, error)) api.Endpoint {
	ep := get(name, needs, path, func(r *http.Request, p access.Principal) (res Res, err error) {
		var q Q
		if err := api.ReadKnown(r, &q); err != nil {
			return res, err
		}
		return do(r, p, q)
	})
	ep.Query = reflect.TypeFor[Q]()
	return ep
}

// withBody is an endpoint with a body that nobody needs to make repeatable: it
// only reads, or may be repeated as it is. It answers 200.
func withBody[Req, Res any](name string, needs access.Scope, method, path string, do func(r *http.Request, p access.Principal, req Req) (Res, error)) api.Endpoint {
	return api.Endpoint{
		Name: name, Method: method, Path: path, Needs: needs, Body: reflect.TypeFor[Req](), Answer: reflect.TypeFor[Res](),
		Serve: func(w http.ResponseWriter, r *http.Request, p access.Principal) error {
			body, err := api.ReadBody(w, r)
			if err != nil {
				return err
			}
			var req Req
			if err := api.Decode(body, &req); err != nil {
				return err
			}
			v, err := do(r, p, req)
			if err != nil {
				return err
			}
			return api.WriteJSON(w, r, http.StatusOK, v)
		},
	}
}

// in is the endpoint, counted against the limits of a class.
func in(class limit.Class, ep api.Endpoint) api.Endpoint {
	ep.Class = class
	return ep
}

// remove is a DELETE that answers 204.
func remove(name string, needs access.Scope, path string, do func(w http.ResponseWriter, r *http.Request, p access.Principal) error) api.Endpoint {
	return api.Endpoint{
		Name: name, Method: http.MethodDelete, Path: path, Needs: needs,
		Serve: func(w http.ResponseWriter, r *http.Request, p access.Principal) error {
			if err := do(w, r, p); err != nil {
				return err
			}
			w.WriteHeader(http.StatusNoContent)
			return nil
		},
	}
}
