// Package openapi has the document of the sessions API and checks answers
// against it in tests.
package openapi

import (
	_ "embed"
	"fmt"
	"net/http"
	"sync"

	"github.com/goccy/go-yaml"

	"griot/internal/access"
	"griot/internal/api"
)

//go:embed openapi.yaml
var source []byte

// JSON returns the document as JSON; it is converted once.
var JSON = sync.OnceValues(func() ([]byte, error) {
	body, err := yaml.YAMLToJSON(source)
	if err != nil {
		return nil, fmt.Errorf("converting the OpenAPI document: %w", err)
	}
	return body, nil
})

// Endpoint is GET /v1/openapi.json. It needs no key.
func Endpoint() api.Endpoint {
	return api.Endpoint{
		Name: "openapi-get", Method: http.MethodGet, Path: "/v1/openapi.json", Public: true,
		Serve: func(w http.ResponseWriter, r *http.Request, _ access.Principal) error {
			body, err := JSON()
			if err != nil {
				return err
			}
			return api.WriteBody(w, r, http.StatusOK, api.JSONType, body)
		},
	}
}
