// Package openapi has the document of the sessions API. It is written as
// openapi.yaml and served as openapi.json, which a test makes of it
// (go test ./internal/api/openapi -update): no function reads YAML.
package openapi

import (
	_ "embed"
	"net/http"

	"griot/internal/access"
	"griot/internal/api"
)

//go:embed openapi.json
var document []byte

// JSON returns the document as JSON.
func JSON() ([]byte, error) { return document, nil }

// Endpoint is GET /v1/openapi.json. It needs no key.
func Endpoint() api.Endpoint {
	return api.Endpoint{
		Name: "openapi-get", Method: http.MethodGet, Path: "/v1/openapi.json", Public: true,
		Serve: func(w http.ResponseWriter, r *http.Request, _ access.Principal) error {
			return api.WriteBody(w, r, http.StatusOK, api.JSONType, document)
		},
	}
}
