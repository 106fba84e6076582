package conversations

import (
	"net/http"
	"strings"
	"time"

	"griot/internal/access"
	"griot/internal/api"
	"griot/internal/conversation/memory"
	"griot/internal/errs"
	"griot/internal/id"
	"griot/internal/limit"
	"griot/internal/quota"
)

// userResponse is a workspace, seen as the one user that the clients expect
// behind a key.
type userResponse struct {
	ID string `json:"id" is:"as:uuid"`
	// Nobody's; workspaces have none.
	Email string `json:"email" is:"as:email"`
	// The workspace's name.
	FirstName         string  `json:"firstName"`
	LastName          nothing `json:"lastName"`
	ProfilePictureURL nothing `json:"profilePictureUrl"`
	Status            string  `json:"status" is:"of:active"`
	Plan              string  `json:"plan" is:"of:enterprise"`
	MemoryLimit       int64   `json:"memoryLimit"`
	RetentionDays     nothing `json:"retentionDays"`
	IsTestUser        bool    `json:"isTestUser" is:"of:false"`
	IsPreviewUser     bool    `json:"isPreviewUser" is:"of:false"`
	IsInternalUser    bool    `json:"isInternalUser" is:"of:false"`
	DeletionStatus    string  `json:"deletionStatus" is:"of:none|pending_deletion|deleting|deleted"`
	// When the grace of a deletion is over.
	DeletionScheduledFor *stamp `json:"deletionScheduledFor"`
	CreatedAt            stamp  `json:"createdAt"`
	UpdatedAt            stamp  `json:"updatedAt"`
}

// nothing is always null.
type nothing *struct{}

const (
	plan = "enterprise" // the one without limits
	// noLimit is the largest number that is exact in JavaScript.
	noLimit = 1<<53 - 1
)

func userID(workspace string) string { return id.DerivedUUID("user", workspace) }

func newUserResponse(ws access.Workspace) userResponse {
	return userResponse{
		ID: userID(ws.ID), FirstName: ws.Name,
		Email:  strings.ToLower(ws.ID) + "@workspace.invalid", // nobody's; the shape needs one
		Status: "active", Plan: plan, MemoryLimit: noLimit, DeletionStatus: deletionStatus(ws.Closing), DeletionScheduledFor: optional(ws.ClosesAt),
		CreatedAt: stamp(ws.CreatedAt), UpdatedAt: stamp(ws.CreatedAt),
	}
}

// deletionStatus is how the clients call it.
func deletionStatus(c access.Closing) string {
	switch c {
	case access.Pending:
		return "pending_deletion"
	case access.Ending:
		return "deleting"
	case access.Ended:
		return "deleted"
	}
	return "none"
}

type usageResponse struct {
	// Created in this calendar month.
	MemoriesUsed      int    `json:"memoriesUsed"`
	MemoryLimit       int64  `json:"memoryLimit"`
	MemoriesRemaining int64  `json:"memoriesRemaining"`
	PercentUsed       int    `json:"percentUsed"`
	Plan              string `json:"plan" is:"of:enterprise"`
	QuotaBasis        string `json:"quotaBasis" is:"of:monthly"`
	PeriodStart       stamp  `json:"periodStart"`
	PeriodEnd         stamp  `json:"periodEnd"`
}

type meResponse struct {
	Data  userResponse   `json:"data"`
	Usage *usageResponse `json:"usage,omitempty"`
}

// Me is GET /api/users/me. The usage is for keys that may read memories: it is
// counted, at a read unit per about 20 memories of this month.
func Me(svc *memory.Service, dir *access.Directory) api.Endpoint {
	return get("users-me", "", "/api/users/me", func(r *http.Request, p access.Principal) (meResponse, error) {
		ws, err := dir.Workspace(r.Context(), p.Workspace)
		if err != nil {
			return meResponse{}, err
		}
		out := meResponse{Data: newUserResponse(ws)}
		out.Usage, err = usage(r, p, svc, dir.Now().UTC())
		if errs.Is(err, errs.PermissionDenied) {
			return out, nil
		}
		return out, err
	})
}

func usage(r *http.Request, p access.Principal, svc *memory.Service, now time.Time) (*usageResponse, error) {
	month := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, time.UTC)
	found, err := svc.List(r.Context(), p, memory.ListInput{Limit: 1, From: month.Format(time.RFC3339)})
	if err != nil {
		return nil, err
	}
	return &usageResponse{
		MemoriesUsed: found.Total, MemoryLimit: noLimit, MemoriesRemaining: noLimit - int64(found.Total),
		Plan: plan, QuotaBasis: "monthly", PeriodStart: stamp(month), PeriodEnd: stamp(month.AddDate(0, 1, 0)),
	}, nil
}

type debugUserResponse envelope[debugUser]

type debugUser struct {
	UserID     string `json:"userId" is:"as:uuid"`
	AuthMethod string `json:"authMethod" is:"of:api_key"`
}

// DebugUser is GET /api/apikeys/debug-user.
func DebugUser() api.Endpoint {
	return get("apikeys-debug-user", "", "/api/apikeys/debug-user", func(_ *http.Request, p access.Principal) (debugUserResponse, error) {
		return debugUserResponse{debugUser{userID(p.Workspace), "api_key"}}, nil
	})
}

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
