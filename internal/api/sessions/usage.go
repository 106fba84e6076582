package sessions

import (
	"net/http"
	"reflect"

	"griot/internal/access"
	"griot/internal/api"
	"griot/internal/limit"
	"griot/internal/quota"
)

// usageResponse is what a workspace has used of what it may.
type usageResponse struct {
	WorkspaceID string          `json:"workspace_id"`
	Limits      []limitResponse `json:"limits"`
	// What may be there at once.
	Quotas []quotaResponse `json:"quotas"`
}

type quotaResponse struct {
	Name quota.Name `json:"name"`
	// Over it what would be more is refused (`quota_exceeded`).
	Limit int64 `json:"limit" is:"0.."`
	// Null where the quota holds for each session.
	Used *int64 `json:"used" is:"0.."`
}

func newQuotaResponse(u quota.Use) quotaResponse { return quotaResponse(u) }

type limitResponse struct {
	// As `X-RateLimit-Bucket` has it.
	Bucket string      `json:"bucket"`
	Class  limit.Class `json:"class"`
	// What one request is one of.
	Requests allowedResponse `json:"requests"`
	// 4 KB that are read.
	ReadUnits allowedResponse `json:"read_units"`
	// 1 KB that is written, twice in a transaction.
	WriteUnits allowedResponse `json:"write_units"`
	// When nothing will be used, if nothing more is asked for.
	ResetAt stamp `json:"reset_at"`
}

type allowedResponse struct {
	// What may be used at once.
	Limit float64 `json:"limit"`
	// What is left of it.
	Remaining float64 `json:"remaining"`
	// How fast that comes back.
	PerSecond float64 `json:"per_second"`
}

func newLimitResponse(s limit.State) limitResponse {
	of := func(d int) allowedResponse {
		return allowedResponse{s.Limit[d], s.Left(d), s.Rate[d]}
	}
	return limitResponse{
		Bucket: s.Bucket, Class: s.Class, ResetAt: stamp(s.Full),
		Requests: of(limit.Requests), ReadUnits: of(limit.Reads), WriteUnits: of(limit.Writes),
	}
}

// Usage is GET /v1/usage.
func Usage(dir *access.Directory) api.Endpoint {
	return api.Endpoint{
		Name: "usage-get", Method: http.MethodGet, Path: "/v1/usage", Answer: reflect.TypeFor[usageResponse](),
		Serve: func(w http.ResponseWriter, r *http.Request, p access.Principal) error {
			states, err := api.Usage(r, p)
			if err != nil {
				return err
			}
			uses, err := dir.Quotas(r.Context(), p.Workspace)
			if err != nil {
				return err
			}
			out := usageResponse{WorkspaceID: p.Workspace, Limits: make([]limitResponse, 0, len(states))}
			for _, u := range uses {
				out.Quotas = append(out.Quotas, newQuotaResponse(u))
			}
			for _, s := range states {
				out.Limits = append(out.Limits, newLimitResponse(s))
			}
			return api.WriteJSON(w, r, http.StatusOK, out)
		},
	}
}
