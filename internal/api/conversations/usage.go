package conversations

import (
	"net/http"

	"griot/internal/access"
	"griot/internal/api"
	"griot/internal/conversation/memory"
	"griot/internal/limit"
	"griot/internal/quota"
)

// limitsResponse is the usage that the published clients know, with what the
// workspace has used of its limits.
type limitsResponse struct {
	usageResponse
	Limits []limitResponse `json:"limits"`
	// What may be there at once.
	Quotas []quotaResponse `json:"quotas"`
}

type quotaResponse struct {
	Name quota.Name `json:"name"`
	// Over it what would be more is refused (`QUOTA_EXCEEDED`).
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
	ReadUnits allowedResponse `json:"readUnits"`
	// 1 KB that is written, twice in a transaction.
	WriteUnits allowedResponse `json:"writeUnits"`
	// When nothing will be used, if nothing more is asked for.
	ResetAt stamp `json:"resetAt"`
}

type allowedResponse struct {
	// What may be used at once.
	Limit float64 `json:"limit"`
	// What is left of it.
	Remaining float64 `json:"remaining"`
	// How fast that comes back.
	PerSecond float64 `json:"perSecond"`
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

// Usage is GET /api/users/me/usage.
func Usage(svc *memory.Service, dir *access.Directory) api.Endpoint {
	return get("users-me-usage", access.MemoriesRead, "/api/users/me/usage", func(r *http.Request, p access.Principal) (envelope[limitsResponse], error) {
		memories, err := usage(r, p, svc, dir.Now().UTC())
		if err != nil {
			return envelope[limitsResponse]{}, err
		}
		states, err := api.Usage(r, p)
		if err != nil {
			return envelope[limitsResponse]{}, err
		}
		uses, err := dir.Quotas(r.Context(), p.Workspace)
		return envelope[limitsResponse]{limitsResponse{*memories, each(states, newLimitResponse), each(uses, newQuotaResponse)}}, err
	})
}
