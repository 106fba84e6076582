// Package openapi has the documents of the two APIs. Their paths and prose are
// written as YAML; a test makes JSON of them, with what the endpoints' structs
// say (go test ./internal/api/openapi -update): no function reads YAML.
package openapi

import (
	_ "embed"
	"net/http"

	"griot/internal/access"
	"griot/internal/api"
)

//go:embed openapi.json
var sessions []byte

//go:embed conversations.json
var conversations []byte

// JSON returns the document of the sessions API as JSON.
func JSON() ([]byte, error) { return sessions, nil }

// ConversationsJSON returns the document of the conversations API as JSON.
func ConversationsJSON() ([]byte, error) { return conversations, nil }

// Endpoint is GET /v1/openapi.json. It needs no key.
func Endpoint() api.Endpoint { return serve("openapi-get", "/v1/openapi.json", sessions) }

// ConversationsEndpoint is GET /api/openapi.json. It needs no key.
func ConversationsEndpoint() api.Endpoint {
	return serve("conversations-openapi", "/api/openapi.json", conversations)
}

func serve(name, path string, document []byte) api.Endpoint {
	return api.Endpoint{
		Name: name, Method: http.MethodGet, Path: path, Public: true,
		Serve: func(w http.ResponseWriter, r *http.Request, _ access.Principal) error {
			return api.WriteBody(w, r, http.StatusOK, api.JSONType, document)
		},
	}
}
