package conversations

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"

	"griot/internal/access"
	"griot/internal/api"
	"griot/internal/conversation/memory"
	"griot/internal/errs"
	"griot/internal/idempotency"
	"griot/internal/limit"
)

// GetNamed is GET /api/memories/named/{name}.
func GetNamed(svc *memory.Service) api.Endpoint {
	return look("memories-named-get", access.MemoriesRead, "/api/memories/named/{name}", func(r *http.Request, p access.Principal, _ detailed) (envelope[memoryResponse], error) {
		m, err := svc.ByName(r.Context(), p, r.PathValue("name"))
		return envelope[memoryResponse]{newMemoryResponse(m)}, err
	})
}

type updateNamedRequest struct {
	memory.NamedChange
	ExpectedHeadID *string `json:"expectedHeadId" doc:"-"`
	Supersedes     *string `json:"supersedes" doc:"-"`
}

type namedResponse struct {
	Data memoryResponse `json:"data"`
	Meta namedMeta      `json:"meta"`
}

type namedMeta struct {
	Version int64 `json:"version"`
}

// UpdateNamed is PUT /api/memories/named/{name}: the next version of the
// memory that has the name, which keeps its id.
func UpdateNamed(svc *memory.Service) api.Endpoint {
	return in(limit.Heavy, withBody("memories-named-update", access.MemoriesWrite, http.MethodPut, "/api/memories/named/{name}", func(r *http.Request, p access.Principal, req updateNamedRequest) (namedResponse, error) {
		if err := req.check(); err != nil {
			return namedResponse{}, err
		}
		m, err := memory.Versions{Service: svc}.UpdateNamed(r.Context(), p, r.PathValue("name"), req.NamedChange)
		return namedResponse{newMemoryResponse(m), namedMeta{m.Version}}, err
	}))
}

// check refuses what would have to be ignored.
func (req updateNamedRequest) check() error {
	switch {
	case req.ExpectedHeadID != nil:
		return errs.Invalid("expectedHeadId", "invalid", "is not supported: all versions of a memory have its id")
	case req.Supersedes != nil:
		return errs.Invalid("supersedes", "invalid", "is not supported")
	}
	return nil
}

// AppendNamed is POST /api/memories/named/{name}/append.
func AppendNamed(svc *memory.Service) api.Endpoint {
	answer := func(m memory.Memory) (idempotency.Answer, error) {
		return api.JSONAnswer(http.StatusOK, namedResponse{newMemoryResponse(m), namedMeta{m.Version}})
	}
	return api.Post[memory.Appended, memory.Memory]{
		Name: "memories-named-append", Path: "/api/memories/named/{name}/append", Class: limit.Heavy, Needs: access.MemoriesWrite, Shape: reflect.TypeFor[namedResponse](),
		Do: func(r *http.Request, p access.Principal, in memory.Appended, claim *idempotency.Claim) (memory.Memory, error) {
			return memory.Versions{Service: svc}.Append(r.Context(), p, r.PathValue("name"), in, claim)
		},
		Answer: answer,
		// A stored answer has no words: they would have to go when the memory does.
		Keep: func(m memory.Memory) memory.Memory { return memory.Memory{ID: m.ID, Version: m.Version} },
		Replay: func(r *http.Request, p access.Principal, stored idempotency.Answer) (idempotency.Answer, error) {
			var kept struct {
				Data struct {
					ID      string
					Version int64
				}
			}
			if err := json.Unmarshal(stored.Body, &kept); err != nil {
				return idempotency.Answer{}, fmt.Errorf("decoding what is kept of an answer: %w", err)
			}
			m, err := memory.Versions{Service: svc}.AsOf(r.Context(), p, kept.Data.ID, kept.Data.Version)
			if err != nil {
				return idempotency.Answer{}, err
			}
			return answer(m)
		},
	}.Endpoint()
}

type history struct {
	Versions []versionResponse `json:"versions"`
	historyRest
}

type historyRest struct {
	Name string `json:"name" is:"as:name"`
}

type versionResponse struct {
	Version int64 `json:"version" is:"1.."`
	// The memory's own: all versions have it.
	ID             string       `json:"id" is:"as:uuid"`
	Content        string       `json:"content"`
	EffectiveState versionState `json:"effectiveState"`
	// When the memory came to say so.
	CreatedAt stamp `json:"createdAt"`
}

// versionState says whether a version is what the memory says now.
type versionState string

const (
	current    versionState = memory.Current
	superseded versionState = memory.Superseded
)

// Values returns the states.
func (versionState) Values() []string { return []string{string(current), string(superseded)} }

type historyQuery struct {
	// All that are kept unless given.
	Limit int `json:"limit" is:"1..1000"`
}

// History is GET /api/memories/named/{name}/history.
func History(svc *memory.Service) api.Endpoint {
	return getStreamed[history]("memories-named-history", access.MemoriesRead, "/api/memories/named/{name}/history",
		func(r *http.Request, p access.Principal, q historyQuery) (streamed[memory.Version, versionResponse], error) {
			m, versions, err := memory.Versions{Service: svc}.History(r.Context(), p, r.PathValue("name"), q.Limit)
			return streamed[memory.Version, versionResponse]{
				member: "versions", items: versions,
				convert: func(v memory.Version) versionResponse {
					state := superseded
					if v.Current {
						state = current
					}
					return versionResponse{v.Number, m.ID, v.Content, state, stamp(v.At)}
				},
				rest: func(int64) any { return historyRest{m.Name} },
				verify: func() error { // a deletion meanwhile makes half a history look whole
					_, err := svc.Get(r.Context(), p, m.ID)
					return err
				},
			}, err
		})
}
