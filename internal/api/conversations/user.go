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
)

// userResponse is a workspace, seen as the one user that the clients expect
// behind a key.
type userResponse struct {
	ID string `json:"id" is:"as:uuid"`
	// Nobody's; workspaces have none.
	Email string `json:"email" is:"as:email"`
	// The workspace's name.
	FirstName            string  `json:"firstName"`
	LastName             nothing `json:"lastName"`
	ProfilePictureURL    nothing `json:"profilePictureUrl"`
	Status               string  `json:"status" is:"of:active"`
	Plan                 string  `json:"plan" is:"of:enterprise"`
	MemoryLimit          int64   `json:"memoryLimit"`
	RetentionDays        nothing `json:"retentionDays"`
	IsTestUser           bool    `json:"isTestUser" is:"of:false"`
	IsPreviewUser        bool    `json:"isPreviewUser" is:"of:false"`
	IsInternalUser       bool    `json:"isInternalUser" is:"of:false"`
	DeletionStatus       string  `json:"deletionStatus" is:"of:none"`
	DeletionScheduledFor nothing `json:"deletionScheduledFor"`
	CreatedAt            stamp   `json:"createdAt"`
	UpdatedAt            stamp   `json:"updatedAt"`
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
		Status: "active", Plan: plan, MemoryLimit: noLimit, DeletionStatus: "none",
		CreatedAt: stamp(ws.CreatedAt), UpdatedAt: stamp(ws.CreatedAt),
	}
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
