package conversations

import (
	"net/http"

	"griot/internal/access"
	"griot/internal/api"
)

// What the published clients ask a service for and is always the same here.

// noneResponse is an object without members.
type noneResponse struct{}

// FeatureFlags is GET /api/system/feature-flags: there are none.
func FeatureFlags() api.Endpoint {
	return constant("system-feature-flags", "/api/system/feature-flags", envelope[noneResponse]{})
}

type alertsResponse struct {
	Alerts []noneResponse `json:"alerts" is:"..0"`
}

// Alerts is GET /api/alerts/active: nobody makes any.
func Alerts() api.Endpoint {
	return constant("alerts-active", "/api/alerts/active", alertsResponse{Alerts: []noneResponse{}})
}

type gateResponse struct {
	Gated bool `json:"gated" is:"of:false"`
}

// Gate is GET /api/invites/gate-status: nobody has to be invited.
func Gate() api.Endpoint {
	return constant("invites-gate-status", "/api/invites/gate-status", gateResponse{})
}

// constant is a GET that every key may ask for, with one answer.
func constant[Res any](name, path string, answer Res) api.Endpoint {
	return get(name, "", path, func(*http.Request, access.Principal) (Res, error) { return answer, nil })
}
